# What the scripts of this folder share; they source it. They start real servers
# for the suites: each `start DIR` prints where its server is, all else goes to
# stderr, and `stop DIR` ends it.

say() { printf '%s\n' "$*" >&2; }

# fail prints the reason as the last line, which with.sh shows.
fail() {
	say "$*"
	exit 1
}

# free_port prints a port of 127.0.0.1 that nobody listens at, below those that
# the system gives to clients.
free_port() {
	local port
	for _ in $(seq 100); do
		port=$((RANDOM % 12000 + 20000))
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
	fail "no free port"
}

# wait_until SECONDS PID COMMAND...: until the command succeeds; false when the
# time is over or the process has ended.
wait_until() {
	local end=$((SECONDS + $1)) pid=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ] || ! kill -0 "$pid" 2>/dev/null; then return 1; fi
		sleep 0.1
	done
}

# end_process PIDFILE NAME: ends the process if it is still the one meant.
end_process() {
	local pid
	pid=$(cat "$1" 2>/dev/null) || return 0
	if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -- "$2"; then
		kill "$pid" 2>/dev/null || true
		for _ in $(seq 100); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -9 "$pid" 2>/dev/null || true
	fi
	rm -f "$1"
}
