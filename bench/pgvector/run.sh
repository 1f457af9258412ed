#!/usr/bin/env bash
# Measures our index method beside Debian 13's pgvector into <build folder>/bench-pgvector.
#   bench/pgvector/run.sh <build folder> <jobs> [--full] [--data <folder of sets>]
#                         [--set <names>] [--phases <prepare,memory,disk,write>]
#                         [--ours-options <index options>] [--only <contenders>]
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
jobs=$2
shift 2

full="" data="" sets="" phases=prepare,memory,disk,write ours_options="" only="pgvector ours ours-compact"
while [ $# -gt 0 ]; do
  case $1 in
    --full) full=--full; shift; continue ;;
    --data) data=$2 ;;
    --set) sets=$2 ;;
    --phases) phases=$2 ;;
    --ours-options) ours_options=$2 ;;
    --only) only=${2//,/ } ;;
    *) echo "$0: no option \"$1\"" >&2; exit 2 ;;
  esac
  shift 2
done

# shellcheck source=bench/pgvector/servers.sh
. bench/pgvector/servers.sh
# shellcheck source=bench/pgvector/little_memory.sh
. bench/pgvector/little_memory.sh

root=$PWD/$build/debian13
out=$build/bench-pgvector
mkdir -p "$out"
bench/pgvector/make_debian.sh trixie 17 "$root"
link=$(mktemp -u -t dvb.XXXXXX)   # short, as the name of a Unix socket must be
ln -s "$root" "$link"
background=()
end() {
  for pid in "${background[@]}"; do kill "$pid" 2>/dev/null || true; done
  for name in "${!server_pid[@]}"; do stop_server "$name"; done
  rmdir "$cgroup_root"/dvecdb-bench-*-$$ 2>/dev/null || true
  rm -f "$link"
}
trap end EXIT

wants() { [[ ",$phases," == *",$1,"* ]]; }
servers() { for one in $only; do echo "${one%%-*}"; done | sort -u; }

default_sets() {
  local folder
  if [ -n "$data" ]; then
    for folder in "$data"/*-[0-9]*/; do basename "$folder"; done
  else
    echo demo-784
  fi
  if [ -n "$full" ]; then
    echo mixture-200k-128
    echo mixture-100k-768
  else
    echo mixture-50k-128
    echo mixture-20k-768
  fi
}
[ -n "$sets" ] || sets=$(default_sets | paste -sd,)

options_of() {
  case $1 in
    ours) echo "$ours_options" ;;
    ours-compact) echo "layout = compact" ;;
  esac
}

# client <phase> <ef_construction> <set> [options]
client() {
  local phase=$1 ef_construction=$2 set=$3 one contenders=()
  shift 3
  for one in $only; do
    contenders+=(--contender "$one;$(conninfo "${one%%-*}");$(options_of "$one")")
  done
  "$build/bin/dvecdb_bench_pgvector" "$phase" --out "$out/ef-construction-$ef_construction" \
    --ef-construction "$ef_construction" --set "$set" ${data:+--data "$data"} $full \
    --cache "$build/bench-ann/truth" "${contenders[@]}" "$@"
}

start_all() {
  for name in $(servers); do start_server "$name" "$@"; done
}
stop_all() {
  for name in $(servers); do stop_server "$name"; done
}

disk_clients=$([ -n "$full" ] && echo 1,4 || echo 4)

# An eighth of pgvector's index in memory: half in shared buffers, half in the page cache.
least_cache=$((8 << 20))
other_shared=$((12 << 20))  # what else PostgreSQL has in shared memory
disk_phase() {
  local ef_construction=$1 set=$2 bytes half
  bytes=$(awk -F, -v set="$set" '$1 == set && $3 == "index bytes" { if (bytes < $7 + 0) bytes = $7 + 0 }
    END { printf "%d", bytes }' "$out/ef-construction-$ef_construction/results.csv")
  half=$((bytes / 16 > least_cache ? bytes / 16 : least_cache))
  for name in $(servers); do
    drop_cached_files "$name"
    cgroup=$(make_cgroup "$name")
    start_server "$name" -c "shared_buffers=$((half >> 13))"
    hold_page_cache "$cgroup" "$half" $((half + other_shared)) &
    background+=($!)
    cgroup=
  done
  client search "$ef_construction" "$set" --place disk --repetitions 1 --seconds 1 \
    --clients "$disk_clients"
  for pid in "${background[@]}"; do kill "$pid"; wait "$pid" 2>/dev/null || true; done
  background=()
  stop_all
  rmdir "$cgroup_root"/dvecdb-bench-*-$$
}

measure() {
  local ef_construction=$1 set
  for set in ${sets//,/ }; do
    start_all
    if wants prepare; then client prepare "$ef_construction" "$set"; fi
    if wants memory; then client search "$ef_construction" "$set" --place memory; fi
    stop_all
    if wants disk; then disk_phase "$ef_construction" "$set"; fi
    if wants write; then
      start_all
      client write "$ef_construction" "$set"
      stop_all
    fi
  done
  client report "$ef_construction" "" | tee "$out/ef-construction-$ef_construction/report.txt"
}

if wants prepare; then
  [[ " $only " != *" ours"* ]] || build_extension_inside
  rm -rf "$out"/ef-construction-*
  for name in $(servers); do
    init_server "$name"
    start_server "$name"
    extension=$([ "$name" = ours ] && echo dvecdb || echo vector)
    psql -X -q -c "CREATE EXTENSION $extension" "$(conninfo "$name")"
    stop_server "$name"
  done
fi
measure 64
[ -z "$full" ] || measure 200
echo "Tables and raw results: $out"
