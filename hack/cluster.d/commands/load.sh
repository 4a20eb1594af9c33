#!/usr/bin/env bash
# hack/cluster load IMAGE...: makes local docker images available in the cluster.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
for lib in talk programs kindcluster choose; do source "$HERE/lib/$lib.sh"; done

# The names of the kind nodes that the chosen cluster runs on, if it is kind's.
kind_nodes() {
  local name=$CLUSTER_NAME context
  if [[ $WHICH == user ]]; then
    context=$(user_context)
    [[ $context == kind-* ]] || return 0
    name=${context#kind-}
  fi
  docker ps --format '{{.Names}}' --filter "label=io.x-k8s.kind.cluster=$name"
}

# Docker leaves out what containerd writes out.
full_name() {
  local name=$1
  [[ ${name##*/} == *:* ]] || name=$name:latest
  case $name in
    *.*/* | *:*/* | localhost/*) echo "$name" ;;
    */*) echo "docker.io/$name" ;;
    *) echo "docker.io/library/$name" ;;
  esac
}

# Does the node have this name with this image? containerd lists an image by
# its name and by its ID, each with the digest of the same manifest.
on_node() {
  awk -v name="$(full_name "$2")" -v id="$(docker image inspect --format '{{.Id}}' "$2")" '
    $1 == name { wanted = $3 } $1 == id { found = $3 }
    END { exit !(wanted != "" && wanted == found) }' <<<"$(docker exec "$1" ctr -n k8s.io images ls)"
}

load_into() {
  local node=$1 image missing=() began=$SECONDS
  shift
  for image in "$@"; do
    if on_node "$node" "$image"; then say "$image is on $node already."; else missing+=("$image"); fi
  done
  ((${#missing[@]})) || return 0
  docker save "${missing[@]}" | docker exec -i "$node" ctr -n k8s.io images import --digests - >/dev/null
  say "Loaded ${missing[*]} into $node in $(duration $((SECONDS - began)))."
}

push() {
  [[ -n ${IMAGE_REGISTRY:-} ]] || die "your cluster takes its images from a registry. Set IMAGE_REGISTRY (such as registry.example.org/team) to have them tagged and pushed there, and make its pods use that name."
  local image target
  for image in "$@"; do
    target=${IMAGE_REGISTRY%/}/${image##*/}
    docker tag "$image" "$target"
    docker push -q "$target" >&2
    say "Pushed $target."
  done
}

(($#)) || die "load needs the name of at least one image"
for image in "$@"; do
  docker image inspect "$image" >/dev/null 2>&1 || die "docker has no image '$image'"
done
WHICH=$(which_cluster)
nodes=$(kind_nodes)
if [[ -n $nodes ]]; then
  for node in $nodes; do load_into "$node" "$@"; done
elif [[ $WHICH == user ]]; then
  push "$@"
else
  die "there is no cluster yet: run hack/cluster up"
fi
