#!/usr/bin/env bash
# Starts a server on an empty folder and free ports and measures inserts and searches through the wire.
#   bench/load/run.sh <build folder> [phase ...] [connections ...]
set -euo pipefail
build=$1
shift
folder=$(mktemp -d)
"$build/bin/dvecdb" --data-dir "$folder/data" --port 0 --http-port 0 --metrics-port 0 \
  --log-level info 2>"$folder/log" &
server=$!
trap 'kill -TERM $server; wait $server || true; rm -rf "$folder"' EXIT

port_of() { sed -n "s/.*listening: protocol=$1 .*port=//p" "$folder/log"; }
until grep -qs 'started: ' "$folder/log"; do
  kill -0 $server || { cat "$folder/log"; exit 1; }
  sleep 0.1
done
"$build/bin/dvecdb_bench_load" \
  "host=127.0.0.1 port=$(port_of postgres) user=postgres dbname=postgres" "$(port_of http)" "$@"
