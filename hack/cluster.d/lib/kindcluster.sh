# shellcheck shell=bash
# Our own kind cluster: is it there, does it work?

kind_created() { [[ -e $CLUSTER_MARK ]]; }

node_state() {
  local state
  state=$(docker container inspect --format '{{.State.Status}}' "$NODE" 2>/dev/null) || state=absent
  echo "$state"
}

our_kubectl() { kubectl --kubeconfig "$OUR_KUBECONFIG" --request-timeout=5s "$@"; }

node_ready() {
  [[ $(our_kubectl get nodes -o 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) == True ]]
}

# Created to the end, if perhaps not running now.
kind_complete() { [[ $(cat "$CLUSTER_MARK" 2>/dev/null) == ready && -e $OUR_KUBECONFIG ]]; }

kind_ready() { kind_complete && have kubectl && node_ready; }

mark_ready() {
  echo ready >"$CLUSTER_MARK.new"
  mv "$CLUSTER_MARK.new" "$CLUSTER_MARK"
}

wait_for_node() {
  local seconds
  for ((seconds = 0; seconds < $1; seconds++)); do
    node_ready && return 0
    sleep 1
  done
  return 1
}

wait_for_services() {
  our_kubectl -n kube-system scale deployment coredns --replicas=1 # one node needs one
  our_kubectl -n kube-system rollout status deployment coredns --timeout=120s --request-timeout=0
  our_kubectl -n local-path-storage rollout status deployment local-path-provisioner --timeout=120s --request-timeout=0
}
