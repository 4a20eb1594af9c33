# shellcheck shell=bash
# Runs steps, shows that they move, and ends with a table of their times.
#
# A step is a script in steps/. Its output goes to a log file of its own. It
# may tell more through two files: $STEP_STAGE (what it is doing just now) and
# $STEP_NOTE (a few words for its line in the table, such as "already there").

start_run() {
  RUN=$(mktemp -d "$CACHE/log/$(date +%Y%m%d-%H%M%S).XXXX")
  RUN_START=$SECONDS
  mkdir "$RUN/running"
  LANES=()
  TICKER=
  trap 'stop_run' EXIT
  trap 'interrupted 130' INT
  trap 'interrupted 143' TERM HUP
  set -m
  ticker 9>&- &
  TICKER=$!
  set +m
  forget_old_runs
}

forget_old_runs() {
  local old
  while read -r old; do rm -rf "$old"; done < <(find "$CACHE/log" -mindepth 1 -maxdepth 1 -name '2*' | sort -r | tail -n +6)
}

stop_run() {
  local lane
  trap - EXIT
  for lane in "${LANES[@]}" $TICKER; do
    kill -TERM -- "-$lane" 2>/dev/null || true
    wait "$lane" 2>/dev/null || true
  done
  LANES=() TICKER=
  clear_line
}

interrupted() {
  stop_run
  say "Interrupted. Run the same command again to go on from here."
  exit "$1"
}

# step NAME TITLE: runs steps/NAME.sh.
step() {
  local name=$1 title=$2 began=$SECONDS status=0 note
  export STEP_STAGE=$RUN/$name.stage STEP_NOTE=$RUN/$name.note
  echo "$SECONDS $title" >"$RUN/running/$name"
  line "  … $title"
  bash "$HERE/steps/$name.sh" >"$RUN/$name.log" 2>&1 || status=$?
  rm -f "$RUN/running/$name"
  note=$(cat "$STEP_NOTE" 2>/dev/null || true)
  if ((status)); then
    echo "$name" >>"$RUN/failed"
    line "  ✗ $title failed after $(duration $((SECONDS - began)))"
    return "$status"
  fi
  line "  ✓ $title: ${note:+$note, }$(duration $((SECONDS - began)))"
  printf '%s\t%s\t%s\n' "$title" "$((SECONDS - began))" "$note" >>"$RUN/times"
}

# run_lanes FUNCTION...: runs functions of steps next to each other and waits for
# all. Each has a process group of its own, so that an interrupt ends all that it
# started; as soon as one fails the others are stopped.
run_lanes() {
  local lane
  set -m
  for lane in "$@"; do
    "$lane" &
    LANES+=($!)
  done
  set +m
  while lanes_run; do
    [[ ! -e $RUN/failed ]] || fail_run
    sleep 0.2
  done
  for lane in "${LANES[@]}"; do wait "$lane" || fail_run; done
  LANES=()
}

lanes_run() {
  local lane
  for lane in "${LANES[@]}"; do
    if kill -0 "$lane" 2>/dev/null; then return 0; fi
  done
  return 1
}

fail_run() {
  local name
  name=$(head -1 "$RUN/failed" 2>/dev/null || true)
  stop_run
  if [[ -n $name ]]; then
    say "The last lines of $RUN/$name.log:"
    tail -n 15 "$RUN/$name.log" | sed 's/^/    /' >&2
  fi
  say "Run the same command again to go on from here."
  exit 1
}

clear_line() { if is_terminal; then printf '\r\033[K' >&2; fi; }

line() {
  clear_line
  say "$*"
}

# Every running step with its seconds, in one line that a terminal redraws and
# a log gets every half minute.
ticker() {
  local pause=30
  if is_terminal; then pause=1; fi
  while sleep "$pause" && kill -0 $$ 2>/dev/null; do
    local text=
    text=$(running_line)
    [[ -n $text ]] || continue
    if is_terminal; then printf '\r\033[K    %.*s' "$((${COLUMNS:-100} - 6))" "$text" >&2; else say "    $text"; fi
  done
}

running_line() {
  local file name began title stage all=
  for file in "$RUN"/running/*; do
    [[ -e $file ]] || continue
    name=${file##*/}
    read -r began title <"$file" || continue
    stage=$(cat "$RUN/$name.stage" 2>/dev/null || true)
    all+="${all:+ | }$title: $(duration $((SECONDS - began)))${stage:+, $stage}"
  done
  echo "$all"
}

show_times() {
  local title seconds note
  say ""
  while IFS=$'\t' read -r title seconds note; do
    printf '  %-48s %12s  %s\n' "$title" "$(duration "$seconds")" "$note" >&2
  done <"$RUN/times"
  printf '  %-48s %12s\n' "all (some ran side by side)" "$(duration $((SECONDS - RUN_START)))" >&2
}
