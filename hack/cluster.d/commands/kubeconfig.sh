#!/usr/bin/env bash
# hack/cluster kubeconfig: prints the path of a kubeconfig file, and only that.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
for lib in talk programs kindcluster choose; do source "$HERE/lib/$lib.sh"; done

which=$(which_cluster)
if [[ $which == user ]]; then
  user_kubeconfig_file
else
  [[ -e $OUR_KUBECONFIG ]] || die "there is no cluster yet: run hack/cluster up"
  echo "$OUR_KUBECONFIG"
fi
