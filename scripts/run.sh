#!/usr/bin/env bash
# Starts the server in the foreground, fills it with the demo set on the first start and shows a
# search. DVECDB_* variables change addresses and folders.   scripts/run.sh <build folder>
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
: "${DVECDB_DATA_DIR:=./data}" "${DVECDB_PORT:=5433}" "${DVECDB_HTTP_PORT:=8080}"
export DVECDB_DATA_DIR DVECDB_PORT DVECDB_HTTP_PORT

"$build/bin/dvecdb" &
server=$!
# Ctrl-C reaches the server too, by the terminal; this script only waits for its end.
trap 'kill -TERM $server 2>/dev/null || true' INT TERM

ready() { curl -fsS "http://127.0.0.1:$DVECDB_HTTP_PORT/ready" >/dev/null 2>&1; }
until ready; do
  kill -0 $server 2>/dev/null || { wait $server; exit $?; }
  sleep 0.1
done

"$build/bin/dvecdb_demo" "host=127.0.0.1 port=$DVECDB_PORT user=postgres dbname=postgres"
cat <<EOF

The server runs. In another terminal:
  psql -h 127.0.0.1 -p $DVECDB_PORT -U postgres postgres
  curl http://127.0.0.1:$DVECDB_HTTP_PORT/health/check
Ctrl-C stops it.
EOF

status=0
while kill -0 $server 2>/dev/null; do
  status=0
  wait $server || status=$?
done
exit $status
