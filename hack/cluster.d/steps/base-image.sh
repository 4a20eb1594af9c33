#!/usr/bin/env bash
# Makes debian:bookworm-slim from Debian packages, where it cannot be pulled:
# the base of the node image and of the project's own images.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"

if docker image inspect "$BASE_IMAGE" >/dev/null 2>&1; then
  echo "already there" >"$STEP_NOTE"
  exit 0
fi

# Where the host runs the same release, its mirrors are the ones that work here.
sources=()
host_sources=/etc/apt/sources.list.d/debian.sources
if [[ -n ${CLUSTER_DEBIAN_MIRROR:-} ]]; then
  sources=("$CLUSTER_DEBIAN_MIRROR")
elif [[ -e $host_sources ]] && grep -q "VERSION_CODENAME=$DEBIAN_RELEASE" /etc/os-release; then
  sources=("$host_sources")
fi

mkdir -p "$CACHE/work"
rootfs=$CACHE/work/base.tar
# As Debian's own slim image: no manuals, no translations, no documentation.
mmdebstrap --variant=minbase \
  --aptopt='Acquire::Languages "none"' \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  "$DEBIAN_RELEASE" "$rootfs" "${sources[@]}"
docker import --change 'CMD ["bash"]' \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  "$rootfs" "$BASE_IMAGE"
rm -f "$rootfs"
