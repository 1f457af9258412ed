#!/usr/bin/env bash
# Makes the Python environment of the driver tests, once, inside the build folder.
#   scripts/prepare_tests.sh <build folder>
set -euo pipefail
cd "$(dirname "$0")/.."
environment=$1/python
requirements=tests/drivers/requirements.txt
if ! cmp -s "$requirements" "$environment/installed.txt"; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$environment/installed.txt"
fi
