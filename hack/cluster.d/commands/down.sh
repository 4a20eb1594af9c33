#!/usr/bin/env bash
# hack/cluster down: deletes what `up` created, and nothing else. With --all
# the node image and the cache go too, and the next `up` starts from nothing.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
for lib in talk lock programs daemon kindcluster; do source "$HERE/lib/$lib.sh"; done

[[ -z ${1:-} || $1 == --all ]] || die "down knows --all, not '$1'"
take_lock
if kind_created && ! docker_answers && [[ $(cat "$DAEMON_DIR/started" 2>/dev/null) == ours ]]; then
  # Our daemon was killed; its containers can only be deleted through it.
  start_daemon
  wait_for_daemon || die "the Docker daemon does not answer; its log is $DAEMON_DIR/log"
fi
if kind_created; then
  docker_answers || die "the Docker daemon does not answer, so the cluster '$CLUSTER_NAME' cannot be deleted"
  kind delete cluster --name "$CLUSTER_NAME" --kubeconfig "$OUR_KUBECONFIG"
  rm -f "$CLUSTER_MARK" "$OUR_KUBECONFIG"
  say "Deleted the kind cluster '$CLUSTER_NAME'."
else
  say "There is no cluster of ours to delete."
fi
if [[ ${1:-} == --all ]] && docker_answers; then
  # Those that a container still uses stay.
  docker images --format '{{.Repository}}:{{.Tag}}' batterysim-node | xargs -rn1 docker rmi >/dev/null 2>&1 || true
fi
if compgen -G "$CACHE/cluster-*" >/dev/null; then
  say "Other clusters of ours are there; the Docker daemon goes on."
elif stop_daemon; then
  say "Stopped the Docker daemon that hack/cluster had started."
fi
if [[ ${1:-} == --all ]]; then
  rm -rf "$CACHE"
  say "Deleted the cache $CACHE."
fi
