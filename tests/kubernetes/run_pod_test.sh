#!/usr/bin/env bash
# Runs test_pod.py in a network of its own, so that the pod has the ports that its manifest says.
#   tests/kubernetes/run_pod_test.sh <build folder> [other file and options of pytest]
# DVECDB_ is the server's own prefix; TEST_POD_ROOT names an image's root file system, instead of one
# made of the binary and its libraries.
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")"

# Who is not root becomes it in a user namespace.
namespaces=(--net)
[ "$(id -u)" = 0 ] || namespaces+=(--user --map-root-user)
if ! unshare "${namespaces[@]}" --mount --pid --fork true; then
  echo "This machine does not let $(id -un) make namespaces, which the test of the pod is made of." >&2
  echo "Run it as root, in a container with CAP_SYS_ADMIN; or sysctl kernel.unprivileged_userns_clone=1." >&2
  exit 1
fi
[ $# -gt 1 ] || set -- "$1" test_pod.py
export TEST_BUILD=$build PYTHONDONTWRITEBYTECODE=1
exec unshare "${namespaces[@]}" "$build/python/bin/python" -m pytest -q -p no:cacheprovider \
  --rootdir=. --confcutdir=. "${@:2}"
