#!/usr/bin/env bash
# Builds the two images with buildah, without an engine and without a registry, as root.
#   scripts/build_images.sh <build folder> [dvecdb|dvecdb-postgres ...]
# They are dvecdb:<version> and dvecdb-postgres:<version> in <build folder>/images/storage; the base
# image is made by debootstrap under the name that FROM uses.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
[ $# -gt 0 ] || set -- dvecdb dvecdb-postgres

base=docker.io/library/debian:bookworm-slim
version=$(sed -n 's/^project(dvecdb VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
# The commit's time: the same source makes the same labels.
created=$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null ||
  date -u +%Y-%m-%dT%H:%M:%SZ)
. scripts/buildah.sh "$build"

make_base() {
  local folder=$images/base
  rm -rf "$folder"
  debootstrap --variant=minbase bookworm "$folder" >"$images/debootstrap.log"
  rm -rf "$folder"/var/cache/apt/* "$folder"/var/lib/apt/lists/* "$folder"/usr/share/{man,locale,info}/*
  find "$folder/usr/share/doc" -type f ! -name copyright -delete
  local container
  container=$(storage from scratch)
  storage add -q "$container" "$folder" / >/dev/null
  storage commit -q "$container" "$base" >/dev/null
  storage rm "$container" >/dev/null
  rm -rf "$folder"
}

# The cache of the Dockerfiles is the one of scripts/build.sh.
export TMPDIR=$images/tmp
mkdir -p "$TMPDIR/buildah-cache" "$build/ccache"
ln -sfn "$(realpath "$build/ccache")" "$TMPDIR/buildah-cache/ccache"
storage inspect --type image "$base" >/dev/null 2>&1 || make_base

declare -A file=([dvecdb]=Dockerfile [dvecdb-postgres]=Dockerfile.postgres)
for name in "$@"; do
  echo "Building $name:$version (log: $images/$name.log)"
  # Health checks are of Docker's image format alone.
  storage build --isolation=chroot --pull=never --format=docker \
    --build-arg VERSION="$version" --build-arg REVISION="$revision" --build-arg CREATED="$created" \
    --file "${file[$name]}" --tag "$name:$version" . >"$images/$name.log" 2>&1 ||
    { tail -n 40 "$images/$name.log" >&2; exit 1; }
  storage images --format '{{.Name}}:{{.Tag}} {{.Size}}' "$name:$version"
done
