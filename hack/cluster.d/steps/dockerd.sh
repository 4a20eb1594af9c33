#!/usr/bin/env bash
# Starts a Docker daemon where none answers, and remembers that it is ours.
set -euo pipefail
source "$(dirname "$0")/../lib/settings.sh"
source "$HERE/lib/talk.sh"
source "$HERE/lib/programs.sh"
source "$HERE/lib/daemon.sh"

if docker_answers; then
  echo "already there" >"$STEP_NOTE"
  exit 0
fi
if [[ -d /run/systemd/system ]]; then
  systemctl start docker
  echo systemd >"$DAEMON_DIR/started"
else
  start_daemon
fi
wait_for_daemon || die "the Docker daemon does not answer; its log is $DAEMON_DIR/log"
