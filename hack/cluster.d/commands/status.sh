#!/usr/bin/env bash
# hack/cluster status [--output json]: which cluster, is it ready, whose daemon.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
for lib in talk programs daemon kindcluster choose; do source "$HERE/lib/$lib.sh"; done

output=text
case ${1:-} in
  '') ;;
  --output=json) output=json ;;
  --output | -o) output=${2:-} ;;
  *) die "status knows --output json, not '$1'" ;;
esac

cluster=$(which_cluster) name=$CLUSTER_NAME kubeconfig=$OUR_KUBECONFIG server=''
if [[ $cluster == user ]]; then
  name=$(user_context)
  kubeconfig=$(user_kubeconfig_file)
fi
ready_nodes=0 nodes=0
if [[ -e $kubeconfig ]] && command -v kubectl >/dev/null; then
  query() { kubectl --kubeconfig "$kubeconfig" --request-timeout=4s "$@" 2>/dev/null || true; }
  server=$(query config view --minify -o 'jsonpath={.clusters[0].cluster.server}')
  conditions=$(query get nodes -o 'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}')
  nodes=$(grep -c . <<<"$conditions" || true)
  ready_nodes=$(grep -c True <<<"$conditions" || true)
fi
daemon=$(daemon_kind)
cache_bytes=$(du -sb "$CACHE" 2>/dev/null | cut -f1 || true)
up=false
if ((nodes > 0 && nodes == ready_nodes)); then up=true; fi

if [[ $output == json ]]; then
  printf '{"cluster":"%s","name":"%s","up":%s,"server":"%s","nodes":%d,"readyNodes":%d,"kubeconfig":"%s","dockerDaemon":"%s","cache":"%s","cacheBytes":%d}\n' \
    "$cluster" "$name" "$up" "$server" "$nodes" "$ready_nodes" "$kubeconfig" "$daemon" "$CACHE" "${cache_bytes:-0}"
  exit 0
fi
case $cluster in
  user) echo "cluster        your own, context $name" ;;
  kind) echo "cluster        kind, $name" ;;
esac
if $up; then echo "nodes          $ready_nodes of $nodes ready"; else echo "nodes          $ready_nodes of $nodes ready: not up (hack/cluster up)"; fi
echo "server         ${server:-none}"
echo "kubeconfig     $kubeconfig"
case $daemon in
  ours) echo "docker daemon  started by hack/cluster; down stops it" ;;
  systemd) echo "docker daemon  started by hack/cluster through systemd; down stops it" ;;
  other) echo "docker daemon  not ours; down leaves it alone" ;;
  none) echo "docker daemon  none answers" ;;
esac
echo "cache          $CACHE, $((${cache_bytes:-0} / 1000000)) MB"
