# shellcheck shell=bash
# What people read. Everything but results goes to standard error, so that
# `$(hack/cluster kubeconfig)` and `eval "$(hack/cluster env)"` stay clean.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "hack/cluster: $*"
  exit 1
}

is_terminal() { [[ -t 2 && ${TERM:-dumb} != dumb && -z ${CI:-} ]]; }

# duration SECONDS: 7 s, 3 min 05 s
duration() {
  if (($1 < 60)); then printf '%d s' "$1"; else printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); fi
}
