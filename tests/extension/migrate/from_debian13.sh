#!/usr/bin/env bash
# The move from the real pgvector, whole: Debian 13's postgresql-17-pgvector holds source.sql's
# database, is dumped, and the dump is restored into the same PostgreSQL with our extension, under
# both of its names. Every answer to questions.sql must be the same. As root; about two minutes.
#   tests/extension/migrate/from_debian13.sh <build folder> <jobs> [--keep]
# --keep writes dump.sql and answers.txt, which the gate's test uses, anew.
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=$1
jobs=$2
keep=${3:-}
here=tests/extension/migrate

# shellcheck source=bench/pgvector/servers.sh
. bench/pgvector/servers.sh
root=$PWD/$build/debian13
bench/pgvector/make_debian.sh trixie 17 "$root"
link=$(mktemp -u -t dvb.XXXXXX)
ln -s "$root" "$link"
work=$(mktemp -d)
end() {
  for name in "${!server_pid[@]}"; do stop_server "$name"; done
  rm -rf "$link" "$work"
}
trap end EXIT

ask() { psql -X -q -At -v ON_ERROR_STOP=1 -f "$here/questions.sql" "$1"; }

init_server migrate-source
start_server migrate-source -c shared_buffers=64MB
psql -X -q -v ON_ERROR_STOP=1 -f "$here/source.sql" "$(conninfo migrate-source)"
chroot "$root" "$programs/pg_dump" -h /bench/migrate-source -U postgres postgres >"$work/dump.sql"
ask "$(conninfo migrate-source)" >"$work/answers.txt"
if [ -n "$keep" ]; then
  # Without psql's guard words, which are random.
  grep -vE '^\\(un)?restrict ' "$work/dump.sql" >"$here/dump.sql"
  cp "$work/answers.txt" "$here/"
fi

# A copy of PostgreSQL without pgvector, into which ours goes under both names.
copy=/migrated
rm -rf "${root:?}$copy"
as_root_inside bash -c "mkdir -p $copy/usr/lib/postgresql $copy/usr/share/postgresql &&
  cp -a /usr/lib/postgresql/17 $copy/usr/lib/postgresql/ &&
  cp -a /usr/share/postgresql/17 $copy/usr/share/postgresql/ &&
  rm $copy/usr/lib/postgresql/17/lib/vector.so $copy/usr/share/postgresql/17/extension/vector*"
build_extension_inside
for component in dvecdb vector; do
  as_root_inside env DESTDIR=$copy cmake --install /build-extension/pg17 --component $component \
    >/dev/null
done
init_server migrate-target
programs=$copy/usr/lib/postgresql/17/bin start_server migrate-target -c shared_buffers=64MB
for name in vector dvecdb; do
  target=$(conninfo migrate-target)
  psql -X -q -c "CREATE DATABASE as_$name" "$target"
  target=${target/dbname=postgres/dbname=as_$name}
  sed -E "s/^(CREATE EXTENSION IF NOT EXISTS|COMMENT ON EXTENSION) vector /\\1 $name /" \
    "$work/dump.sql" | psql -X -q -v ON_ERROR_STOP=1 "$target" >/dev/null
  ask "$target" | diff "$work/answers.txt" -
  echo "Restored as $name: all answers are pgvector's."
done
