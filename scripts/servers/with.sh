#!/usr/bin/env bash
# Runs a command with the real servers beside it, and ends them after:
#
#   scripts/servers/with.sh go test ./services/...
#
# The command finds them in AISLE_TEST_KAFKA (host:port), AISLE_TEST_REDIS,
# AISLE_TEST_REDIS_CLUSTER and AISLE_TEST_POSTGRES (URLs). One that cannot be
# had is said so, loudly, and its variable is not set: suites then skip. With
# AISLE_SERVERS="kafka redis" only those are started.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || { echo "usage: $0 COMMAND..." >&2; exit 2; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/aisle-servers.XXXXXX")
chmod 755 "$dir" # PostgreSQL may run as another user
child=
end() {
	local status=$?
	trap - EXIT INT TERM
	[ -z "$child" ] || kill "$child" 2>/dev/null || true
	for server in kafka redis postgres; do "$here/$server.sh" stop "$dir/$server" >/dev/null 2>&1 & done
	"$here/redis.sh" stop "$dir/redis-cluster" >/dev/null 2>&1
	wait
	rm -rf "$dir"
	exit $status
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

unset AISLE_TEST_KAFKA AISLE_TEST_REDIS AISLE_TEST_REDIS_CLUSTER AISLE_TEST_POSTGRES
wanted=" ${AISLE_SERVERS:-kafka redis redis-cluster postgres} "
script() { case $1 in redis-cluster) echo redis.sh cluster ;; *) echo "$1.sh" start ;; esac; }
for server in kafka redis redis-cluster postgres; do
	if [[ $wanted == *" $server "* ]]; then
		# shellcheck disable=SC2046 # two words
		mkdir -p "$dir/$server" && (set -- $(script $server); exec "$here/$1" "$2" "$dir/$server") \
			>"$dir/$server.url" 2>"$dir/$server.err" </dev/null &
		declare "pid_${server//-/_}=$!"
	fi
done
for server in kafka redis redis-cluster postgres; do
	pid=pid_${server//-/_}
	[ -n "${!pid:-}" ] || continue
	if wait "${!pid}"; then
		name=AISLE_TEST_$(tr 'a-z-' 'A-Z_' <<<"$server")
		export "$name=$(cat "$dir/$server.url")"
		echo "==> real server: $(tail -n 1 "$dir/$server.err")" >&2
	else
		echo "================================================================" >&2
		echo "SKIPPED: no $server here: $(tail -n 1 "$dir/$server.err")" >&2
		echo "================================================================" >&2
	fi
done

"$@" &
child=$!
wait "$child" && status=0 || status=$?
child=
exit $status
