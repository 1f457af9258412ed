"""The pod of the rendered StatefulSet, for real: its command, environment, probes, ports, security
context and volumes, started, killed, filled and drained. run_pod_test.sh starts this."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

import psycopg
import pytest
from pod import POD_IP, Container, Kubelet, Manifest, Pod, bring_up_network, make_root, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["TEST_BUILD"])
SECRET = {"superuser-password": "a password of the cluster", "api-key": "0123456789abcdef0123456789abcdef"}
START_SECONDS = 60
# There only while an index is built.
PASSING = {"dvecdb_index_build_progress_ratio"}


@pytest.fixture(scope="module", autouse=True)
def network():
    bring_up_network()


@pytest.fixture(scope="module")
def root():
    image = os.environ.get("TEST_POD_ROOT")
    if image:
        yield pathlib.Path(image)
        return
    with tempfile.TemporaryDirectory(prefix="dvecdb-root-") as folder:
        yield make_root(pathlib.Path(folder) / "root", str(BUILD / "bin" / "dvecdb"))


@pytest.fixture
def new_pod(root):
    pods = []
    with tempfile.TemporaryDirectory(prefix="dvecdb-pod-") as folder:
        def make(rendered="production", **secrets):
            place = pathlib.Path(folder) / str(len(pods))
            place.mkdir()
            manifest = Manifest(BUILD / "kubernetes" / f"{rendered}.json")
            given = {name.replace("_", "-"): values for name, values in secrets.items()}
            pods.append(Pod(manifest, root, place, {"prod-dvecdb": SECRET, **given}))
            return pods[-1]
        yield make
        for pod in pods:
            pod.end()


@pytest.fixture
def pod(new_pod):
    return new_pod()


def start(pod):
    """Starts the container and waits until the kubelet would send clients."""
    pod.start()
    kubelet = Kubelet(pod)
    kubelet.start()
    try:
        wait_for(lambda: kubelet.is_ready or pod.process.poll() is not None, START_SECONDS, "readiness")
    finally:
        kubelet.is_ready or print(pod.log())
    assert kubelet.is_ready, pod.log()
    return kubelet


def connect(pod, **options):
    return psycopg.connect(**{"host": POD_IP, "port": pod.manifest.ports["sql"], "user": "postgres",
                              "dbname": "postgres", "password": SECRET["superuser-password"], "autocommit": True,
                              **options})


def fill(pod, rows):
    with connect(pod) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS items (id bigserial PRIMARY KEY, embedding vector(3))")
        connection.execute("CREATE INDEX IF NOT EXISTS items_embedding ON items USING hnsw (embedding vector_l2_ops)")
        with connection.cursor().copy("COPY items (embedding) FROM STDIN") as copy:
            for number in range(rows):
                copy.write_row([f"[{number},{number % 7},1]"])


def nearest(pod):
    with connect(pod) as connection:
        return connection.execute(
            "SELECT id, (SELECT count(*) FROM items) FROM items ORDER BY embedding <-> '[42,0,1]' LIMIT 3").fetchall()


def test_the_process_has_no_rights(pod):
    kubelet = start(pod)
    status = dict(line.split(":\t", 1) for line in
                  pathlib.Path(f"/proc/{pod.pid()}/status").read_text().splitlines() if ":\t" in line)
    assert status["NSpid"].split()[-1] == "1"
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    uid_map = pathlib.Path(f"/proc/{pod.pid()}/uid_map").read_text().split()
    assert status["Uid"].split() == ["1000"] * 4 or uid_map[0] == "1000" and uid_map[2] == "1"
    security = {**pod.manifest.spec["securityContext"], **pod.manifest.container["securityContext"]}
    assert security["runAsUser"] == 1000 and security["runAsNonRoot"] and security["readOnlyRootFilesystem"]
    mounts = [line.split() for line in pathlib.Path(f"/proc/{pod.pid()}/mountinfo").read_text().splitlines()]
    writable = {mount[4] for mount in mounts if "ro" not in mount[5].split(",")}
    assert {path for path in writable if not path.startswith(("/dev", "/proc"))} == {"/tmp", "/var/lib/dvecdb"}
    kubelet.stop()


def test_a_client_without_the_password_is_refused(pod):
    kubelet = start(pod)
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(pod, password="another")
    http = pod.manifest.ports["http"]
    assert pod.get(http, "/collections")[0] == 401
    assert pod.get(http, "/collections", headers={"api-key": "another"})[0] == 401
    assert pod.get(http, "/collections", headers={"api-key": SECRET["api-key"]})[0] == 200
    kubelet.stop()


def test_the_image_checks_its_own_health(pod):
    kubelet = start(pod)
    assert pod.run("dvecdb", "healthcheck")[0] == 0
    kubelet.stop()
    pod.send(signal.SIGTERM)
    assert pod.wait(30) == 0
    assert pod.run("dvecdb", "healthcheck")[0] == 1


def test_a_killed_container_starts_again_with_its_data(pod):
    kubelet = start(pod)
    fill(pod, 2000)
    before = nearest(pod)
    assert before[0] == (43, 2000)
    kubelet.stop()
    pod.send(signal.SIGKILL)
    assert pod.wait(10) != 0
    again = start(pod)
    assert nearest(pod) == before
    assert again.killed_for is None
    again.stop()
    print(f"ready after {kubelet.ready_after:.2f} s, after the kill {again.ready_after:.2f} s")


def test_a_container_that_hangs_is_killed_and_starts_again(pod):
    # Sooner than the manifest says: what is asked stays the same, and the test need not wait a minute.
    pod.manifest.container["livenessProbe"].update(periodSeconds=0.2, timeoutSeconds=1, failureThreshold=2)
    kubelet = start(pod)
    fill(pod, 100)
    pod.send(signal.SIGSTOP)
    wait_for(lambda: kubelet.killed_for is not None, 30, "kill")
    assert kubelet.killed_for == "livenessProbe"
    assert pod.wait(10) != 0
    kubelet.stop()
    again = start(pod)
    assert nearest(pod)[0] == (43, 100)
    assert again.killed_for is None
    again.stop()


def test_sigterm_drains_within_the_grace(pod):
    kubelet = start(pod)
    fill(pod, 100)
    answers = []

    def long_statement():
        with connect(pod) as connection:
            answers.append(connection.execute("SELECT pg_sleep(2), 'done'").fetchone()[1])

    statement = threading.Thread(target=long_statement)
    with connect(pod) as watcher:
        statement.start()
        wait_for(lambda: watcher.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' "
                                         "AND pid <> pg_backend_pid()").fetchone()[0] == 1, 10, "statement")
    http = pod.manifest.ports["http"]
    pod.send(signal.SIGTERM)
    begin = time.monotonic()
    # Not ready while it still answers, so that nobody new is sent here; alive, so that nobody kills it.
    wait_for(lambda: pod.get(http, "/ready")[0] == 503, 2, "end of readiness")
    assert pod.get(http, "/health/live")[0] == 200
    assert not answers, "readiness went only after the statement"
    with pytest.raises(psycopg.OperationalError):
        connect(pod, connect_timeout=2)
    statement.join()
    assert answers == ["done"], "the drain ended a running statement"
    assert pod.wait(pod.manifest.spec["terminationGracePeriodSeconds"]) == 0, pod.log()
    print(f"drained in {time.monotonic() - begin:.2f} s")
    kubelet.stop()
    again = start(pod)
    assert nearest(pod)[0] == (43, 100)
    again.stop()


def names_in(text):
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\b(?:dvecdb|process)_[a-z_]+", text)}


def exported(pod):
    """Names of samples: what Prometheus takes, not what a help text mentions."""
    status, metrics = pod.get(pod.manifest.ports["metrics"], "/metrics")
    assert status == 200
    return names_in("\n".join(re.findall(r"^[a-z_]+", metrics, re.MULTILINE)))


def test_dashboards_and_alerts_use_what_is_exported(pod):
    kubelet = start(pod)
    fill(pod, 3000)
    nearest(pod)
    with connect(pod) as connection:
        connection.execute("INSERT INTO items (embedding) VALUES ('[1,2,3]')")
    pod.get(pod.manifest.ports["http"], "/collections", headers={"api-key": SECRET["api-key"]})
    files = ROOT / "charts" / "dvecdb" / "files"
    used = names_in("".join((files / file).read_text() for file in ("alerts.yaml", "dashboard.json")))
    # What is told of indexes is some seconds old.
    missing = used - exported(pod) - PASSING
    deadline = time.monotonic() + 20
    while missing and time.monotonic() < deadline:
        time.sleep(0.5)
        missing = used - exported(pod) - PASSING
    assert not missing, f"dashboards and alerts use what is not exported: {sorted(missing)}"
    kubelet.stop()


def make_certificate(folder):
    """Self-signed, for the pod's address."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=dvecdb", "-addext", f"subjectAltName=IP:{POD_IP}", "-keyout", folder / "tls.key",
         "-out", folder / "tls.crt"], check=True, stderr=subprocess.DEVNULL)
    return {name: (folder / name).read_text() for name in ("tls.crt", "tls.key")}


