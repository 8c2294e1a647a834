#!/usr/bin/env bash
# Compares the decider with what else one would take for it, in one run, on real
# servers: watermill-kafka, which handles one message at a time, and a small Flink
# job. Builds both into .cache/compare; Flink comes from Maven Central, once.
#
#   scripts/compare/run.sh [flags of aisle bench, such as -events 200000]
set -euo pipefail
cd "$(dirname "$0")/../.."
to=$PWD/.cache/compare
mkdir -p "$to/classes"

go build -o "$to/aisle" ./services/aisle
(cd scripts/compare/watermill && go build -o "$to/watermill" .)
against=(-against "watermill=$to/watermill")

if command -v javac >/dev/null && command -v mvn >/dev/null; then
	[ -d "$to/libs" ] || mvn -q -B -f scripts/compare/flink/pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$to/libs"
	javac -cp "$to/libs/*" -d "$to/classes" scripts/compare/flink/Job.java
	against+=(-against "flink=java -Xmx1g -Dorg.slf4j.simpleLogger.defaultLogLevel=error --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED -cp '$to/classes:$to/libs/*' Job")
else
	echo "SKIPPED: no javac or no mvn here: not compared with Flink" >&2
fi

AISLE_SERVERS="kafka redis" exec scripts/servers/with.sh sh -c \
	'bench=$1; shift; exec "$bench" bench -only against -stream "kafka://${AISLE_TEST_KAFKA:?no Kafka here}" -state "${AISLE_TEST_REDIS:?no Redis here}" "$@"' \
	compare "$to/aisle" "${against[@]}" "$@"
