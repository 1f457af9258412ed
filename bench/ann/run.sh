#!/usr/bin/env bash
# Measures the index beside its peers into <build folder>/bench-ann.
#   bench/ann/run.sh <build folder> [options of dvecdb_bench_ann]
set -euo pipefail
build=$1
shift
"$build/bin/dvecdb_bench_ann" "$@" --out "$build/bench-ann" --cache "$build/bench-ann/truth"
echo "Curves, tables and plots: $build/bench-ann"
