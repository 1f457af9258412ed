"""Health answers in the shapes that probes rely on."""

import json
import time

COMPONENTS = ["vectorstore", "database", "memory", "disk", "write", "index"]


def test_live(server):
    status, body = server.get_json("/health/live")
    assert status == 200
    assert set(body) == {"alive", "timestamp"}
    assert body["alive"] is True
    assert abs(body["timestamp"] - time.time()) < 60


def test_ready(server):
    status, body = server.get_json("/ready")
    assert status == 200
    assert body["ready"] is True
    assert [check["name"] for check in body["checks"]] == COMPONENTS
    assert {check["status"] for check in body["checks"]} == {"healthy"}


def test_check_counts_what_is_there(server):
    server.psql("CREATE TABLE v (e vector(2)); INSERT INTO v VALUES ('[1,2]'), ('[3,4]');"
                "CREATE INDEX ON v USING hnsw (e vector_l2_ops);", check=True)
    deadline = time.monotonic() + 20
    while True:
        status, body = server.get_json("/health/check")
        components = {c["name"]: c for c in body["components"]}
        if components["database"]["message"].startswith("2 vectors across 1 collections, "):
            break
        assert time.monotonic() < deadline, body
        time.sleep(0.1)
    assert status == 200
    assert body["status"] == "healthy"
    assert body["uptime_seconds"] >= 0
    assert list(components) == COMPONENTS + ["uptime"]
    assert components["vectorstore"]["message"] == "1 collections"
    assert components["database"]["message"].endswith(" MB memory")
    assert all(c["timestamp"] > 0 for c in components.values())


def test_short_answer_and_unknown_path(server):
    assert server.get_json("/health")[1]["status"] == "healthy"
    status, body = server.get("/nothing")
    assert status == 404
    assert json.loads(body)["success"] is False


def test_the_disk_is_written_to(server):
    deadline = time.monotonic() + 20
    while True:
        status, body = server.get_json("/health/check")
        write = {c["name"]: c for c in body["components"]}["write"]
        if write["message"].startswith("a row was written and read in "):
            break
        assert time.monotonic() < deadline, body
        time.sleep(0.05)
    assert status == 200 and write["status"] == "healthy"


def test_thresholds_are_configured(new_server):
    new_server.start("--health-disk-degraded-mb", "1000000000", "--health-memory-degraded", "1",
                     "--memory-limit-mb", "300")
    status, body = new_server.get_json("/health/check")
    states = {c["name"]: c["status"] for c in body["components"]}
    assert status == 200 and body["status"] == "degraded"
    assert states["disk"] == states["memory"] == "degraded"
    assert new_server.get("/ready")[0] == 200
    new_server.stop()
    new_server.start("--health-disk-unhealthy-mb", "1000000000", wait_ready=False)
    deadline = time.monotonic() + 20
    while not new_server.get_json("/ready")[1].get("reason", "").startswith("disk: "):
        assert time.monotonic() < deadline, new_server.get("/ready")
        time.sleep(0.05)
    assert new_server.get("/ready")[0] == 503
    assert new_server.get("/health/check")[0] == 503
    assert new_server.get("/health/live")[0] == 200
