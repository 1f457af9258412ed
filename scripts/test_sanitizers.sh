#!/usr/bin/env bash
# Unit tests and fuzz targets under AddressSanitizer with UndefinedBehaviorSanitizer, and the tests of
# the parts that threads share under ThreadSanitizer.   scripts/test_sanitizers.sh <jobs>
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$1

# test_under <preset> <targets...>: the targets' names are those of their ctest entries.
test_under() {
  local preset=$1 names
  shift
  [ -f "build-$preset/build.ninja" ] || cmake --preset "$preset" >/dev/null
  cmake --build "build-$preset" --parallel "$jobs" --target "$@"
  names=$(IFS='|'; echo "$*")
  (cd "build-$preset" && ctest --output-on-failure --no-tests=error -R "^($names)$")
}

test_under asan core_distance_test core_hnsw_test types_test pgwire_test fuzz_types fuzz_wire fuzz_sql
test_under tsan core_hnsw_test storage_test
