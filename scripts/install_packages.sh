#!/usr/bin/env bash
# Installs the Debian packages that a set of tasks needs, where they are missing.
#   scripts/install_packages.sh build [test] [bench]
#   PG_CONFIG=<pg_config> scripts/install_packages.sh extension
set -euo pipefail

# Debian 12 has two Boosts; the newer is wanted. Debian 13 has one that is new enough.
boost_packages() {
  if grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; then
    echo libboost1.81-dev libboost-json1.81-dev
  else
    echo libboost-dev libboost-json-dev
  fi
}

# The PostgreSQL of this Debian.
postgresql_major() {
  if grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; then echo 15; else echo 17; fi
}

# The extension alone. A PostgreSQL that has its headers already needs no package.
extension_packages() {
  echo g++ make cmake ninja-build pkg-config libsimde-dev libroaring-dev
  [ -f "$("${PG_CONFIG:-pg_config}" --includedir-server 2>/dev/null)/postgres.h" ] ||
    echo "postgresql-server-dev-$(postgresql_major)"
}

# The server alone.
server_packages() {
  echo g++ make cmake ninja-build pkg-config tzdata ca-certificates
  echo libpg-query-dev libprotobuf-c-dev libsqlite3-dev libspdlog-dev libfmt-dev libtomlplusplus-dev
  echo libsimde-dev libroaring-dev libssl-dev libpcre2-dev prometheus-cpp-dev libpq-dev zlib1g-dev
  boost_packages
}

build_packages() {
  server_packages
  echo postgresql-client curl "postgresql-server-dev-$(postgresql_major)"
}

test_packages() {
  echo libgtest-dev libbenchmark-dev libpqxx-dev python3-venv ccache jq
  echo libpostgresql-jdbc-java
  # A server for the extension, pgTAP, and pg_prove.
  echo "postgresql-$(postgresql_major)" "postgresql-$(postgresql_major)-pgtap"
  echo libtap-parser-sourcehandler-pgtap-perl
  # Any Java and Node that the machine has already will do.
  command -v javac >/dev/null || echo default-jdk-headless
  command -v npm >/dev/null || echo nodejs npm
  # Fetches a newer one where it is too old for tests/kubernetes (scripts/go.sh).
  command -v go >/dev/null || echo golang-go
}

# The peers of bench/ann, and what configuring the build asks for.
bench_packages() {
  echo libhnswlib-dev libfaiss-dev libblas-dev liblapack-dev
  echo libgtest-dev libbenchmark-dev
}

# Builds images without an engine.
images_packages() {
  echo buildah debootstrap
}

# Runs a cluster, beside what is built.
cluster_packages() {
  echo runc containernetworking-plugins iptables iproute2 openssl gcc libc6-dev curl postgresql-client
  command -v go >/dev/null || echo golang-go
}

# Makes the folder in which bench/pgvector runs both servers.
bench_pgvector_packages() {
  echo debootstrap postgresql-client
}

missing() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

# sudo may ask for a password where there is somebody to ask.
may_become_root() {
  [ "$(id -u)" = 0 ] && return
  command -v sudo >/dev/null || return
  if [ -t 0 ]; then sudo -v; else sudo -n true 2>/dev/null; fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

wanted=""
for task in "$@"; do wanted+=" $("${task}_packages")"; done
# shellcheck disable=SC2086
needed=$(missing $wanted | tr '\n' ' ')
[ -n "${needed// /}" ] || exit 0

if ! may_become_root; then
  echo "These Debian packages are missing: $needed" >&2
  echo "Install them and try again:  sudo apt-get install $needed" >&2
  exit 1
fi
echo "Installing: $needed"
as_root apt-get update -qq
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  $needed >/dev/null
