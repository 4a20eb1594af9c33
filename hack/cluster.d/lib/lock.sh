# shellcheck shell=bash
# One hack/cluster at a time changes a cache. The lock is a file descriptor
# that child processes inherit: if this script is killed, its last child holds
# the lock until it ends, so a second run never meets a live compile.

take_lock() {
  exec 9>>"$CACHE/lock"
  if ! flock -n 9; then
    say "Another hack/cluster is at work (process $(cat "$CACHE/lock.owner" 2>/dev/null || echo '?')); waiting for it …"
    flock 9
  fi
  echo $$ >"$CACHE/lock.owner"
}
