#!/usr/bin/env bash
# Compiles the programs named in work/programs, all in one go build: Go then
# keeps every core busy and compiles each shared package once. The build cache
# stays until the cluster is up, so an interrupted compile goes on where it was.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
source "$HERE/lib/components.sh"

mapfile -t programs <"$CACHE/work/programs"
target=$(components_dir)
mkdir -p "$target"
go_environment

packages=()
for program in "${programs[@]}"; do packages+=("$(package_of "$program")"); done

minor=${KUBERNETES_VERSION#v1.} version=k8s.io/component-base/version
flags="-s -w -X $version.gitVersion=$KUBERNETES_VERSION -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*}"
flags+=" -X helm.sh/helm/v3/internal/version.version=$(go list -m -f '{{.Version}}' helm.sh/helm/v3)"

show_stage() {
  local total
  total=$(wc -l <"$CACHE/work/packages")
  while sleep 1; do
    echo "$(wc -l <"$partial.log") of $total packages, $(find "$partial" -type f | wc -l) of ${#programs[@]} programs" >"$STEP_STAGE"
  done
}

partial=$CACHE/work/programs.partial
rm -rf "$partial"
mkdir "$partial"
: >"$partial.log"
show_stage &
trap 'kill %1 2>/dev/null' EXIT
# No debug information is compiled, as the linker would drop it anyway.
go build -v -gcflags=all=-dwarf=false -ldflags "$flags" -o "$partial/" "${packages[@]}" 2> >(tee "$partial.log" >&2)
mv "$partial"/* "$target/"
rm -rf "$partial" "$partial.log"
