#!/usr/bin/env bash
# Installs the Debian packages that a set of tasks needs, where they are missing.
#   scripts/install_packages.sh build [test]
set -euo pipefail

# Debian 12 has two Boosts; the newer is wanted. Debian 13 has one that is new enough.
boost_packages() {
  if apt-cache show libboost-json1.81-dev >/dev/null 2>&1; then
    echo libboost1.81-dev libboost-json1.81-dev
  else
    echo libboost-dev libboost-json-dev
  fi
}

build_packages() {
  echo g++ make cmake ninja-build pkg-config tzdata ca-certificates
  echo libpg-query-dev libprotobuf-c-dev libsqlite3-dev libspdlog-dev libfmt-dev libtomlplusplus-dev
  echo libsimde-dev libroaring-dev libssl-dev libpcre2-dev prometheus-cpp-dev libpq-dev zlib1g-dev
  echo postgresql-client curl
  boost_packages
}

test_packages() {
  echo libgtest-dev libbenchmark-dev libpqxx-dev python3-venv
  echo libpostgresql-jdbc-java
  # Any Java and Node that the machine has already will do.
  command -v javac >/dev/null || echo default-jdk-headless
  command -v npm >/dev/null || echo nodejs npm
}

missing() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

wanted=""
for task in "$@"; do wanted+=" $("${task}_packages")"; done
# shellcheck disable=SC2086
needed=$(missing $wanted | tr '\n' ' ')
[ -n "${needed// /}" ] || exit 0

if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
  echo "These Debian packages are missing: $needed" >&2
  echo "Install them and try again:  sudo apt-get install $needed" >&2
  exit 1
fi
echo "Installing: $needed"
export DEBIAN_FRONTEND=noninteractive
as_root apt-get update -qq
# The names again: Boost's depend on lists that a fresh machine has only now.
wanted=""
for task in "$@"; do wanted+=" $("${task}_packages")"; done
# shellcheck disable=SC2046,SC2086
as_root apt-get install -y -qq --no-install-recommends $(missing $wanted) >/dev/null
