# shellcheck shell=bash
# The folder that the node image is built from.

NODE_CONTEXT=$CACHE/work/node

# Our own files, and kind's from the module that Go downloaded.
lay_out_context() {
  local kind
  kind=$(cd "$HERE/components" && go mod download sigs.k8s.io/kind && go list -m -f '{{.Dir}}' sigs.k8s.io/kind)
  rm -rf "$NODE_CONTEXT"
  mkdir -p "$NODE_CONTEXT/bin"
  cp "$HERE"/node/{Dockerfile,10-ptp.conflist,import-images.sh} "$NODE_CONTEXT/"
  cp -r "$kind/images/base/files" "$NODE_CONTEXT/kind-files"
  find "$NODE_CONTEXT/kind-files" -type d -exec chmod 755 {} +
  find "$NODE_CONTEXT/kind-files" -type f -exec chmod 644 {} +
  chmod 755 "$NODE_CONTEXT"/kind-files/usr/local/bin/* "$NODE_CONTEXT"/kind-files/kind/bin/*
  storage_manifest "$kind/pkg/build/nodeimage/const_storage.go" >"$NODE_CONTEXT/default-storage.yaml"
}

# kind keeps the manifest of its volume provisioner as text in a Go file, with
# the two image names as constants: print that text with the names filled in.
storage_manifest() {
  awk '
    /^const storage[A-Za-z]*Image = / { gsub(/"/, "", $4); image[$2] = $4 }
    /^const defaultStorageManifest = `/ { inside = 1; next }
    inside && /^`$/ { exit }
    inside { for (name in image) gsub("` [+] " name " [+] `", image[name]); print }
  ' "$1"
}

# build_node STAGE [OPTION...]
build_node() {
  local secret=() stage=$1
  shift
  if [[ -e $CA_FILE ]]; then secret=(--secret "id=ca,src=$CA_FILE"); fi
  docker build --network host --progress plain "${secret[@]}" --target "$stage" \
    --build-arg DEBIAN_BASE="$BASE_IMAGE" --build-arg KUBERNETES_VERSION="$KUBERNETES_VERSION" "$@" "$NODE_CONTEXT"
}
