#!/usr/bin/env bash
# A real PostgreSQL for the suites, on a free port of 127.0.0.1, with an empty
# database.
#
#   scripts/servers/postgres.sh start DIR    prints postgres://...
#   scripts/servers/postgres.sh stop DIR
#
# It needs Debian's postgresql. PostgreSQL refuses to run as root, who runs it
# as the user postgres.
set -euo pipefail
. "$(dirname "$0")/common.sh"

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)

as_server() {
	if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start() {
	local dir=$1 port
	[ -n "$bin" ] || fail "there is no PostgreSQL (Debian: postgresql)"
	mkdir -p "$dir/postgres"
	dir=$(cd "$dir/postgres" && pwd)
	if [ "$(id -u)" = 0 ]; then
		id postgres >/dev/null 2>&1 || fail "there is no user postgres to run PostgreSQL as"
		chown postgres "$dir"
		as_server test -w "$dir" || fail "the user postgres cannot reach $dir"
	fi
	as_server "$bin/initdb" -D "$dir/data" -U aisle -A trust -E UTF8 --locale=C --no-sync >"$dir/../initdb.log" 2>&1 ||
		fail "initdb: $(tail -n 1 "$dir/../initdb.log")"
	port=$(free_port)
	as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/postgres.log" -w -t 60 \
		-o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$dir' -c fsync=off -c max_connections=60" \
		start >/dev/null 2>&1 </dev/null || fail "PostgreSQL did not start: $(tail -n 1 "$dir/postgres.log")"
	as_server "$bin/createdb" -h 127.0.0.1 -p "$port" -U aisle aisle >&2
	say "PostgreSQL at 127.0.0.1:$port"
	echo "postgres://aisle@127.0.0.1:$port/aisle?sslmode=disable"
}

stop() {
	[ -e "$1/postgres/data/postmaster.pid" ] || return 0
	as_server "$bin/pg_ctl" -D "$(cd "$1/postgres/data" && pwd)" -m immediate -w -t 20 stop >/dev/null 2>&1 || true
}

case ${1:-} in
start | stop) "$1" "${2:?a folder}" ;;
*) fail "usage: $0 start DIR | stop DIR" ;;
esac
