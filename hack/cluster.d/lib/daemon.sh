# shellcheck shell=bash
# A Docker daemon of our own, for machines where none runs.

CAP_SYS_RESOURCE=24

lacks_sys_resource() {
  local effective
  effective=$(sed -n 's/^CapEff:\t*//p' /proc/self/status)
  (((0x$effective >> CAP_SYS_RESOURCE & 1) == 0))
}

our_daemon_pid() {
  local pid
  pid=$(cat "$DAEMON_DIR/pid" 2>/dev/null) && [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd ]] && echo "$pid"
}

# ours | systemd | other | none
daemon_kind() {
  local started
  started=$(cat "$DAEMON_DIR/started" 2>/dev/null || true)
  if ! docker_answers; then
    echo none
  elif [[ $started == systemd ]]; then
    echo systemd
  elif [[ $started == ours ]] && our_daemon_pid >/dev/null; then
    echo ours
  else
    echo other
  fi
}

start_daemon() {
  local options=(--pidfile "$DAEMON_DIR/pid")
  our_daemon_pid >/dev/null || rm -f "$DAEMON_DIR/pid" # a number left by a killed daemon
  if lacks_sys_resource; then
    # A copy, so that containers outlive the checkout.
    install -m 755 "$HERE/dockerd/runc-without-sys-resource" "$DAEMON_DIR/"
    options+=(--add-runtime "without-sys-resource=$DAEMON_DIR/runc-without-sys-resource"
      --default-runtime without-sys-resource)
  fi
  echo ours >"$DAEMON_DIR/started"
  if our_daemon_pid >/dev/null; then return; fi # it is just starting
  # Without the lock's descriptor, which it would hold for as long as it runs.
  setsid nohup dockerd "${options[@]}" </dev/null >"$DAEMON_DIR/log" 2>&1 9>&- &
}

wait_for_daemon() {
  local try
  for ((try = 0; try < 300; try++)); do
    docker_answers && return 0
    sleep 0.2
  done
  return 1
}

# Stops the daemon that we started, and no other.
stop_daemon() {
  local pid try
  case $(cat "$DAEMON_DIR/started" 2>/dev/null) in
    systemd) systemctl stop docker docker.socket ;;
    ours)
      if pid=$(our_daemon_pid); then
        kill "$pid"
        for ((try = 0; try < 150; try++)); do
          [[ -e /proc/$pid ]] || break
          sleep 0.2
        done
        [[ ! -e /proc/$pid ]] || die "the Docker daemon (process $pid) does not stop"
      fi
      ;;
    *) return 1 ;;
  esac
  rm -f "$DAEMON_DIR/started" "$DAEMON_DIR/pid"
}
