# shellcheck shell=bash
# A Go program that is compiled once, into the cache. Needs settings.sh, talk.sh and programs.sh.

# compile_once TITLE SOURCE PACKAGE PROGRAM: compiles PACKAGE, which the go.mod in the folder SOURCE pins, to
# the file PROGRAM, if it is not there. One at a time compiles; the others wait and find it done.
compile_once() {
  local title=$1 source=$2 package=$3 program=$4 began=$SECONDS log
  [[ ! -x $program ]] || return 0
  have go || give_up "compiling $title takes Go $GO_MINIMUM or newer, which is not on PATH."
  mkdir -p "${program%/*}"
  log=${program%/*}/log
  exec 8>>"${program%/*}/lock"
  flock 8
  [[ ! -x $program ]] || return 0
  say "Compiling $title for the tests, once."
  compile "$source" "$package" "$program" "$log" ||
    give_up "could not compile $title; the end of $log:"$'\n'"$(tail -n 15 "$log")"
  rm -rf "$program.build" "$log"
  say "${title^} is compiled, in $(duration $((SECONDS - began)))."
}

give_up() {
  say "$0: $*"
  exit 1
}

compile() (
  export GOFLAGS='-mod=readonly -buildvcs=false -trimpath' GOWORK=off CGO_ENABLED=0
  export GOCACHE=$3.build GOGC=400
  cd "$1" || exit 1
  total=$(go list -deps "$2" 2>"$4" | wc -l) || exit 1
  show_progress "$total" "$4" 8>&- &
  trap 'kill "$!" 2>/dev/null' EXIT
  go build -v -gcflags=all=-dwarf=false -ldflags '-s -w' -o "$3.partial" "$2" 2>"$4" || exit 1
  mv "$3.partial" "$3"
)

# In one line that a terminal redraws and a log gets now and then.
show_progress() {
  local pause=15 format='  %s of %s packages\n'
  if is_terminal; then pause=1 format='\r\033[K  %s of %s packages\r'; fi
  # shellcheck disable=SC2059 # the format is one of these two
  while sleep "$pause"; do printf "$format" "$(wc -l <"$2")" "$1" >&2; done
}
