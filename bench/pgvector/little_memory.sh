# Functions to run a cluster with little memory: sourced by run.sh. A control group holds the
# cluster's page cache down; its version is the machine's.

if [ -d /sys/fs/cgroup/memory ]; then
  cgroup_root=/sys/fs/cgroup/memory
  cgroup_limit=memory.limit_in_bytes cgroup_usage=memory.usage_in_bytes cgroup_files=cache
else
  cgroup_root=/sys/fs/cgroup
  cgroup_limit=memory.high cgroup_usage=memory.current cgroup_files=file
fi

# cgroup_bytes <group> <key>: a line of its memory.stat.
cgroup_bytes() { awk -v key="$2" '$1 == key { print $2 }' "$1/memory.stat"; }

make_cgroup() {
  local group=$cgroup_root/dvecdb-bench-$1-$$
  [ "$cgroup_root" != /sys/fs/cgroup ] || echo +memory >"$cgroup_root/cgroup.subtree_control"
  mkdir "$group"
  # Other memory may grow faster than the limit follows: wait for that, do not kill.
  [ ! -e "$group/memory.oom_control" ] || echo 1 >"$group/memory.oom_control"
  echo "$group"
}

# hold_page_cache <group> <bytes> <shared buffers>: all other memory of the group is what it is, and
# the page cache gets so many bytes beside it. Shared buffers, which count as files, have their place
# from the beginning. Runs until it is killed.
hold_page_cache() {
  local group=$1 quota=$2 buffers=$3 usage files shared
  while sleep 0.05; do
    read -r usage <"$group/$cgroup_usage"
    files=$(cgroup_bytes "$group" $cgroup_files)
    shared=$(cgroup_bytes "$group" shmem)
    if [ "$shared" -lt "$buffers" ]; then shared=$buffers; fi
    echo $((usage - files + shared + quota)) >"$group/$cgroup_limit" 2>/dev/null || true
  done
}
