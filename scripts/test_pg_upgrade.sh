#!/usr/bin/env bash
# pg_upgrade of a cluster with vector indexes from this machine's PostgreSQL 15 to Debian 13's 17: the
# indexes go along as they are, and answer as before. Both run in the folder that holds Debian 13. As
# root; a minute, two more when the folder is made.
#   scripts/test_pg_upgrade.sh <build folder with the extension for 15> <jobs>
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
jobs=$2
old=/usr/lib/postgresql/15
[ -x $old/bin/postgres ] || { echo "PostgreSQL 15 is not installed ($old)" >&2; exit 1; }

# shellcheck source=bench/pgvector/servers.sh
. bench/pgvector/servers.sh
root=$PWD/$build/debian13
bench/pgvector/make_debian.sh trixie 17 "$root"
build_extension_inside
as_root_inside cmake --install /build-extension/pg17 --component dvecdb >/dev/null

# PostgreSQL 15 with its share folder, the extension, and the libraries that Debian 13 has not.
mkdir -p "$root$old" "$root/usr/share/postgresql"
cp -aL "$old/." "$root$old/"
cp -aL /usr/share/postgresql/15 "$root/usr/share/postgresql/"
DESTDIR=$root cmake --install "$build" --component dvecdb >/dev/null
libraries=$old/debian12
mkdir -p "$root$libraries"
ldd $old/bin/postgres $old/bin/pg_dump | awk '/=> \// { print $3 }' | sort -u |
  while read -r library; do
    [ -e "$root/usr/lib/x86_64-linux-gnu/$(basename "$library")" ] ||
      cp -L "$library" "$root$libraries/"
  done
run() { as_postgres_inside env LD_LIBRARY_PATH="$libraries" LC_ALL=C.UTF-8 bash -c "cd /upgrade && $1"; }

rm -rf "$root/upgrade"
mkdir "$root/upgrade"
chroot "$root" chown postgres /upgrade
sql() { run "$1/bin/psql -X -q -At -v ON_ERROR_STOP=1 -h /upgrade -U postgres postgres"; }
start() { run "$1/bin/pg_ctl -w -s -D /upgrade/$2 -l /upgrade/log -o '-k /upgrade -c listen_addresses= -c jit=off' start"; }
stop() { run "$1/bin/pg_ctl -w -s -D /upgrade/$2 -m fast stop"; }
new=/usr/lib/postgresql/17
end() {
  for version in 15 17; do
    ! [ -e "$root/upgrade/$version/postmaster.pid" ] || stop /usr/lib/postgresql/$version $version
  done
  rm -rf "$root/upgrade" "$root$old" "$root/usr/share/postgresql/15"
}
trap end EXIT

for version in 15 17; do
  run "/usr/lib/postgresql/$version/bin/initdb -D $version -A trust -U postgres --locale=C \
    -E UTF8 --no-sync >/dev/null"
done
indexes="a b c d e"
start $old 15
sql $old <<'SQL'
CREATE EXTENSION dvecdb;
SELECT setseed(0.3);
CREATE TABLE items AS SELECT i AS id, v::vector(48) AS v, v::vector(48)::halfvec(48) AS h,
    v::vector(48)::sparsevec(48) AS s, binary_quantize(v::vector)::bit(48) AS b
  FROM (SELECT i, ARRAY(SELECT random() - 0.5 FROM generate_series(1, 48) WHERE i > 0) AS v
        FROM generate_series(1, 3000) i) x;
CREATE INDEX a ON items USING hnsw (v vector_l2_ops);
CREATE INDEX b ON items USING hnsw (h halfvec_cosine_ops) WITH (layout = compact);
CREATE INDEX c ON items USING hnsw (s sparsevec_l1_ops);
CREATE INDEX d ON items USING hnsw (b bit_hamming_ops);
CREATE INDEX e ON items USING hnsw (v vector_ip_ops) WITH (rerank_source = index);
DELETE FROM items WHERE id % 9 = 0;
VACUUM items;
INSERT INTO items SELECT id + 10000, v, h, s, b FROM items WHERE id % 50 = 0;
SQL
cat >"$root/upgrade/questions" <<'SQL'
SET enable_seqscan = off; SET hnsw.ef_search = 100;
SELECT id, v <-> (SELECT v FROM items WHERE id = 17) FROM items ORDER BY v <-> (SELECT v FROM items WHERE id = 17) LIMIT 20;
SELECT id, h <=> (SELECT h FROM items WHERE id = 17) FROM items ORDER BY h <=> (SELECT h FROM items WHERE id = 17) LIMIT 20;
SELECT id, s <+> (SELECT s FROM items WHERE id = 17) FROM items ORDER BY s <+> (SELECT s FROM items WHERE id = 17) LIMIT 20;
SELECT b <~> (SELECT b FROM items WHERE id = 17) FROM items ORDER BY b <~> (SELECT b FROM items WHERE id = 17) LIMIT 20;
SELECT id, v <#> (SELECT v FROM items WHERE id = 17) FROM items ORDER BY v <#> (SELECT v FROM items WHERE id = 17) LIMIT 20;
SQL
check() { for index in $indexes; do echo "SELECT dvecdb_index_check('$index', true);"; done | sql "$1" >/dev/null; }
files() { echo "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'hnsw') ORDER BY 1" | sql "$1"; }
check $old
before=$(sql $old <"$root/upgrade/questions" && files $old)
stop $old 15

run "$new/bin/pg_upgrade -b $old/bin -B $new/bin -d 15 -D 17 -U postgres -s /upgrade >/upgrade/report 2>&1" ||
  { cat "$root/upgrade/report" >&2; exit 1; }

start $new 17
check $new
diff <(echo "$before") <(sql $new <"$root/upgrade/questions" && files $new)
sql $new <<'SQL'
INSERT INTO items SELECT id + 20000, v, h, s, b FROM items WHERE id % 7 = 0;
DELETE FROM items WHERE id % 5 = 0;
VACUUM items;
SQL
check $new
stop $new 17
echo "pg_upgrade from 15 to 17: 5 indexes answer as before, and take changes"
