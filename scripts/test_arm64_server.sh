#!/usr/bin/env bash
# Cross-compiles the server and unit tests for arm64 in a Debian of their own, and runs them
# emulated; as root. The folder stays for the next time.
#   scripts/test_arm64_server.sh [folder]
# Wants: debootstrap qemu-user-static
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-build-arm64}
mkdir -p "$folder"
folder=$(realpath "$folder")
root=$folder/root
# Rooms whose tests do not take minutes under emulation.
tests=(core_distance_test core_code_test types_test functions_test query_test tls_test http_test app_test)

if [ ! -f "$folder/complete" ]; then
  rm -rf "$root"
  debootstrap --variant=minbase bookworm "$root" >"$folder/debootstrap.log"
  # The names of the packages, without their installation.
  sed '/^wanted=/,$d' scripts/install_packages.sh >"$root/tmp/packages.sh"
  chroot "$root" bash -c '
    set -euo pipefail
    export DEBIAN_FRONTEND=noninteractive
    dpkg --add-architecture arm64
    apt-get update -qq
    # Tools of this machine; headers and libraries of the other one.
    apt-get install -y -qq --no-install-recommends g++-aarch64-linux-gnu cmake ninja-build pkg-config \
      ccache ca-certificates python3 tzdata >/dev/null
    . /tmp/packages.sh
    libraries=$(for one in $(server_packages) libgtest-dev libpqxx-dev; do
      case $one in lib*|prometheus-cpp-dev|zlib1g-dev) echo "$one:arm64" ;; esac
    done)
    apt-get install -y -qq --no-install-recommends libc6-dev:arm64 libstdc++-12-dev:arm64 $libraries >/dev/null'
  touch "$folder/complete"
fi

cat >"$root/toolchain.cmake" <<'END'
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/qemu-aarch64-static)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
END
cp "$(command -v qemu-aarch64-static)" "$root/usr/bin/"
mkdir -p "$root/source" "$folder/build" "$root/build" "$folder/ccache" "$root/root/.cache/ccache"

# The source read-only, so that nothing of it is touched.
export root folder
unshare --mount bash -euo pipefail -c '
  mount --bind "$PWD" "$root/source"
  mount -o remount,bind,ro "$root/source"
  mount --bind "$folder/build" "$root/build"
  mount --bind "$folder/ccache" "$root/root/.cache/ccache"
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  chroot "$root" /bin/bash -euo pipefail -s -- "$@"' bash "${tests[@]}" <<'END'
cd /
cmake -S source -B build -G Ninja -DCMAKE_TOOLCHAIN_FILE=/toolchain.cmake -DCMAKE_BUILD_TYPE=Release \
  -DDVECDB_BUILD_BENCH=OFF -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >/build/configure.log
cmake --build build --target dvecdb "$@" >/build/build.log || { tail -n 30 /build/build.log; exit 1; }
aarch64-linux-gnu-readelf -h build/bin/dvecdb | grep Machine
qemu-aarch64-static build/bin/dvecdb --version
for test in "$@"; do
  echo "== $test"
  # In /proc/self/stat the emulator gives no sizes.
  (cd build && qemu-aarch64-static "bin/$test" --gtest_brief=1 --gtest_filter=-Metrics.MeasuresThisProcess)
done
END
