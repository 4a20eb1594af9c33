#!/usr/bin/env bash
# hack/cluster up: the user's own cluster, or else a kind cluster.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
for lib in talk lock programs components kindcluster choose steps preflight; do source "$HERE/lib/$lib.sh"; done

main() {
  WHICH=$(which_cluster)
  mapfile -t TOOLS < <(needed_tools)
  if is_up; then
    announce
    return
  fi
  take_lock
  mkdir -p "$CACHE/work"
  check_rights "$WHICH" "${TOOLS[@]}"
  start_run
  if [[ $WHICH == user ]]; then user_tools; else kind_cluster; fi
  clean_up
  stop_run
  if [[ -e $RUN/times ]]; then show_times; fi
  announce
}

needed_tools() {
  if [[ $WHICH == user ]]; then missing_tools helm kubectl; else missing_tools kind helm kubectl; fi
}

is_up() {
  tools_there "${TOOLS[@]}" || return 1
  if [[ $WHICH == user ]]; then user_docker; else kind_ready && choose_docker_client; fi
}

announce() {
  if [[ $WHICH == user ]]; then
    say "Using your own cluster, context $(user_context) in $(user_kubeconfig); nothing was created."
    say "(CLUSTER=kind makes a local one instead.)"
  else
    say "The kind cluster '$CLUSTER_NAME' is up. eval \"\$(hack/cluster env)\" points kubectl and helm at it."
  fi
}

user_tools() {
  compile_programs "${TOOLS[@]}"
  user_docker
}

# A cluster of one's own needs no docker; who builds images for it does.
user_docker() {
  mkdir -p "$CACHE/bin"
  choose_docker_client || say "No docker client here can build images: install docker-buildx."
}

kind_cluster() {
  if ! { choose_docker_client && docker_answers; }; then
    say "No Docker daemon answers here; starting one."
    local lanes=(prepare_docker)
    if ! kind_complete && plan "${TOOLS[@]}" "${NODE_PROGRAMS[@]}"; then lanes+=(fetch_modules); fi
    run_lanes "${lanes[@]}"
  fi
  if kind_complete && [[ $(node_state) != absent ]]; then
    compile_programs "${TOOLS[@]}"
    run_lanes wake_cluster
    if kind_complete; then return; fi
  fi
  decide_node_image
  if [[ $(cat "$CACHE/work/mode") == build ]]; then build_node_image; else compile_programs "${TOOLS[@]}"; fi
  run_lanes create_cluster
}

# "build" where the node image was built already or no registry answers.
decide_node_image() {
  local mode=${CLUSTER_NODE_IMAGE:-auto}
  if [[ $mode == auto ]]; then
    if docker image inspect "$(node_image)" >/dev/null 2>&1; then
      mode=build
    elif timeout 30 docker pull -q hello-world >/dev/null 2>&1; then
      mode=pull
    else
      mode=build
      say "No image registry answers; the node image is built here, once."
    fi
  fi
  echo "$mode" >"$CACHE/work/mode"
}

build_node_image() {
  check_build_rights
  if docker image inspect "$(node_image)" >/dev/null 2>&1; then
    compile_programs "${TOOLS[@]}"
    run_lanes make_base_image
    return
  fi
  local lanes=(make_node_base)
  if plan "${TOOLS[@]}" "${NODE_PROGRAMS[@]}"; then lanes+=(compile); fi
  run_lanes "${lanes[@]}"
  link_tools "${TOOLS[@]}"
  run_lanes make_node_image
}

prepare_docker() { step packages "Debian packages" && step dockerd "Docker daemon"; }
fetch_modules() { step modules "Go modules"; }
compile() { fetch_modules && step compile "Kubernetes and tools from source"; }
make_base_image() { step packages "Debian packages" && step base-image "base image $BASE_IMAGE"; }
make_node_base() { make_base_image && step node-base "node image, without Kubernetes"; }
make_node_image() { step node-image "node image"; }
create_cluster() { step create "kind cluster"; }
wake_cluster() { step wake "kind cluster"; }

# Compiles just these, where they are not there yet.
compile_programs() {
  if tools_there "$@"; then return; fi
  if plan "$@"; then run_lanes compile; fi
  link_tools "${TOOLS[@]}"
}

# plan PROGRAM...: notes those that are not compiled yet; fails if there are none.
plan() {
  local program
  for program in $(printf '%s\n' "$@" | sort -u); do
    [[ -x $(components_dir)/$program ]] || echo "$program"
  done >"$CACHE/work/programs"
  [[ -s $CACHE/work/programs ]]
}

# Several gigabytes of Go build cache serve nobody after the build, nor do
# programs of other versions, but for those that bin/ still points at.
clean_up() {
  [[ -n ${CLUSTER_KEEP_GO_CACHE:-} ]] || rm -rf "$CACHE/go-build"
  rm -rf "$CACHE/work"
  local dir used
  used=$(find "$CACHE/bin" -type l -printf '%l\n')
  for dir in "$CACHE"/components/*; do
    [[ $dir == "$(components_dir)" || $used == *"$dir/"* ]] || rm -rf "$dir"
  done
}

main
