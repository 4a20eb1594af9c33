#!/usr/bin/env bash
# Starts the node of a cluster that was stopped, by a restart of Docker say.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
source "$HERE/lib/programs.sh"
source "$HERE/lib/kindcluster.sh"

case $(node_state) in
  paused) docker unpause "$NODE" ;;
  exited | created) docker start "$NODE" ;;
esac
if wait_for_node 90 && wait_for_services; then
  echo "woken up" >"$STEP_NOTE"
else
  echo "does not wake up" >"$STEP_NOTE"
  echo creating >"$CLUSTER_MARK" # so that it is made again
fi
