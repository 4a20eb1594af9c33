# shellcheck shell=bash
# Where things are. Sourced by every script of hack/cluster.
# shellcheck disable=SC2034 # what is set here is used elsewhere

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=../versions.env
source "$HERE/versions.env"

CLUSTER_NAME=${CLUSTER_NAME:-batterysim}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/batterysim
OUR_KUBECONFIG=$CACHE/kubeconfig-$CLUSTER_NAME
# Exists from before `kind create` until after `kind delete`; says "ready"
# only when creation ended well, so a half-created cluster is recognised.
CLUSTER_MARK=$CACHE/cluster-$CLUSTER_NAME
DAEMON_DIR=$CACHE/dockerd
NODE=$CLUSTER_NAME-control-plane
BASE_IMAGE=${CLUSTER_BASE_IMAGE:-debian:$DEBIAN_RELEASE-slim}
CA_FILE=${CLUSTER_CA_FILE:-${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}}

mkdir -p "$CACHE/bin" "$CACHE/log" "$DAEMON_DIR"
PATH_WITHOUT_OURS=${PATH//$CACHE\/bin:/}
export PATH=$CACHE/bin:$PATH_WITHOUT_OURS
export DOCKER_BUILDKIT=1

# hash_of FILE...: a short name for the contents of the files and folders.
hash_of() {
  find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum | cut -c1-12
}

# Compiled programs are kept by what they are made of, not by the scripts that
# make them, so that a better script does not cost everybody a new compile.
components_key() { hash_of "$HERE/components" "$HERE/versions.env"; }
components_dir() { echo "$CACHE/components/$(components_key)"; }

# The node image is named after everything that goes into it.
node_image() {
  local inputs
  inputs=$(components_key; hash_of "$HERE/node")
  echo "batterysim-node:$KUBERNETES_VERSION-$(sha256sum <<<"$inputs" | cut -c1-12)"
}
