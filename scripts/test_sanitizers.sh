#!/usr/bin/env bash
# Under AddressSanitizer with UndefinedBehaviorSanitizer: unit tests, fuzz targets, a server that real
# clients drive, and the extension in PostgreSQL. Under ThreadSanitizer: that server, and the tests of
# the parts that threads share.
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
  # Two at once: clients and servers wait for each other much of the time.
  (cd "build-$preset" && ctest --parallel 2 --output-on-failure --no-tests=error -R "^($names)$")
}

units=(core_distance_test core_hnsw_test storage_test types_test tls_test pgwire_test fuzz_types fuzz_wire fuzz_sql)
server=(dvecdb libpqxx_client_test libpq_client_test)
extension=(extension_regress extension_binary extension_pgtap extension_insert)
clients=(server_psql server_wire server_operations server_access server_rest server_libpqxx drivers)

build_with asan "${units[@]}" "${server[@]}" dvecdb_extension
scripts/prepare_tests.sh build-asan
run_with asan "${units[@]}" "${clients[@]}" "${extension[@]}"

build_with tsan core_hnsw_test storage_test tls_test "${server[@]}"
scripts/prepare_tests.sh build-tsan
run_with tsan storage_test tls_test "${clients[@]}"
# The graph's tests of one thread have nothing to race with, and are slow here.
GTEST_FILTER='*Thread*:*Concurrent*:*UnderChanges*:*HnswReach*:SharedWork*' run_with tsan core_hnsw_test
