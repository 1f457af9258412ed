#!/usr/bin/env bash
# Cross-compiles the distance kernels and their tests for arm64 and runs them emulated, once as a
# processor with dot products of bytes and once as one without.
# Wants: g++-aarch64-linux-gnu qemu-user libgtest-dev libsimde-dev
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-build-arm64}
compiler=aarch64-linux-gnu-g++
gtest=/usr/src/googletest/googletest
mkdir -p "$out"

compile() {  # source, further flags
  local source=$1 object
  shift
  object=$out/$(basename "$source" | tr . _).o
  "$compiler" -std=c++20 -O2 -I. -Iinclude -I"$gtest" -I"$gtest/include" -I"$out/include" \
    -DNDEBUG "$@" -c "$source" -o "$object"
  objects+=("$object")
}

# SIMDe is headers alone; only its folder may be seen, not this machine's others.
mkdir -p "$out/include"
ln -sfn /usr/include/simde "$out/include/simde"

warnings=(-Wall -Wextra -Wpedantic -Wshadow -Werror)
objects=()
compile "$gtest/src/gtest-all.cc"
compile "$gtest/src/gtest_main.cc"
for name in dispatch distance kernels_scalar kernels_neon; do
  compile "core/distance/$name.cpp" -O3 "${warnings[@]}"
done
compile core/distance/kernels_neon_dotprod.cpp -O3 -march=armv8.2-a+dotprod "${warnings[@]}"
for name in distance bit_distance sparse_distance half tile; do
  compile "tests/unit/core/${name}_test.cpp" "${warnings[@]}"
done
"$compiler" -static -o "$out/distance_test" "${objects[@]}" -lpthread

for cpu in max cortex-a57; do
  echo "== $cpu"
  qemu-aarch64 -cpu "$cpu" "$out/distance_test" --gtest_brief=1
done
