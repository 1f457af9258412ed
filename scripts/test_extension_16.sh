#!/usr/bin/env bash
# Runs tests/extension with PostgreSQL 16, which no Debian has: from the Python package pgserver, which
# holds a whole PostgreSQL without its contrib modules and ICU.
#   scripts/test_extension_16.sh <build folder> <jobs> [options of pytest]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
jobs=$2
shift 2

root=$PWD/$build/postgresql16
if ! [ -e "$root/.complete" ]; then
  rm -rf "$root"
  mkdir -p "$root"
  # The programs are the same for every Python, and there is a package for 3.11 on any machine.
  "$build/python/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$root" \
    --only-binary=:all: --python-version 3.11 pgserver==0.1.4
  python3 -m zipfile -e "$root"/pgserver-*.whl "$root"
  chmod +x "$root"/pgserver/pginstall/bin/* \
    "$root/pgserver/pginstall/lib/postgresql/pgxs/src/test/regress/pg_regress"
  # pgTAP is SQL alone: that of another version will do.
  cp /usr/share/postgresql/*/extension/pgtap* "$root/pgserver/pginstall/share/postgresql/extension/"
  touch "$root/.complete"
fi
export LD_LIBRARY_PATH=$root/pgserver.libs
pg_config=$root/pgserver/pginstall/bin/pg_config

cmake -S . -B "$build/pg16" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDVECDB_PG_CONFIG="$pg_config" \
  -DDVECDB_BUILD_SERVER=OFF -DDVECDB_BUILD_TESTS=OFF -DDVECDB_BUILD_BENCH=OFF \
  -DDVECDB_FAILURE_POINTS=ON >/dev/null
cmake --build "$build/pg16" --parallel "$jobs" --target dvecdb_extension dvecdb_extension_failures
# Left out: what asks for contrib modules.
TEST_BUILD=$PWD/$build/pg16 TEST_PG_CONFIG=$pg_config PYTHONDONTWRITEBYTECODE=1 \
  "$build/python/bin/python" -m pytest -q -p no:cacheprovider --rootdir=tests/extension \
  --confcutdir=tests/extension tests/extension \
  --ignore tests/extension/test_failures.py \
  --deselect test_replica.py::test_same_pages_after_changes "$@"
