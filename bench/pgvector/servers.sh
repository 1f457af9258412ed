# Functions to run two PostgreSQL clusters inside the Debian 13 folder $root: sourced by run.sh.
# Cluster `name` lies in $root/bench/name; its socket is reached as $link/bench/name from outside.

programs=/usr/lib/postgresql/17/bin
declare -A server_pid=()

# inside <command...>: in the folder, with what programs expect mounted for the command's life alone.
# The mounts are in a name space of their own, so that nothing is left behind.
inside() {
  unshare --mount bash -c '
    root=$1; source=$2; cgroup=$3; shift 3
    [ -z "$cgroup" ] || echo $$ >"$cgroup/cgroup.procs"
    mount -t proc proc "$root/proc"
    mkdir -p "$root/dev/shm" "$root/source"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount --bind -o ro "$source" "$root/source"
    exec chroot "$@"' inside "$root" "$PWD" "${cgroup:-}" "$@"
}

as_root_inside() { inside "$root" "$@"; }
as_postgres_inside() { inside --userspec=postgres:postgres "$root" "$@"; }

build_extension_inside() {
  as_root_inside /source/scripts/install_extension.sh /build-extension "$jobs" \
    "$programs/pg_config" >"$root.extension.log" 2>&1 ||
    { tail -n 30 "$root.extension.log" >&2; return 1; }
}

# Both clusters alike. Big enough buffers for all tables of a set; nothing in the background.
init_server() {
  local name=$1
  rm -rf "$root/bench/$name"
  mkdir -p "$root/bench/$name"
  chroot "$root" chown postgres "/bench/$name"
  as_postgres_inside "$programs/initdb" -D "/bench/$name/data" -A trust -U postgres \
    --locale=C.UTF-8 --no-sync >/dev/null
  cat >>"$root/bench/$name/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '/bench/$name'
shared_buffers = 3GB
maintenance_work_mem = 2GB
max_parallel_maintenance_workers = 3
max_wal_size = 32GB
checkpoint_timeout = 1h
autovacuum = off
CONF
}

conninfo() {
  echo "host=$link/bench/$1 user=postgres dbname=postgres options='-c client_min_messages=warning'"
}

# start_server <name> [settings as -c name=value]
start_server() {
  local name=$1
  shift
  as_postgres_inside "$programs/postgres" -D "/bench/$name/data" "$@" \
    >>"$root/bench/$name/log" 2>&1 &
  server_pid[$name]=$!   # of the shell that waits for the server
  local tries
  for tries in $(seq 300); do
    if psql -X -q -c 'SELECT 1' "$(conninfo "$name")" >/dev/null 2>&1; then return; fi
    kill -0 "${server_pid[$name]}" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$root/bench/$name/log" >&2
  return 1
}

stop_server() {
  local name=$1
  [ -n "${server_pid[$name]:-}" ] || return 0
  kill -INT "$(head -n 1 "$root/bench/$name/data/postmaster.pid")" 2>/dev/null || true
  wait "${server_pid[$name]}" || true
  unset "server_pid[$name]"
}

# What the cluster's files have in the page cache is dropped, of them alone.
drop_cached_files() {
  find "$root/bench/$1/data/base" -type f -size +0 -exec \
    dd of={} oflag=nocache conv=notrunc,fdatasync count=0 status=none \;
}
