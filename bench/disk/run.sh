#!/usr/bin/env bash
# Builds and searches an index whose vectors are four times as large as the memory it may use.
#   bench/disk/run.sh <build folder> [set] [folder]
# BITS, if set, are those of an element's code; else the index picks them.
# The memory is limited by a control group of its own, which takes root's rights; without them it
# says so and runs all the same.
set -euo pipefail
program=$1/bin/dvecdb_bench_disk
set_name=${2:-mixture-200k-768}
folder=${3:-$1/bench-disk}
mkdir -p "$folder"

echo "Making $set_name ..."
vector_bytes=$("$program" data "$folder" "$set_name")
limit=$((vector_bytes / 4))

group=
remove_group() { [ -z "$group" ] || rmdir "$group" 2>/dev/null || true; }
trap remove_group EXIT
make_group() {
  local root=/sys/fs/cgroup limit_file=memory.max
  if [ -d $root/memory ]; then
    root=/sys/fs/cgroup/memory limit_file=memory.limit_in_bytes
  elif ! grep -qw memory $root/cgroup.subtree_control 2>/dev/null; then
    echo +memory 2>/dev/null > $root/cgroup.subtree_control || return 1
  fi
  mkdir "$root/dvecdb_bench_disk_$$" 2>/dev/null || return 1
  group=$root/dvecdb_bench_disk_$$
  echo "$limit" 2>/dev/null > "$group/$limit_file"
}
limited() {
  if [ -z "$group" ]; then "$@"; return; fi
  (echo "$BASHPID" > "$group/cgroup.procs" && exec "$@")
}

if make_group; then
  echo "Vectors: $((vector_bytes / 1000000)) MB. Memory, page cache included: $((limit / 1000000)) MB."
else
  remove_group
  group=
  echo "No right to make a control group: memory is NOT limited, and after a while the system"
  echo "keeps all vectors in its cache."
fi

echo; echo "== Build, vectors on disk"
limited "$program" build "$folder" ${BITS:+"$BITS"}
echo; echo "== Search, vectors on disk"
limited "$program" search "$folder" disk
echo; echo "== Search, all in memory that is not limited"
"$program" search "$folder" memory
