#!/usr/bin/env bash
# Downloads the Go modules and lays out the source that compile.sh builds.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
source "$HERE/lib/components.sh"

work=$CACHE/work/components
rm -rf "$work"
mkdir -p "$work"
cp -r "$HERE/components/." "$work/"
go_environment

grep -q "k8s.io/kubernetes $KUBERNETES_VERSION\$" go.mod || {
  echo "components/go.mod is not at Kubernetes $KUBERNETES_VERSION, as versions.env says" >&2
  exit 1
}

# The volume provisioner imports logrus by the name it had until 2017. In one
# build with programs that use today's name Go refuses that, so its three
# files are built from a copy with the name put right.
go mod download github.com/rancher/local-path-provisioner
source_dir=$(go list -m -f '{{.Dir}}' github.com/rancher/local-path-provisioner)
mkdir local-path-provisioner
for file in main provisioner util; do
  sed 's#"github.com/Sirupsen/logrus"#"github.com/sirupsen/logrus"#' "$source_dir/$file.go" >"local-path-provisioner/$file.go"
done

# Listing every package downloads every module that is really needed, and says
# how many packages there are to compile.
packages=()
while read -r program; do packages+=("$(package_of "$program")"); done <"$CACHE/work/programs"
go list -deps "${packages[@]}" >"$CACHE/work/packages"
