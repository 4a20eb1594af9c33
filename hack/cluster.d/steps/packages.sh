#!/usr/bin/env bash
# Installs the Debian packages that a machine without a Docker daemon lacks.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
source "$HERE/lib/talk.sh"
source "$HERE/lib/programs.sh"

packages=()
if ! choose_docker_client || ! { docker_answers || command -v dockerd >/dev/null; }; then packages+=(docker.io); fi
command -v jq >/dev/null || packages+=(jq)
command -v mmdebstrap >/dev/null || packages+=(mmdebstrap)

if ((${#packages[@]} == 0)); then
  echo "already there" >"$STEP_NOTE"
  exit 0
fi
install_packages() { apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; }
export DEBIAN_FRONTEND=noninteractive
dpkg --configure -a # where an earlier installation was interrupted
apt-get update
install_packages "${packages[@]}"
# Newer Debian and Ubuntu releases have BuildKit's client in a package of its own.
choose_docker_client || install_packages docker-buildx
choose_docker_client || die "no docker client here can build with BuildKit"
echo "${packages[*]}" >"$STEP_NOTE"
