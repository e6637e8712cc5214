# Start, stop and find the daemon of $BOOTSTRAP_PRODUCT. Sourced by upgrade, mode and reload.

product=$BOOTSTRAP_PRODUCT
serve=$BOOTSTRAP_ROOT/usr/lib/serve.mjs
program=$BOOTSTRAP_ROOT/opt/$product/$product.mjs
config=$BOOTSTRAP_ROOT/etc/$product.ini
pid_file=$BOOTSTRAP_ROOT/run/$product.pid
log=$BOOTSTRAP_ROOT/var/log/$product.log

# Every wait counts tenths of a second, and gives up.
start_limit=100
stop_limit=50
kill_limit=20

fail() {
  echo "$product: $*" >&2
  exit 1
}

# A number in a pid file proves nothing: after a crash the kernel may give it to a stranger.
# Only a process that was started as `node serve.mjs <our program>` is ours to signal.
is_ours() {
  [ "$(tr '\0' '\n' <"/proc/$1/cmdline" | sed -n 3p)" = "$program" ]
} 2>/dev/null

read_pid() {
  cat "$pid_file" 2>/dev/null || echo none
}

is_running() {
  is_ours "$(read_pid)"
}

# The daemon writes its pid file once it listens, so the file is the sign to wait for.
start() {
  if is_running; then return; fi
  mkdir -p "${pid_file%/*}" "${log%/*}"
  rm -f "$pid_file"

  # In a session of its own it outlives this script, and nobody waits for its output to end.
  setsid node "$serve" "$program" "$config" "$pid_file" </dev/null >>"$log" 2>&1 &
  daemon=$!

  tenths=0
  until is_running; do
    kill -0 "$daemon" 2>/dev/null || fail "did not start: $(tail -n 1 "$log")"
    tenths=$((tenths + 1))
    if [ "$tenths" -gt "$start_limit" ]; then
      kill -KILL "$daemon" 2>/dev/null || true
      fail "did not listen within $((start_limit / 10)) s; see $log"
    fi
    sleep 0.1
  done
  echo "$product: running, pid $daemon"
}

# Watches the process, not its pid file: the file goes first, the port is free only afterwards.
stop() {
  pid=$(read_pid)
  if is_ours "$pid"; then
    kill -TERM "$pid" 2>/dev/null || true
    gone_within "$stop_limit" "$pid" || kill -KILL "$pid" 2>/dev/null || true
    gone_within "$kill_limit" "$pid" || fail "process $pid does not end, even on SIGKILL"
    echo "$product: stopped"
  fi
  rm -f "$pid_file"
}

gone_within() {
  tenths=0
  while is_ours "$2"; do
    tenths=$((tenths + 1))
    if [ "$tenths" -gt "$1" ]; then return 1; fi
    sleep 0.1
  done
}
