#!/usr/bin/env bash
# Configures once and builds.   scripts/build.sh <folder> <jobs> [targets...]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
jobs=$2
shift 2
[ -f "$build/build.ninja" ] || cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" --parallel "$jobs" ${@:+--target "$@"}
