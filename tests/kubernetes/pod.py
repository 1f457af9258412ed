"""A pod as the kubelet runs it: from a rendered StatefulSet, its ConfigMap and a secret, with the
probes that the StatefulSet says."""

import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

POD_IP = "10.244.0.7"
FS_GROUP_MODE = 0o2770


def bring_up_network():
    """Loopback, and the pod's address, which is none of loopback's: its clients come from elsewhere."""
    set_address, get_flags, set_flags, is_up = 0x8916, 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(control, get_flags, request))[1]
        fcntl.ioctl(control, set_flags, struct.pack("16sH14s", b"lo", flags | is_up, b""))
        address = struct.pack("16sHH4s8s", b"lo:pod", socket.AF_INET, 0, socket.inet_aton(POD_IP), b"")
        fcntl.ioctl(control, set_address, address)


def make_root(folder, program):
    """A root file system of one binary and the libraries that it is linked with."""
    folder.mkdir()
    files = [(program, "/usr/local/bin/dvecdb")]
    for line in subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        found = [word for word in line.split() if word.startswith("/")]
        files += [(word, word) for word in found[:1]]
    for source, target in files:
        copy = folder / target.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    shutil.copytree("/usr/share/zoneinfo", folder / "usr/share/zoneinfo", symlinks=True)
    return folder


class Manifest:
    """What the pod needs of the documents that kustomize has rendered."""

    def __init__(self, path):
        documents = json.loads(pathlib.Path(path).read_text())
        self.documents = documents
        (self.owner,) = [one for one in documents if one["kind"] == "StatefulSet"]
        self.spec = self.owner["spec"]["template"]["spec"]
        (self.container,) = self.spec["containers"]
        self.ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}

    def environment(self):
        """As the kubelet makes it; PATH is the image's."""
        values = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        for source in self.container["envFrom"]:
            (config,) = [one for one in self.documents if one["kind"] == "ConfigMap"
                         and one["metadata"]["name"] == source["configMapRef"]["name"]]
            values.update(config["data"])
        values.update({one["name"]: one["value"] for one in self.container.get("env", [])})
        return values

    def argv(self):
        # The image's ENTRYPOINT where the manifest has no command.
        return self.container.get("command", ["dvecdb"]) + self.container.get("args", [])


class Pod:
    """One pod with its volumes. Its container can be started again and again; the volumes stay."""

    def __init__(self, manifest, root, folder, secret):
        self.manifest = manifest
        self.root = root
        self.folder = folder
        self.log_path = folder / "log"
        self.process = None
        self.mounts = [self._mount(mount, secret) for mount in manifest.container["volumeMounts"]]
        for path in ["/proc", "/dev"] + [mount["path"] for mount in self.mounts]:
            (root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for device in ("null", "zero", "urandom"):
            (root / "dev" / device).touch()

    def _mount(self, mount, secret):
        name = mount["name"]
        (volume,) = [one for one in self.manifest.spec["volumes"] if one["name"] == name] or [{}]
        if "emptyDir" in volume:
            return {"source": "tmpfs", "path": mount["mountPath"], "read_only": False}
        source = self.folder / name
        source.mkdir()
        for item in volume.get("secret", {}).get("items", []):
            file = source / item["path"]
            file.write_text(secret[item["key"]])
            file.chmod(volume["secret"]["defaultMode"])
            self._give_to_group(file)
        # Owned by root, and open to the pod's group alone: what fsGroup does.
        self._give_to_group(source)
        source.chmod(FS_GROUP_MODE)
        return {"source": str(source), "path": mount["mountPath"], "read_only": mount.get("readOnly", False)}

    def _give_to_group(self, path):
        if pathlib.Path("/proc/self/uid_map").read_text().split()[2] != "1":
            os.chown(path, 0, self.manifest.spec["securityContext"]["fsGroup"])

    def start(self):
        specification = json.dumps({"root": str(self.root), "mounts": self.mounts, "argv": self.manifest.argv(),
                                    "environment": self.manifest.environment()})
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", sys.executable,
                 str(pathlib.Path(__file__).with_name("container.py")), specification],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def pid(self):
        """The container's first process, as we see it."""
        parent = self.process.pid
        children = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return int(children[0]) if children else None

    def send(self, number):
        os.kill(self.pid(), number)

    def wait(self, seconds):
        """The exit code of the container's program; 128 and the number for a signal."""
        code = self.process.wait(timeout=seconds)
        self.process = None
        return code

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGKILL)
            self.wait(10)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def get(self, port, path, seconds=10):
        """HTTP GET of the pod's address: (status, body); (0, why) when there is no answer."""
        try:
            with urllib.request.urlopen(f"http://{POD_IP}:{port}{path}", timeout=seconds) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)


class Kubelet(threading.Thread):
    """Probes a pod as the kubelet does: first startup, then liveness and readiness side by side. Kills
    the container when startup or liveness has failed often enough; does not start it again."""

    def __init__(self, pod):
        super().__init__(daemon=True)
        self.pod = pod
        self.container = pod.manifest.container
        self.begin = time.monotonic()
        self.started_after = self.ready_after = None
        self.is_ready = False
        self.killed_for = None
        self.stopping = threading.Event()

    def probe(self, name):
        probe = self.container[name]
        get = probe["httpGet"]
        port = self.pod.manifest.ports[get["port"]]
        status, _ = self.pod.get(port, get["path"], probe.get("timeoutSeconds", 1))
        return 200 <= status < 400

    def run(self):
        if not self._repeat("startupProbe", until_success=True):
            return
        self.started_after = time.monotonic() - self.begin
        readiness = threading.Thread(target=self._watch_readiness, daemon=True)
        readiness.start()
        self._repeat("livenessProbe", until_success=False)
        readiness.join()

    def _repeat(self, name, until_success):
        """Probes on and on: True on success where that is asked for; kills the pod after its failures."""
        probe, failures = self.container[name], 0
        while not self.stopping.is_set():
            if self.probe(name):
                if until_success:
                    return True
                failures = 0
            else:
                failures += 1
                if failures >= probe["failureThreshold"]:
                    self.killed_for = name
                    self.pod.send(signal.SIGKILL)
                    return False
            self.stopping.wait(probe["periodSeconds"])
        return False

    def _watch_readiness(self):
        probe, failures = self.container["readinessProbe"], 0
        while not self.stopping.is_set() and self.killed_for is None:
            if self.probe("readinessProbe"):
                failures = 0
                if self.ready_after is None:
                    self.ready_after = time.monotonic() - self.begin
                self.is_ready = True
            else:
                failures += 1
                if failures >= probe["failureThreshold"]:
                    self.is_ready = False
            self.stopping.wait(probe["periodSeconds"])

    def stop(self):
        self.stopping.set()
        self.join()


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} after {seconds} s")
        time.sleep(0.01)
