#!/bin/sh
# Installs packages in an image, and leaves nothing there that no program reads.
#   docker/install_runtime.sh <package...>
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" >/dev/null
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/* /var/log/apt /var/log/dpkg.log \
  /usr/share/man /usr/share/locale /usr/share/info
# Licences stay.
find /usr/share/doc -type f ! -name copyright -delete
find /usr/share/doc -depth -type d -empty -delete
