#!/usr/bin/env bash
# A real Apache Kafka for the suites: one node, KRaft, on free ports of
# 127.0.0.1, made of the artifacts that the project publishes to Maven Central.
#
#   scripts/servers/kafka.sh fetch        gets it, once, into the cache
#   scripts/servers/kafka.sh start DIR    prints host:port
#   scripts/servers/kafka.sh stop DIR
#
# It needs java and mvn: Debian's openjdk-17-jre-headless and maven. Why this
# version: docs/adr/0002-which-kafka.md.
set -euo pipefail
. "$(dirname "$0")/common.sh"

version=${AISLE_KAFKA_VERSION:-4.3.1}
slf4j=log4j-slf4j-impl # Kafka's own archive adds it, its artifacts do not ask for it
cache=${AISLE_CACHE:-$HOME/.cache/aisle}/kafka-$version

fetch() {
	[ -e "$cache/complete" ] && return
	command -v mvn >/dev/null || fail "there is no mvn (Debian: maven)"
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9 # another run may be at it
	[ -e "$cache/complete" ] && return
	local log4j=2.25.4
	cat >"$cache/pom.xml" <<-POM
		<project xmlns="http://maven.apache.org/POM/4.0.0">
		  <modelVersion>4.0.0</modelVersion>
		  <groupId>aisle</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
		  <dependencies>
		    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
		    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>$slf4j</artifactId><version>$log4j</version></dependency>
		  </dependencies>
		</project>
	POM
	say "getting Apache Kafka $version from Maven Central"
	rm -rf "$cache/libs"
	timeout 600 mvn -q -B -f "$cache/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
		-DoutputDirectory="$cache/libs" >"$cache/fetch.log" 2>&1 </dev/null ||
		fail "Kafka $version cannot be had from Maven Central: $(grep -m 1 ERROR "$cache/fetch.log" || tail -n 1 "$cache/fetch.log")"
	touch "$cache/complete"
	exec 9>&-
}

start() {
	local dir=$1 port controller pid
	command -v java >/dev/null || fail "there is no java (Debian: openjdk-17-jre-headless)"
	fetch
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	port=$(free_port)
	controller=$(free_port)
	cat >"$dir/server.properties" <<-PROPERTIES
		process.roles=broker,controller
		node.id=1
		controller.quorum.voters=1@127.0.0.1:$controller
		listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
		controller.listener.names=CONTROLLER
		inter.broker.listener.name=PLAINTEXT
		listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
		log.dirs=$dir/data
		auto.create.topics.enable=false
		offsets.topic.num.partitions=4
		offsets.topic.replication.factor=1
		transaction.state.log.replication.factor=1
		transaction.state.log.min.isr=1
		share.coordinator.state.topic.replication.factor=1
		share.coordinator.state.topic.min.isr=1
		group.initial.rebalance.delay.ms=0
		log.cleaner.dedupe.buffer.size=16777216
		log.cleaner.backoff.ms=1000
	PROPERTIES
	cat >"$dir/log4j2.properties" <<-LOG4J
		rootLogger.level=warn
		rootLogger.appenderRef.stdout.ref=out
		appender.out.type=Console
		appender.out.name=out
		appender.out.layout.type=PatternLayout
		appender.out.layout.pattern=[%d] %p %m (%c)%n
		logger.server.name=kafka.server.KafkaRaftServer
		logger.server.level=info
	LOG4J
	local kafka=(java -Xms256m -Xmx512m "-Dlog4j2.configurationFile=$dir/log4j2.properties" -cp "$cache/libs/*")
	local id
	id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
	"${kafka[@]}" kafka.tools.StorageTool format -t "x${id:1}" -c "$dir/server.properties" >"$dir/kafka.log" 2>&1 ||
		fail "Kafka $version could not format its storage: $(tail -n 1 "$dir/kafka.log")"
	setsid "${kafka[@]}" kafka.Kafka "$dir/server.properties" >>"$dir/kafka.log" 2>&1 </dev/null &
	pid=$!
	echo $pid >"$dir/kafka.pid"
	wait_until 90 $pid grep -q 'Kafka Server started' "$dir/kafka.log" ||
		fail "Kafka $version did not start: $(tail -n 1 "$dir/kafka.log")"
	say "Kafka $version at 127.0.0.1:$port"
	echo "127.0.0.1:$port"
}

case ${1:-} in
fetch) fetch ;;
start) start "${2:?a folder}" ;;
stop) end_process "${2:?a folder}/kafka.pid" kafka.Kafka ;;
*) fail "usage: $0 fetch | start DIR | stop DIR" ;;
esac
