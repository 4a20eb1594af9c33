# shellcheck shell=bash
# Which programs are here, and are they good enough?

is_root() { ((EUID == 0)); }

# at_least HAVE WANT: compares versions such as v1.34.4 and 1.33.
at_least() { printf '%s\n%s\n' "${2#v}" "${1#v}" | sort -CV; }

version_of() {
  case $1 in
    go) go env GOVERSION | sed 's/^go//' ;;
    kind) kind version -q ;;
    helm) helm version --template '{{.Version}}' ;;
    kubectl) kubectl version --client 2>/dev/null | sed -n 's/^Client Version: //p' ;;
  esac 2>/dev/null
}

# have PROGRAM: on PATH, and not older than versions.env asks for.
have() {
  local minimum=${1^^}_MINIMUM version
  command -v "$1" >/dev/null || return 1
  [[ -n ${!minimum:-} ]] || return 0
  version=$(version_of "$1") && [[ -n $version ]] && at_least "$version" "${!minimum}"
}

# missing_tools TOOL...: those that the user's own PATH does not have.
missing_tools() {
  local tool
  for tool in "$@"; do (PATH=$PATH_WITHOUT_OURS have "$tool") || echo "$tool"; done
}

# Points the cache's bin/ at the compiled tools that the user's PATH lacks.
link_tools() {
  local tool
  for tool in "$@"; do ln -sfn "$(components_dir)/$tool" "$CACHE/bin/$tool"; done
}

tools_there() {
  local tool
  for tool in "$@"; do [[ -x $CACHE/bin/$tool ]] || return 1; done
}

# builds_images DOCKER: can this client build with BuildKit (secret mounts)?
# Up to version 22 the client does it by itself; later ones need buildx.
builds_images() {
  local version
  version=$("$1" version --format '{{.Client.Version}}' 2>/dev/null) || version=${version:-0}
  [[ -n $version && $version != 0 ]] || return 1
  if at_least "$version" 23; then
    "$1" buildx version >/dev/null 2>&1
  else
    at_least "$version" 20.10
  fi
}

# Puts the first docker client that builds images first on PATH, by a link.
choose_docker_client() {
  local client chosen=
  while read -r client; do
    [[ $client == "$CACHE/bin/docker" ]] && continue
    if builds_images "$client"; then
      chosen=$client
      break
    fi
  done < <(type -ap docker)
  [[ -n $chosen ]] || return 1
  if [[ $chosen == "$(type -ap docker | grep -vFx "$CACHE/bin/docker" | head -1)" ]]; then
    rm -f "$CACHE/bin/docker"
  else
    ln -sfn "$chosen" "$CACHE/bin/docker"
  fi
  hash -r
}

docker_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
