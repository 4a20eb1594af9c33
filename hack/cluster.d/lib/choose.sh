# shellcheck shell=bash
# Which cluster: the user's own if it answers, else kind.

# The kubeconfig that the user's own kubectl would read, unless it is ours.
user_kubeconfig() {
  local files=${KUBECONFIG:-$HOME/.kube/config}
  [[ $files != "$OUR_KUBECONFIG" ]] || return 1
  [[ $files == *:* || -e $files ]] || return 1
  echo "$files"
}

user_kubectl() {
  local files
  files=$(user_kubeconfig) || return 1
  KUBECONFIG=$files kubectl ${CLUSTER_CONTEXT:+--context "$CLUSTER_CONTEXT"} --request-timeout=4s "$@"
}

user_context() {
  if [[ -n ${CLUSTER_CONTEXT:-} ]]; then echo "$CLUSTER_CONTEXT"; else user_kubectl config current-context 2>/dev/null; fi
}

# which_cluster: prints "user" or "kind". CLUSTER=user|kind in the environment decides for you.
which_cluster() {
  case ${CLUSTER:-auto} in
    kind) echo kind ;;
    user) echo user ;;
    auto) if user_cluster_answers; then echo user; else echo kind; fi ;;
    *) die "CLUSTER must be auto, kind or user, not '$CLUSTER'" ;;
  esac
}

user_cluster_answers() {
  local files context
  files=$(user_kubeconfig) && command -v kubectl >/dev/null && context=$(user_context) && [[ -n $context ]] || return 1
  user_kubectl get --raw=/readyz >/dev/null 2>&1 && return 0
  if [[ -n ${CLUSTER_CONTEXT:-} ]]; then
    die "the cluster of context '$CLUSTER_CONTEXT' in $files does not answer"
  fi
  say "The cluster of context '$context' in $files does not answer; using kind."
  return 1
}

# One file that means exactly the user's chosen context.
user_kubeconfig_file() {
  local files
  files=$(user_kubeconfig) || die "no kubeconfig of your own was found"
  if [[ -z ${CLUSTER_CONTEXT:-} && $files != *:* ]]; then
    echo "$files"
    return
  fi
  (umask 077 && user_kubectl config view --minify --flatten >"$CACHE/kubeconfig-user.new")
  mv "$CACHE/kubeconfig-user.new" "$CACHE/kubeconfig-user"
  echo "$CACHE/kubeconfig-user"
}
