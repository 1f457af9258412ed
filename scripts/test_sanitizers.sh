#!/usr/bin/env bash
# Under AddressSanitizer with UndefinedBehaviorSanitizer: unit tests, fuzz targets, and a server that
# real clients drive. Under ThreadSanitizer: the tests of the parts that threads share.
#   scripts/test_sanitizers.sh <jobs>
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$1

# build_with <preset> <targets...>
build_with() {
  local preset=$1
  shift
  [ -f "build-$preset/build.ninja" ] || cmake --preset "$preset" >/dev/null
  cmake --build "build-$preset" --parallel "$jobs" --target "$@"
}

# run_with <preset> <names of ctest entries...>
run_with() {
  local preset=$1 names
  shift
  names=$(IFS='|'; echo "$*")
  (cd "build-$preset" && ctest --output-on-failure --no-tests=error -R "^($names)$")
}

units="core_distance_test core_hnsw_test types_test pgwire_test fuzz_types fuzz_wire fuzz_sql"
clients="dvecdb dvecdb_demo libpqxx_client_test libpq_client_test"
# shellcheck disable=SC2086
build_with asan $units $clients
scripts/prepare_tests.sh build-asan
# shellcheck disable=SC2086
run_with asan $units server_psql server_wire server_operations server_libpqxx drivers

shared="core_hnsw_test storage_test"
# shellcheck disable=SC2086
build_with tsan $shared
# shellcheck disable=SC2086
run_with tsan $shared
