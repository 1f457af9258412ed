#!/usr/bin/env bash
# Makes the Python and Node environments of the driver tests, once, inside the build folder.
#   scripts/prepare_tests.sh <build folder>
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1

requirements=tests/drivers/requirements.txt
if ! cmp -s "$requirements" "$build/python/installed.txt"; then
  python3 -m venv "$build/python"
  "$build/python/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$build/python/installed.txt"
fi

package=tests/drivers/package.json
if ! cmp -s "$package" "$build/node/package.json"; then
  mkdir -p "$build/node"
  cp "$package" "$build/node/"
  npm install --prefix "$build/node" --no-package-lock --no-audit --no-fund --silent
fi
