#!/usr/bin/env bash
# Prints the path of a promtool. Where there is none, Debian's is unpacked into the build folder:
# installing its package would start a Prometheus on the machine.
#   scripts/find_promtool.sh <build folder>
set -euo pipefail
tools=$(realpath "$1")/tools
if command -v promtool; then exit; fi
if [ ! -x "$tools/prometheus/usr/bin/promtool" ]; then
  mkdir -p "$tools"
  rm -rf "$tools/prometheus.deb.d"
  mkdir "$tools/prometheus.deb.d"
  (cd "$tools/prometheus.deb.d" && apt-get download -qq prometheus >/dev/null 2>&1) || {
    echo "There is no promtool and its package cannot be fetched: apt-get install prometheus" >&2
    exit 1
  }
  dpkg -x "$tools"/prometheus.deb.d/*.deb "$tools/prometheus"
  rm -rf "$tools/prometheus.deb.d" "$tools/prometheus/usr/bin/prometheus"
fi
echo "$tools/prometheus/usr/bin/promtool"
