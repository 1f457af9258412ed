#!/bin/sh
# Name, version, architecture and source of installed packages, one a line: those named, or all.
#   docker/packages.sh [package...]
set -eu
dpkg-query -W -f='${Package} ${Version} ${Architecture} ${source:Package}\n' "$@"
