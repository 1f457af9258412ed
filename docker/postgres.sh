#!/bin/bash
# Starts PostgreSQL; the first start makes the cluster. The password of user postgres comes from
# POSTGRES_PASSWORD or, better, from the file that POSTGRES_PASSWORD_FILE names.
set -euo pipefail

make_cluster() {
  local password=${POSTGRES_PASSWORD:-}
  [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || password=$(head -n 1 "$POSTGRES_PASSWORD_FILE")
  if [ -z "$password" ]; then
    echo "User postgres has no password yet: set POSTGRES_PASSWORD_FILE or POSTGRES_PASSWORD." >&2
    exit 2
  fi
  # Beside its place, then moved: an interrupted first start leaves no half cluster.
  local draft=$PGDATA.draft
  rm -rf "$draft"
  initdb -D "$draft" -U postgres --auth-local=peer --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --pwfile=<(echo "$password") >/dev/null
  echo "host all all all scram-sha-256" >> "$draft/pg_hba.conf"
  mkdir -p "$PGDATA"
  rmdir "$PGDATA"
  mv "$draft" "$PGDATA"
}

[ -s "$PGDATA/PG_VERSION" ] || make_cluster
exec postgres -c listen_addresses='*' "$@"
