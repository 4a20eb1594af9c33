#!/usr/bin/env bash
# Puts the compiled programs into the node image.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
source "$HERE/lib/components.sh"
source "$HERE/lib/nodecontext.sh"

lay_out_context
programs=$(components_dir)
for program in "${NODE_PROGRAMS[@]}"; do ln "$programs/$program" "$NODE_CONTEXT/bin/"; done
build_node node --tag "$(node_image)"
rm -rf "$NODE_CONTEXT"

# Node images of other versions are of no use any more.
docker images --format '{{.Repository}}:{{.Tag}}' batterysim-node \
  | grep -vFx "$(node_image)" | xargs -r docker rmi >/dev/null 2>&1 || true
