"""Kubernetes' own programs, one of each, as processes of this machine; containerd for the node."""

import json
import os
import pathlib
import subprocess
import time

from certificates import Authority
from machine import NODE_ADDRESS

CONTAINERD = """version = 2
root = "{work}/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  # Root may lack the right to make processes dearer to the kernel than they are.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
"""

KUBELET = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True}},
    "authorization": {"mode": "Webhook"},
    "cgroupDriver": "cgroupfs",
    "cgroupRoot": os.environ.get("CLUSTER_CGROUP", "/"),
    "failSwapOn": False,
    "failCgroupV1": False,
    "clusterDNS": ["10.96.0.10"],
    "clusterDomain": "cluster.local",
    "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
    # A machine whose disk is rather full can still run the test.
    "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1Gi"},
    "imageGCHighThresholdPercent": 100,
    "oomScoreAdj": 0,
}

PROXY = {
    "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
    "kind": "KubeProxyConfiguration",
    "mode": "iptables",
    "hostnameOverride": "node",
    "oomScoreAdj": 0,
    "clusterCIDR": "10.244.0.0/16",
    # Limits of the whole machine: left as they are.
    "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
}


class ControlPlane:
    def __init__(self, work, tools):
        self.work = work
        self.tools = tools
        self.logs = work / "logs"
        self.logs.mkdir(parents=True)
        self.processes = {}
        self.authority = Authority(work / "certificates")
        self.kubeconfig = self.authority.kubeconfig("admin", "/O=system:masters/CN=admin")

    def _start(self, name, program, *arguments):
        with open(self.logs / f"{name}.log", "wb") as log:
            self.processes[name] = subprocess.Popen([self.tools / program, *arguments], stdout=log, stderr=log,
                                                    stdin=subprocess.DEVNULL)

    def _write(self, name, text):
        path = self.work / name
        path.write_text(text)
        return path

    def start(self):
        self._start_api_server()
        self._start_controllers()
        self._start_node()

    def _start_api_server(self):
        certificates = self.authority.folder
        self._start("etcd", "server", "--data-dir", self.work / "etcd", "--unsafe-no-fsync")
        self.authority.certificate("api-server", "/CN=kube-apiserver", f"IP:{NODE_ADDRESS}", "IP:10.96.0.1",
                                   "DNS:kubernetes.default.svc")
        self.authority.certificate("kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client")
        self._start("kube-apiserver", "kube-apiserver", "--etcd-servers=http://127.0.0.1:2379",
                    "--service-cluster-ip-range=10.96.0.0/16", f"--advertise-address={NODE_ADDRESS}",
                    f"--bind-address={NODE_ADDRESS}", f"--client-ca-file={certificates}/ca.crt",
                    f"--tls-cert-file={certificates}/api-server.crt",
                    f"--tls-private-key-file={certificates}/api-server.key",
                    f"--kubelet-client-certificate={certificates}/kubelet-client.crt",
                    f"--kubelet-client-key={certificates}/kubelet-client.key",
                    "--kubelet-preferred-address-types=InternalIP",
                    f"--service-account-key-file={certificates}/tokens.crt",
                    f"--service-account-signing-key-file={certificates}/tokens.key",
                    "--service-account-issuer=https://kubernetes.default.svc",
                    "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
                    "--allow-privileged=true")
        self.wait_for("the API server", lambda: self.kubectl("get", "--raw", "/readyz").returncode == 0)

    def _start_controllers(self):
        certificates = self.authority.folder
        config = self.authority.kubeconfig("controllers", "/CN=system:kube-controller-manager")
        self._start("kube-controller-manager", "kube-controller-manager", f"--kubeconfig={config}",
                    f"--service-account-private-key-file={certificates}/tokens.key",
                    f"--root-ca-file={certificates}/ca.crt", "--use-service-account-credentials",
                    "--leader-elect=false", "--cluster-cidr=10.244.0.0/16")
        config = self.authority.kubeconfig("scheduler", "/CN=system:kube-scheduler")
        self._start("kube-scheduler", "kube-scheduler", f"--kubeconfig={config}", "--leader-elect=false")

    def _start_node(self):
        certificates = self.authority.folder
        self._start("containerd", "containerd", "--config",
                    self._write("containerd.toml", CONTAINERD.format(work=self.work)))
        self.wait_for("containerd", lambda: self.ctr("version").returncode == 0)
        config = self.authority.kubeconfig("node", "/O=system:nodes/CN=system:node:node")
        settings = json.loads(json.dumps(KUBELET))
        settings["authentication"]["x509"] = {"clientCAFile": f"{certificates}/ca.crt"}
        settings["resolvConf"] = str(self._write("resolv.conf", ""))
        settings["tlsCertFile"] = f"{certificates}/node.crt"
        settings["tlsPrivateKeyFile"] = f"{certificates}/node.key"
        self._start("kubelet", "kubelet", f"--kubeconfig={config}", "--hostname-override=node",
                    f"--node-ip={NODE_ADDRESS}", "--config", self._write("kubelet.json", json.dumps(settings)))
        proxy = dict(PROXY, clientConnection={
            "kubeconfig": str(self.authority.kubeconfig("proxy", "/CN=system:kube-proxy"))})
        self._start("kube-proxy", "kube-proxy", "--config", self._write("proxy.json", json.dumps(proxy)))
        self.wait_for("the node", self._is_node_ready)

    def _is_node_ready(self):
        printed = self.kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}")
        return printed.stdout == "True"

    def kubectl(self, *arguments, **options):
        return subprocess.run([self.tools / "kubectl", "--kubeconfig", self.kubeconfig, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **options)

    def apply(self, path):
        done = self.kubectl("apply", "--server-side", "-f", path)
        if done.returncode != 0:
            raise RuntimeError(f"kubectl apply -f {path}: {done.stderr}")

    def ctr(self, *arguments):
        return subprocess.run([self.tools / "ctr", "--namespace", "k8s.io", *arguments], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def import_image(self, archive):
        done = self.ctr("images", "import", str(archive))
        if done.returncode != 0:
            raise RuntimeError(f"{archive}: {done.stdout}")

    def wait_for(self, what, condition, seconds=180):
        deadline = time.monotonic() + seconds
        while not condition():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended:\n{self.tail(name)}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {what} after {seconds} s; logs are in {self.logs}")
            time.sleep(0.3)

    def tail(self, name):
        return "\n".join((self.logs / f"{name}.log").read_text(errors="replace").splitlines()[-20:])
