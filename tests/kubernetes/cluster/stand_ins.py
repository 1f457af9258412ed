"""What a cluster has of its provider: disks and load balancers."""

import itertools
import json
import subprocess
import threading

CLASS = "folders"


def documents(stream):
    """The JSON documents that `kubectl --watch` prints one after the other."""
    decoder, text = json.JSONDecoder(), ""
    for line in stream:
        text += line
        if line.startswith("}"):
            yield decoder.decode(text.strip())
            text = ""


class StandIn(threading.Thread):
    """Serves every object of one kind, whenever it changes."""

    def __init__(self, plane, kind):
        super().__init__(daemon=True)
        self.plane = plane
        self.kind = kind

    def run(self):
        watch = [self.plane.tools / "kubectl", "--kubeconfig", self.plane.kubeconfig, "get", self.kind,
                 "--all-namespaces", "--watch", "--output=json"]
        with subprocess.Popen(watch, stdout=subprocess.PIPE, text=True) as process:
            for document in documents(process.stdout):
                self.serve(document)

    def patch_status(self, document, status):
        metadata = document["metadata"]
        self.plane.kubectl("-n", metadata["namespace"], "patch", self.kind, metadata["name"],
                           "--subresource=status", "-p", json.dumps({"status": status}))


class LoadBalancer(StandIn):
    """Gives services of type LoadBalancer an address; kube-proxy does the rest on the node."""

    def __init__(self, plane):
        super().__init__(plane, "services")
        self.addresses = (f"10.98.0.{number}" for number in itertools.count(1))

    def serve(self, service):
        if service["spec"]["type"] == "LoadBalancer" and not service["status"]["loadBalancer"]:
            self.patch_status(service, {"loadBalancer": {"ingress": [{"ip": next(self.addresses)}]}})


class Storage(StandIn):
    """Folders of this machine as local volumes, made for claims that wait, and made larger on demand.
    A folder has no size; the number is all that grows."""

    def __init__(self, plane, folder):
        super().__init__(plane, "persistentvolumeclaims")
        self.folder = folder

    def serve(self, claim):
        wanted = claim["spec"]["resources"]["requests"]["storage"]
        if claim["spec"].get("storageClassName") != CLASS or "deletionTimestamp" in claim["metadata"]:
            return
        if claim["status"]["phase"] == "Pending":
            self._make_volume(claim, wanted)
        elif claim["status"]["phase"] == "Bound" and claim["status"]["capacity"]["storage"] != wanted:
            self._resize(claim, wanted)

    def _make_volume(self, claim, size):
        name = "pvc-" + claim["metadata"]["uid"]
        path = self.folder / name
        if path.exists():
            return
        path.mkdir(parents=True)
        document = {
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
            "spec": {
                "capacity": {"storage": size}, "accessModes": claim["spec"]["accessModes"],
                "storageClassName": CLASS, "persistentVolumeReclaimPolicy": "Retain",
                "claimRef": {key: claim["metadata"][key] for key in ("namespace", "name", "uid")},
                "local": {"path": str(path)},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                    {"key": "kubernetes.io/hostname", "operator": "In", "values": ["node"]}]}]}},
            },
        }
        self.plane.kubectl("create", "-f", "-", input=json.dumps(document))

    def _resize(self, claim, size):
        self.plane.kubectl("patch", "persistentvolume", claim["spec"]["volumeName"], "-p",
                           json.dumps({"spec": {"capacity": {"storage": size}}}))
        self.patch_status(claim, {"capacity": {"storage": size}})
