#!/usr/bin/env bash
# Runs tests/extension with the PostgreSQL, compiler and libraries of another Debian, in a folder that
# holds that Debian. As root; some minutes, two more when the folder is made.
#   scripts/test_extension_debian.sh <build folder> <jobs> <13 | next> [options of pytest]
# `next` is the Debian in the making, which changes from day to day.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
jobs=$2
debian=$3
shift 3

# shellcheck source=bench/pgvector/servers.sh
. bench/pgvector/servers.sh
case $debian in
  13) suite=trixie version=17 ;;
  next) suite=forky version=18 ;;
  *) echo "$0: no Debian \"$debian\": 13 or next" >&2; exit 2 ;;
esac
root=$PWD/$build/debian$debian
programs=/usr/lib/postgresql/$version/bin
bench/pgvector/make_debian.sh "$suite" "$version" "$root" "postgresql-$version-pgtap" \
  libtap-parser-sourcehandler-pgtap-perl python3-psycopg python3-pytest
as_root_inside cmake -S /source -B /build-tests -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DDVECDB_PG_CONFIG="$programs/pg_config" -DDVECDB_BUILD_SERVER=OFF -DDVECDB_BUILD_TESTS=OFF \
  -DDVECDB_BUILD_BENCH=OFF -DDVECDB_FAILURE_POINTS=ON >/dev/null
as_root_inside cmake --build /build-tests --parallel "$jobs" \
  --target dvecdb_extension dvecdb_extension_failures
as_root_inside env TEST_BUILD=/build-tests TEST_PG_CONFIG="$programs/pg_config" \
  PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 \
  python3 -m pytest -q -p no:cacheprovider --rootdir=/source/tests/extension \
  --confcutdir=/source/tests/extension /source/tests/extension "$@"
