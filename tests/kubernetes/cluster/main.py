"""Starts a cluster on this machine alone, in namespaces of its own, and runs the guides on it.

    main.py <build folder> [--write] [--shell] [page ...]

--write puts what the commands print into the guides where it differs from what they show; --shell opens
a shell beside the cluster instead. scripts/test_cluster.sh makes the namespaces, programs and images."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import time

import guide
import machine
from control_plane import ControlPlane
from stand_ins import LoadBalancer, Storage

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PAGES = ["kubernetes/README.md", "charts/dvecdb/README.md", "tests/kubernetes/cluster/README.md"]


def start_cluster(build, work):
    machine.set_up(work)
    plane = ControlPlane(work, build / "tools" / "cluster")
    plane.start()
    for archive in sorted((build / "cluster-images").glob("*.tar")):
        plane.import_image(archive)
    for manifest in sorted((HERE / "manifests").glob("*.yaml")):
        plane.apply(manifest)
    for kind in ("servicemonitors", "prometheusrules"):
        plane.apply(build / "cluster-definitions" / f"monitoring.coreos.com_{kind}.yaml")
    Storage(plane, work / "volumes").start()
    LoadBalancer(plane).start()
    done = plane.kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=120s")
    if done.returncode != 0:
        raise RuntimeError(f"DNS: {done.stdout}{done.stderr}")
    return plane


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--shell", action="store_true")
    parser.add_argument("pages", nargs="*", default=PAGES)
    options = parser.parse_intermixed_args()
    build = options.build.resolve()
    work = build / "cluster"
    # The guides change files of theirs: a copy.
    folder = work / "folder"
    for name in ("kubernetes", "charts"):
        shutil.copytree(ROOT / name, folder / name)

    begin = time.monotonic()
    plane = start_cluster(build, work)
    print(f"The cluster is ready after {time.monotonic() - begin:.0f} s", flush=True)
    environment = guide.environment_of(plane.tools, plane.kubeconfig, folder)
    if options.shell:
        return subprocess.run(["bash", "--norc"], env=environment, cwd=folder, check=False).returncode
    faults, count = [], 0
    for page in options.pages:
        ran, found = guide.run_page(ROOT / page, folder, environment, options.write)
        count += ran
        faults += found
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{count} commands in {time.monotonic() - begin:.0f} s, {len(faults)} other than their page says")
    return 1 if faults and not options.write else 0


if __name__ == "__main__":
    sys.exit(main())
