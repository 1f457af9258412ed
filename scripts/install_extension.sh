#!/usr/bin/env bash
# Builds the extension for one PostgreSQL and installs it there.
#   scripts/install_extension.sh <build folder> <jobs> <pg_config> [vector]
# With `vector`, also the control file and script by which CREATE EXTENSION vector finds it.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
jobs=$2
pg_config=$3
as_vector=${4:-}

major=$("$pg_config" --version | grep -oE '[0-9]+' | head -n 1)
folder=$build/pg$major
libraries=$("$pg_config" --pkglibdir)
control=$("$pg_config" --sharedir)/extension/vector.control

# pgvector's own files belong to their package: never overwrite them.
if [ -n "$as_vector" ] && [ -f "$control" ] && ! grep -q 'libdir/dvecdb' "$control"; then
  echo "pgvector is installed here ($control): remove it first, then try again." >&2
  exit 1
fi

cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDVECDB_PG_CONFIG="$pg_config" \
  -DDVECDB_BUILD_SERVER=OFF -DDVECDB_BUILD_TESTS=OFF -DDVECDB_BUILD_BENCH=OFF >/dev/null
cmake --build "$folder" --parallel "$jobs" --target dvecdb_extension

as_root=()
[ -w "$libraries" ] || as_root=(sudo)
for component in dvecdb $as_vector; do
  "${as_root[@]}" cmake --install "$folder" --component "$component"
done
