#!/usr/bin/env bash
# Runs tests/extension with Debian 13's PostgreSQL 17, compiler and libraries, in a folder that holds
# that Debian. As root; some minutes, two more when the folder is made.
#   scripts/test_extension_debian13.sh <build folder> <jobs> [options of pytest]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
jobs=$2
shift 2

# shellcheck source=bench/pgvector/servers.sh
. bench/pgvector/servers.sh
root=$PWD/$build/debian13
bench/pgvector/make_debian13.sh "$root" postgresql-17-pgtap libtap-parser-sourcehandler-pgtap-perl \
  python3-psycopg python3-pytest
as_root_inside cmake -S /source -B /build-tests -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DDVECDB_PG_CONFIG="$programs/pg_config" -DDVECDB_BUILD_SERVER=OFF -DDVECDB_BUILD_TESTS=OFF \
  -DDVECDB_BUILD_BENCH=OFF -DDVECDB_FAILURE_POINTS=ON >/dev/null
as_root_inside cmake --build /build-tests --parallel "$jobs" \
  --target dvecdb_extension dvecdb_extension_failures
as_root_inside env TEST_BUILD=/build-tests TEST_PG_CONFIG="$programs/pg_config" \
  PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 \
  python3 -m pytest -q -p no:cacheprovider --rootdir=/source/tests/extension \
  --confcutdir=/source/tests/extension /source/tests/extension "$@"
