#!/usr/bin/env bash
# Creates the kind cluster and waits until names resolve and volumes can be had.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
source "$HERE/lib/programs.sh"
source "$HERE/lib/kindcluster.sh"

options=()
if [[ $(cat "$CACHE/work/mode") == build ]]; then options=(--image "$(node_image)" --config "$HERE/node/kind.yaml"); fi
# What an interrupted creation left behind; only a cluster with our mark.
if kind_created; then kind delete cluster --name "$CLUSTER_NAME" --kubeconfig "$OUR_KUBECONFIG"; fi
if [[ $(node_state) != absent ]]; then
  echo "There is a kind cluster '$CLUSTER_NAME' that hack/cluster did not create; set CLUSTER_NAME to another name." >&2
  exit 1
fi
echo creating >"$CLUSTER_MARK"
kind create cluster --name "$CLUSTER_NAME" --kubeconfig "$OUR_KUBECONFIG" --wait 180s "${options[@]}"

wait_for_services
mark_ready
