#!/usr/bin/env bash
# Makes a folder that holds Debian 13 with its PostgreSQL 17, its pgvector and a compiler, once.
# Packages come from the mirror that this machine's apt is set up for.
#   bench/pgvector/make_debian13.sh <folder> [further packages]
set -euo pipefail
root=$1
shift
if [ "$(id -u)" != 0 ]; then
  echo "Making a Debian 13 folder and running in it takes root: sudo make bench-pgvector" >&2
  exit 1
fi
install_inside() {
  chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "$@" >>"$root.log" 2>&1
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
debootstrap --variant=minbase trixie "$root" "$mirror" >"$root.log"
# Nothing starts by being installed, and no cluster is made.
mkdir -p "$root/etc/postgresql-common"
echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
chroot "$root" apt-get update -qq
install_inside postgresql-17 postgresql-17-pgvector postgresql-server-dev-17 \
  g++ cmake ninja-build pkg-config libroaring-dev libsimde-dev
touch "$root/.complete"
install_further "$@"
