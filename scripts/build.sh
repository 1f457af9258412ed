#!/usr/bin/env bash
# Configures once and builds.   scripts/build.sh <folder> <jobs> [targets...]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
jobs=$2
shift 2
# With ccache, `make images` compiles nothing that was compiled here.
if command -v ccache >/dev/null && [ -z "${CCACHE_DIR:-}" ]; then
  export CCACHE_DIR=$PWD/$build/ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
  export CCACHE_COMPILERCHECK=content CCACHE_SLOPPINESS=locale
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
[ -f "$build/build.ninja" ] || cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" --parallel "$jobs" ${@:+--target "$@"}
