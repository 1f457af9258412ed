"""The machine that the cluster believes to be alone on: namespaces of mounts, network and processes,
in which paths of the file system that Kubernetes' programs take for theirs lead into a work folder."""

import pathlib
import subprocess

NODE_ADDRESS = "10.99.0.1"
POD_NETWORK = "10.244.0.0/24"

# What the programs write; on the machine itself nothing of it is touched.
OWN_FOLDERS = ("/run", "/var/lib/kubelet", "/var/lib/cni", "/var/log", "/etc/cni")
# The kubelet wants these, and would set them for the whole machine.
KERNEL_SETTINGS = {
    "vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10", "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
}
BRIDGE = """{
  "cniVersion": "0.4.0", "name": "pods",
  "plugins": [
    {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
     "ipam": {"type": "host-local", "ranges": [[{"subnet": "%s"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
"""


def run(*command):
    subprocess.run(command, check=True)


def hide_folders(work):
    for path in OWN_FOLDERS:
        if not pathlib.Path(path).exists():
            continue
        own = work / "machine" / path.lstrip("/").replace("/", "-")
        own.mkdir(parents=True)
        run("mount", "--bind", own, path)


def hide_kernel_settings(work):
    folder = work / "machine" / "kernel"
    folder.mkdir(parents=True)
    for name, value in KERNEL_SETTINGS.items():
        file = folder / name.replace("/", "-")
        file.write_text(value + "\n")
        run("mount", "--bind", file, f"/proc/sys/{name}")


def make_network():
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "node", "type", "bridge")
    run("ip", "address", "add", f"{NODE_ADDRESS}/24", "dev", "node")
    run("ip", "link", "set", "node", "up")
    # A bridge without ports answers by itself. Addresses of services need a way that leads somewhere, before they are rewritten.
    run("ip", "route", "add", "default", "dev", "node")
    pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    folder = pathlib.Path("/etc/cni/net.d")
    folder.mkdir(parents=True)
    (folder / "10-pods.conflist").write_text(BRIDGE % POD_NETWORK)


def set_up(work):
    pathlib.Path("/var/lib/kubelet").mkdir(parents=True, exist_ok=True)
    hide_folders(work)
    hide_kernel_settings(work)
    make_network()
