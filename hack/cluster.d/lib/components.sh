# shellcheck shell=bash
# The Go programs: which there are, and the package that each is built from.

# shellcheck disable=SC2034 # used by commands/up.sh and steps/node-image.sh
NODE_PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kube-proxy
  kubelet kubeadm kubectl etcd coredns local-path-provisioner pause)

package_of() {
  case $1 in
    kind) echo sigs.k8s.io/kind ;;
    helm) echo helm.sh/helm/v3/cmd/helm ;;
    kube*) echo "k8s.io/kubernetes/cmd/$1" ;;
    *) echo "./$1" ;;
  esac
}

# Every Go call of ours: one module, one build cache, nothing from the user's
# own Go settings that could change the result.
go_environment() {
  export GOFLAGS='-mod=readonly -buildvcs=false -trimpath' GOWORK=off CGO_ENABLED=0
  export GOCACHE=$CACHE/go-build
  # The compiler collects its garbage four times less often: memory for time.
  export GOGC=400
  cd "$CACHE/work/components" || exit
}
