#!/usr/bin/env bash
# Builds the part of the node image that needs no compiled program.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
source "$HERE/lib/components.sh"
source "$HERE/lib/nodecontext.sh"

lay_out_context
build_node base
