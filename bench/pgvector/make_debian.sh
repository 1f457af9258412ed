#!/usr/bin/env bash
# Makes a folder that holds a Debian with its PostgreSQL, its pgvector and a compiler, once.
# Packages come from the mirror that this machine's apt is set up for.
#   bench/pgvector/make_debian.sh <suite> <version of its PostgreSQL> <folder> [further packages]
set -euo pipefail
suite=$1
version=$2
root=$3
shift 3
if [ "$(id -u)" != 0 ]; then
  echo "Making a folder that holds a Debian and running in it takes root (sudo make ...)" >&2
  exit 1
fi
# With /proc, which some packages ask for when they are set up.
inside() {
  unshare --mount bash -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' inside "$root" "$@" \
    >>"$root.log" 2>&1
}

install_inside() {
  inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

install_further() {
  [ $# = 0 ] || chroot "$root" dpkg-query -W "$@" >/dev/null 2>&1 || install_inside "$@"
}

if [ -e "$root/.complete" ]; then
  install_further "$@"
  exit 0
fi
command -v debootstrap >/dev/null || {
  echo "Install debootstrap and try again: apt-get install debootstrap" >&2
  exit 1
}
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' |
  sort -u | head -n 1)
if [ -z "$mirror" ]; then
  echo "apt knows no Debian mirror on this machine" >&2
  exit 1
fi

echo "Making $root (about a minute)"
rm -rf "$root"
mkdir -p "$root"
# All suites of these years are made as sid is; a newer one may have no script of its name here.
debootstrap --variant=minbase "$suite" "$root" "$mirror" /usr/share/debootstrap/scripts/sid \
  >"$root.log"
# Nothing starts by being installed, and no cluster is made.
mkdir -p "$root/etc/postgresql-common"
echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
# A mirror may be a snapshot, whose lists of a suite in the making are past their date.
echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/snapshot"
inside apt-get update -qq
install_inside "postgresql-$version" "postgresql-$version-pgvector" "postgresql-server-dev-$version" \
  g++ cmake ninja-build pkg-config libroaring-dev libsimde-dev
touch "$root/.complete"
install_further "$@"
