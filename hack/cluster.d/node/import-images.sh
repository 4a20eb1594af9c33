#!/usr/bin/env bash
# Runs inside the node image build. Wraps each compiled component in an OCI
# image under the name that kubeadm expects, and imports all of them into the
# containerd of the node, so that the cluster starts without pulling anything.
set -euo pipefail

context=$1 kubernetes_version=$2
work=$(mktemp -d)
layout=$work/layout
blobs=$layout/blobs/sha256
mkdir -p "$blobs"
manifests=()

# blob FILE MEDIA_TYPE: moves FILE into the layout, prints its descriptor.
blob() {
  local digest size
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  size=$(stat -c %s "$1")
  mv "$1" "$blobs/$digest"
  jq -cn --arg type "$2" --arg digest "sha256:$digest" --argjson size "$size" \
    '{mediaType: $type, digest: $digest, size: $size}'
}

# image NAME ROOT CMD: adds an image of the file tree ROOT to the layout.
image() {
  local name=$1 root=$2 command=$3 layer config manifest
  tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$work/layer" .
  layer=$(blob "$work/layer" application/vnd.oci.image.layer.v1.tar)
  jq -cn --argjson layer "$layer" --arg command "$command" '{architecture: $ARGS.named.arch, os: "linux",
    config: {Entrypoint: [$command], Env: ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},
    rootfs: {type: "layers", diff_ids: [$layer.digest]}}' --arg arch "$(dpkg --print-architecture)" >"$work/config"
  config=$(blob "$work/config" application/vnd.oci.image.config.v1+json)
  jq -cn --argjson config "$config" --argjson layer "$layer" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: [$layer]}' >"$work/manifest"
  manifest=$(blob "$work/manifest" application/vnd.oci.image.manifest.v1+json)
  manifests+=("$(jq -c --arg name "$name" '.annotations = {"io.containerd.image.name": $name}' <<<"$manifest")")
}

# program NAME BINARY: an image that holds nothing but one static program.
program() {
  local root=$work/root/${2##*/}
  mkdir -p "$root/usr/local/bin" "$root/tmp"
  cp "$2" "$root/usr/local/bin/"
  image "$1" "$root" "/usr/local/bin/${2##*/}"
}

# Fills ROOT with iptables and the libraries it loads.
iptables_root() {
  local root=$1
  mkdir -p "$root/usr/sbin" "$root/run" "$root/etc"
  { ls /usr/sbin/xtables-nft-multi /usr/sbin/iptables-nft* /usr/sbin/ip6tables-nft* /usr/lib/*/xtables/*.so
    ldd /usr/sbin/xtables-nft-multi /usr/lib/*/xtables/*.so | grep -o '/[^ :]*\.so[^ :]*' | sort -u
  } | tar -chf - --hard-dereference -T - 2>/dev/null | tar -C "$root" -xf -
  local tool
  for tool in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
    ln -sf xtables-nft-multi "$root/usr/sbin/$tool"
  done
  ln -sf xtables-nft-multi "$root/usr/sbin/iptables-nft"
}

required_images() {
  kubeadm config images list --kubernetes-version "$kubernetes_version"
}

add_control_plane() {
  local name component
  while read -r name; do
    component=${name##*/} component=${component%%:*}
    case $component in
      pause) ;; # the name that counts is the one in containerd's configuration
      kube-proxy) add_kube_proxy "$name" ;;
      *) program "$name" "$context/bin/$component" ;;
    esac
  done < <(required_images)
  program "$(sed -n 's/.*sandbox_image = "\(.*\)"/\1/p' /etc/containerd/config.toml)" "$context/bin/pause"
}

add_kube_proxy() {
  iptables_root "$work/root/kube-proxy"
  program "$1" "$context/bin/kube-proxy"
}

add_storage() {
  local names root=$work/root/helper
  mapfile -t names < <(grep -o 'docker.io/[^ ]*' /kind/manifests/default-storage.yaml | sort -u)
  program "$(printf '%s\n' "${names[@]}" | grep provisioner)" "$context/bin/local-path-provisioner"
  mkdir -p "$root/bin"
  cp /bin/busybox "$root/bin/"
  local applet
  for applet in sh mkdir rm ls cat chmod; do ln -s busybox "$root/bin/$applet"; done
  image "$(printf '%s\n' "${names[@]}" | grep helper)" "$root" /bin/sh
}

import() {
  echo '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
  printf '%s\n' "${manifests[@]}" | jq -s '{schemaVersion: 2, manifests: .}' >"$layout/index.json"
  containerd >"$work/containerd.log" 2>&1 &
  local containerd=$!
  for _ in {1..100}; do
    ctr version >/dev/null 2>&1 && break
    sleep 0.1
  done
  tar -C "$layout" -cf - . | ctr -n k8s.io images import --all-platforms --no-unpack --digests - || {
    cat "$work/containerd.log" >&2
    return 1
  }
  kill "$containerd"
  wait "$containerd" || true
}

add_control_plane
add_storage
import
rm -rf "$work" /run/containerd
