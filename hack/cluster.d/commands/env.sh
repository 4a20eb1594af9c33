#!/usr/bin/env bash
# hack/cluster env: shell lines that put kubectl, helm, kind and a docker that
# builds with BuildKit on PATH, and point them at the cluster.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
for lib in talk programs kindcluster choose; do source "$HERE/lib/$lib.sh"; done

kubeconfig=$OUR_KUBECONFIG
which=$(which_cluster)
if [[ $which == user ]]; then kubeconfig=$(user_kubeconfig_file); fi
# shellcheck disable=SC2016 # the reader's shell expands $PATH
printf 'export PATH=%q:"$PATH"\n' "$CACHE/bin"
printf 'export KUBECONFIG=%q\n' "$kubeconfig"
printf 'export DOCKER_BUILDKIT=1\n'