def test_with_tls(new_pod, tmp_path):
    pod = new_pod("with-tls", dvecdb_tls=make_certificate(tmp_path))
    kubelet = start(pod)  # its probes speak HTTPS
    with connect(pod, sslmode="verify-full", sslrootcert=str(tmp_path / "tls.crt")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        connect(pod, sslmode="disable")
    metrics = pod.manifest.ports["metrics"]
    assert pod.get(metrics, "/metrics")[0] == 403
    assert pod.get(metrics, "/metrics", scheme="HTTPS")[0] == 200
    assert pod.run("dvecdb", "healthcheck")[0] == 0
    folder = tmp_path / "backups"
    folder.mkdir()
    pod.give_to_group(folder)
    code, printed = backup(pod, folder)
    assert code == 0, printed
    kubelet.stop()


def backup(pod, folder):
    """Runs the CronJob's container beside the pod. Names of services do not resolve here: the address does."""
    job = pod.manifest.backup_container()
    environment = {"PATH": pod.environment["PATH"]}
    for variable in job["env"]:
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        environment[variable["name"]] = SECRET[reference["key"]] if reference else variable["value"]
    assert environment["PGHOST"] in {one["metadata"]["name"] for one in pod.manifest.documents
                                     if one["kind"] == "Service"}
    environment["PGHOST"] = POD_IP
    mounts = [{"source": str(folder), "path": mount["mountPath"], "read_only": False} for mount in job["volumeMounts"]]
    return Container(pod.root, mounts, [], environment, None).run("dvecdb", *job["args"])


def test_one_job_backs_up_and_another_restores(pod, tmp_path):
    kubelet = start(pod)
    fill(pod, 500)
    folder = tmp_path / "backups"
    folder.mkdir()
    pod.give_to_group(folder)
    code, printed = backup(pod, folder)
    assert code == 0, printed
    (file,) = folder.iterdir()
    fill(pod, 10)
    kubelet.stop()
    pod.send(signal.SIGTERM)
    assert pod.wait(60) == 0

    (job,) = json.loads((BUILD / "kubernetes" / "restore.json").read_text())
    (container,) = job["spec"]["template"]["spec"]["containers"]
    disks = {"data": pod.folder / "data", "backups": folder}
    mounts = [{"source": str(disks[mount["name"]]), "path": mount["mountPath"],
               "read_only": mount.get("readOnly", False)} for mount in container["volumeMounts"]]
    code, printed = Container(pod.root, mounts, [], pod.environment, None).run(
        *container["command"], *container["args"])
    assert code == 0, printed
    start(pod).stop()
    assert nearest(pod)[0] == (43, 500)
    left = [path.name for path in disks["data"].glob("data.before-restore-*")]
    assert len(left) == 1, "the data before the restore is gone"


def test_without_its_password_it_does_not_start(new_pod):
    pod = new_pod(prod_dvecdb={**SECRET, "superuser-password": ""})
    pod.start()
    assert pod.wait(30) == 2
    assert "superuser_password_file" in pod.log()
