"""The pod of the rendered StatefulSet, for real: its command, environment, probes, ports, security
context and volumes, started, killed, filled and drained. run_pod_test.sh starts this."""

import os
import pathlib
import signal
import tempfile
import threading
import time

import psycopg
import pytest
from pod import POD_IP, Kubelet, Manifest, Pod, bring_up_network, make_root, wait_for

BUILD = pathlib.Path(os.environ["TEST_BUILD"])
SECRET = {"superuser-password": "a password of the cluster", "api-key": "0123456789abcdef0123456789abcdef"}
START_SECONDS = 60


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


@pytest.fixture(scope="module")
def manifest():
    return Manifest(BUILD / "kubernetes" / "production.json")


@pytest.fixture
def new_pod(root, manifest):
    pods = []
    with tempfile.TemporaryDirectory(prefix="dvecdb-pod-") as folder:
        def make(secret=None):
            place = pathlib.Path(folder) / str(len(pods))
            place.mkdir()
            pods.append(Pod(manifest, root, place, secret or SECRET))
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
    return psycopg.connect(host=POD_IP, port=pod.manifest.ports["sql"], user="postgres", dbname="postgres",
                           password=SECRET["superuser-password"], autocommit=True, **options)


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
        psycopg.connect(host=POD_IP, port=pod.manifest.ports["sql"], user="postgres", dbname="postgres",
                        password="another")
    kubelet.stop()


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


def test_without_its_password_it_does_not_start(new_pod):
    pod = new_pod({**SECRET, "superuser-password": ""})
    pod.start()
    assert pod.wait(30) == 2
    assert "superuser_password_file" in pod.log()
