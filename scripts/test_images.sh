#!/usr/bin/env bash
# Runs the images that scripts/build_images.sh has built, as uid 1000 on a root that cannot be
# written, and checks them; as root.
#   scripts/test_images.sh <build folder>
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1")
. scripts/buildah.sh "$build"

containers=()
trap 'for one in "${containers[@]}"; do storage rm "$one" >/dev/null; done' EXIT

version=$(sed -n 's/^project(dvecdb VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
declare -A root
for name in dvecdb dvecdb-postgres; do
  container=$(storage from --pull-never "$name:$version")
  containers+=("$container")
  root[$name]=$(storage mount "$container")
  storage inspect --type image "$name:$version" >"$images/$name.json"
  storage images --format '{{.Name}}:{{.Tag}} {{.Size}}' "$name:$version"
done

export TEST_BUILD=$build PYTHONDONTWRITEBYTECODE=1
test_in_network() {
  unshare --net "$build/python/bin/python" -m pytest -q -p no:cacheprovider --rootdir=tests/kubernetes \
    --confcutdir=tests/kubernetes "tests/kubernetes/$1"
}
[ -f "$build/kubernetes/production.json" ] || scripts/test_kubernetes.sh "$build"

TEST_IMAGES=$(printf '{"dvecdb": {"root": "%s", "inspect": "%s"}, "dvecdb-postgres": {"root": "%s", "inspect": "%s"}}' \
  "${root[dvecdb]}" "$images/dvecdb.json" "${root[dvecdb-postgres]}" "$images/dvecdb-postgres.json")
export TEST_IMAGES
test_in_network test_image_files.py
TEST_POD_ROOT=${root[dvecdb]} test_in_network test_pod.py
TEST_POD_ROOT=${root[dvecdb-postgres]} test_in_network test_postgres_image.py
