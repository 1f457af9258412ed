"""A pod as the kubelet runs it: from a rendered StatefulSet, its ConfigMap and a secret, with the
probes that the StatefulSet says."""

import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
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
    """A root file system of our binary, of what jobs call, and of the libraries that they are linked with."""
    folder.mkdir()
    files = {"/usr/local/bin/dvecdb": program}
    files.update({tool: tool for tool in ("/bin/bash", "/bin/date", "/bin/ls", "/bin/mv", "/usr/bin/tail")})
    linked = subprocess.run(["ldd", *files.values()], check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in linked.splitlines():
        words = [word for word in line.split() if word.startswith("/") and not word.endswith(":")]
        files.update({word: word for word in words[:1]})
    for target, source in files.items():
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
        return values

    def backup_container(self):
        """Of the job that makes backups."""
        (job,) = [one for one in self.documents if one["kind"] == "CronJob"]
        (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        return container

    def argv(self):
        # The image's ENTRYPOINT where the manifest has no command.
        return self.container.get("command", ["dvecdb"]) + self.container.get("args", [])


class Container:
    """A program in a root file system with volumes. It can be started again and again; they stay."""

    def __init__(self, root, mounts, argv, environment, log_path):
        self.root = root
        self.mounts = mounts
        self.argv = argv
        self.environment = environment
        self.log_path = log_path
        self.process = None
        for path in ["/proc", "/dev"] + [mount["path"] for mount in mounts if mount["path"] != "/dev/shm"]:
            (root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for device in ("null", "zero", "urandom"):
            (root / "dev" / device).touch()
        (root / "dev" / "shm").mkdir(exist_ok=True)
        if not (root / "dev" / "fd").is_symlink():
            (root / "dev" / "fd").symlink_to("/proc/self/fd")

    def _launch(self, argv, **options):
        specification = json.dumps({"root": str(self.root), "mounts": self.mounts, "argv": argv,
                                    "environment": self.environment})
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", sys.executable,
             str(pathlib.Path(__file__).with_name("container.py")), specification],
            stdin=subprocess.DEVNULL, **options)

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = self._launch(self.argv, stdout=log, stderr=log)

    def run(self, *argv):
        """Another program beside the container's own: (exit code, what it printed)."""
        process = self._launch(list(argv), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        printed, _ = process.communicate(timeout=60)
        return process.returncode, printed

    def pid(self):
        """The container's first process, as we see it."""
        parent = self.process.pid
        children = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return int(children[0]) if children else None

    def send(self, number):
        os.kill(self.pid(), number)

    def wait(self, seconds):
        """The exit code of the container's program."""
        code = self.process.wait(timeout=seconds)
        self.process = None
        return code

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGKILL)
            self.wait(10)

    def log(self):
        return self.log_path.read_text(errors="replace")


class Pod(Container):
    """The StatefulSet's one container, with the volumes that it says."""

    def __init__(self, manifest, root, folder, secrets):
        self.manifest = manifest
        self.folder = folder
        mounts = [self._mount(mount, secrets) for mount in manifest.container["volumeMounts"]]
        super().__init__(root, mounts, manifest.argv(), manifest.environment(), folder / "log")

    def _mount(self, mount, secrets):
        name = mount["name"]
        (volume,) = [one for one in self.manifest.spec["volumes"] if one["name"] == name] or [{}]
        if "emptyDir" in volume:
            return {"source": "tmpfs", "path": mount["mountPath"], "read_only": False}
        source = self.folder / name
        source.mkdir()
        if "secret" in volume:
            self._write_secret(source, volume["secret"], secrets[volume["secret"]["secretName"]])
        self.give_to_group(source)
        return {"source": str(source), "path": mount["mountPath"], "read_only": mount.get("readOnly", False)}

    def _write_secret(self, folder, volume, values):
        # Without items, every key of the secret is a file.
        for item in volume.get("items", [{"key": key, "path": key} for key in values]):
            file = folder / item["path"]
            file.write_text(values[item["key"]])
            self.give_to_group(file, volume["defaultMode"])

    def give_to_group(self, path, mode=FS_GROUP_MODE):
        """Owned by root, and open to the pod's group alone: what fsGroup does."""
        if pathlib.Path("/proc/self/uid_map").read_text().split()[2] != "1":
            os.chown(path, 0, self.manifest.spec["securityContext"]["fsGroup"])
        path.chmod(mode)

    def get(self, port, path, seconds=10, scheme="HTTP", headers=None):
        """HTTP GET of the pod's address: (status, body); (0, why) when there is no answer."""
        # As the kubelet, which does not look at certificates.
        context = ssl._create_unverified_context() if scheme == "HTTPS" else None
        request = urllib.request.Request(f"{scheme.lower()}://{POD_IP}:{port}{path}", headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=seconds, context=context) as response:
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
        status, _ = self.pod.get(port, get["path"], probe.get("timeoutSeconds", 1), get.get("scheme", "HTTP"))
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
