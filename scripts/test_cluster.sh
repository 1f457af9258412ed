#!/usr/bin/env bash
# Runs the guides of kubernetes/ and charts/ on a cluster: Kubernetes' own programs, built from their
# source, with containerd, in namespaces of this machine; as root.
#   scripts/test_cluster.sh <build folder> [--write] [--shell] [page ...]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1")
shift
if [ "$(id -u)" != 0 ]; then echo "Containers need root: run this as root." >&2; exit 1; fi
. scripts/go.sh "$build"
. scripts/buildah.sh "$build"
here=tests/kubernetes/cluster
programs=$tools/cluster
archives=$build/cluster-images
mkdir -p "$programs" "$archives"
export CGO_ENABLED=0

kubernetes=$(run_go list -C $here -m -f '{{.Version}}' k8s.io/kubernetes)
flags=(-trimpath -p "${JOBS:-2}" -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$kubernetes")
run_go build -C $here "${flags[@]}" -o "$programs/" tool
run_go build -C $here/parts "${flags[@]}" -o "$programs/" tool ./coredns
gcc -static -Os -o "$programs/pause" $here/pause.c

# What ServiceMonitor and PrometheusRule are, made of the operator's own types.
(cd $here/parts && PATH=$(dirname "$go_program"):$PATH "$programs/controller-gen" \
  crd paths=github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1 \
  "output:crd:dir=$build/cluster-definitions")

# Debian's package would start its containerd on the machine: it is unpacked beside.
if [ ! -x "$programs/containerd" ]; then
  (cd "$programs" && apt-get download -qq containerd 2>/dev/null && dpkg -x containerd_*.deb package)
  mv "$programs"/package/usr/bin/* "$programs/"
  rm -r "$programs"/package "$programs"/containerd_*.deb
fi

# An image under a name, for containerd.
export_image() {
  rm -f "$archives/$2.tar"
  storage push -q "$1" "docker-archive:$archives/$2.tar:$3" >/dev/null
}

# An image of one static program.
make_image() {
  local container
  container=$(storage from scratch)
  storage copy -q "$container" "$programs/$1" "/$1" >/dev/null
  storage config --entrypoint "[\"/$1\"]" "$container"
  storage commit -q "$container" "localhost/$1:1" >/dev/null
  storage rm "$container" >/dev/null
  export_image "localhost/$1:1" "$1" "localhost/$1:1"
  storage rmi "localhost/$1:1" >/dev/null
}

version=$(sed -n 's/^project(dvecdb VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
make_image pause
make_image coredns
export_image "localhost/dvecdb:$version" dvecdb "docker.io/library/dvecdb:$version"
# What the guide upgrades to: the same under the next name.
export_image "localhost/dvecdb:$version" dvecdb-next "docker.io/library/dvecdb:${version%.*}.$((${version##*.} + 1))"

# A group of its own in every hierarchy, so that what the kubelet makes can be found and removed.
group=dvecdb-cluster-$$
hierarchies=()
for hierarchy in $(awk '$3 == "cgroup" || $3 == "cgroup2" {print $2}' /proc/mounts); do
  hierarchies+=("$hierarchy")
  mkdir "$hierarchy/$group"
  # An empty set of processors takes no process.
  for file in cpuset.cpus cpuset.mems; do
    [ ! -f "$hierarchy/$group/$file" ] || cat "$hierarchy/$file" >"$hierarchy/$group/$file"
  done
done
clean_up() {
  local hierarchy
  for hierarchy in "${hierarchies[@]}"; do
    find "$hierarchy/$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  done
  # The logs stay until the next run.
  find "$build/cluster" -mindepth 1 -maxdepth 1 ! -name logs -exec rm -rf {} +
}
rm -rf "$build/cluster"
mkdir "$build/cluster"
trap clean_up EXIT

# Bash is the first process: it takes leave of containers' orphans, and with it all others end.
CLUSTER_CGROUP=/$group PATH=$programs:$PATH PYTHONDONTWRITEBYTECODE=1 \
  unshare --net --mount --pid --fork --mount-proc --uts --ipc --kill-child \
  bash -c 'python3 "$@" <&0 & wait $!' - "$here/main.py" "$build" "$@"
