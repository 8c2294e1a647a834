#!/usr/bin/env bash
# A real redis-server for the suites, over TCP on a free port of 127.0.0.1; or
# a cluster of three.
#
#   scripts/servers/redis.sh start DIR      prints redis://host:port
#   scripts/servers/redis.sh cluster DIR    prints redis+cluster://host:port,...
#   scripts/servers/redis.sh stop DIR       ends either
#
# It needs redis-server: Debian's redis-server.
set -euo pipefail
. "$(dirname "$0")/common.sh"

# node DIR PORT OPTIONS...
node() {
	local dir=$1 port=$2 pid
	shift 2
	mkdir -p "$dir"
	setsid redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --daemonize no --appendonly yes --auto-aof-rewrite-min-size 512mb --save '' "$@" \
		>"$dir/redis.log" 2>&1 </dev/null &
	pid=$!
	echo $pid >"$dir/redis.pid"
	wait_until 15 $pid grep -q 'eady to accept connections' "$dir/redis.log" ||
		fail "redis-server did not start: $(tail -n 1 "$dir/redis.log")"
}

start() {
	local port
	port=$(free_port)
	node "$1/node-0" "$port"
	say "Redis at 127.0.0.1:$port"
	echo "redis://127.0.0.1:$port"
}

cluster() {
	local addresses=() port bus i
	for i in 0 1 2; do
		port=$(free_port)
		bus=$(free_port)
		node "$1/node-$i" "$port" --cluster-enabled yes --cluster-port "$bus" --cluster-node-timeout 2000
		addresses+=("127.0.0.1:$port")
	done
	timeout 60 redis-cli --cluster create "${addresses[@]}" --cluster-yes >"$1/cluster.log" 2>&1 </dev/null ||
		fail "the Redis cluster did not form: $(tail -n 1 "$1/cluster.log")"
	wait_until 30 $$ sh -c "redis-cli -p $port cluster info | grep -q cluster_state:ok" || fail "the Redis cluster did not agree"
	say "Redis cluster at ${addresses[*]}"
	(IFS=,; echo "redis+cluster://${addresses[*]}")
}

if [ "${1:-}" != stop ]; then
	command -v redis-server >/dev/null || fail "there is no redis-server (Debian: redis-server)"
fi
case ${1:-} in
start | cluster) "$1" "${2:?a folder}" ;;
stop) for pidfile in "${2:?a folder}"/node-*/redis.pid; do end_process "$pidfile" redis-server; done ;;
*) fail "usage: $0 start DIR | cluster DIR | stop DIR" ;;
esac
