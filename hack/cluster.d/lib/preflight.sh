# shellcheck shell=bash
# Says at once, and all together, what this machine or user lacks.

# check_rights user|kind MISSING_TOOL...
check_rights() {
  local which=$1 reason lacks=()
  shift
  while read -r reason; do lacks+=("$reason"); done < <(
    [[ $# == 0 ]] || compiler_reasons "$*"
    [[ $which == user ]] || docker_reasons
  )
  ((${#lacks[@]})) || return 0
  say "hack/cluster cannot go on:"
  for reason in "${lacks[@]}"; do say "  - $reason"; done
  exit 1
}

# Missing command-line tools are compiled, which takes Go.
compiler_reasons() {
  have go || echo "not on PATH: $1. Install them, or Go $GO_MINIMUM or newer, with which hack/cluster compiles them."
}

docker_reasons() {
  if is_root; then
    docker_answers || command -v dockerd >/dev/null || command -v apt-get >/dev/null \
      || echo "Docker is not installed, and there is no apt-get to install it with."
    return 0
  fi
  if ! command -v docker >/dev/null; then
    echo "Docker is not installed: install it (package docker.io on Debian and Ubuntu), or run this once as root."
  elif ! docker_answers; then
    echo "No Docker daemon answers: start it (systemctl start docker), and be in the group docker, or run this as root."
  elif ! choose_docker_client; then
    echo "This docker client cannot build with BuildKit: install buildx (package docker-buildx)."
  fi
}

# What only the local build of the node image needs.
check_build_rights() {
  local lacks=()
  have go || lacks+=("Go $GO_MINIMUM or newer")
  is_root || command -v mmdebstrap >/dev/null || lacks+=("mmdebstrap (a Debian package)")
  is_root || command -v jq >/dev/null || lacks+=("jq")
  ((${#lacks[@]})) || return 0
  say "hack/cluster cannot go on: no image registry answers, so the node image must be built here. Missing for that:"
  local lack
  for lack in "${lacks[@]}"; do say "  - $lack"; done
  exit 1
}
