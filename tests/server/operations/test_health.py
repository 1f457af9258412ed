"""Health answers in the shapes that probes rely on."""

import json
import time


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
    assert body["checks"] == [{"name": "vectorstore", "status": "healthy"},
                              {"name": "database", "status": "healthy"},
                              {"name": "memory", "status": "healthy"}]


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
    assert list(components) == ["vectorstore", "database", "memory", "uptime"]
    assert components["vectorstore"]["message"] == "1 collections"
    assert components["database"]["message"].endswith(" MB memory")
    assert all(c["timestamp"] > 0 for c in components.values())


def test_short_answer_and_unknown_path(server):
    assert server.get_json("/health")[1]["status"] == "healthy"
    status, body = server.get("/nothing")
    assert status == 404
    assert json.loads(body)["success"] is False


def test_metrics_count_statements(server):
    server.psql("SELECT 1; SELECT nope;")
    status, text = server.get("/metrics", port=server.metrics_port)
    assert status == 200
    assert 'dvecdb_statements_total{command="SELECT",sqlstate="00000"}' in text
    assert 'sqlstate="42703"' in text
    assert "dvecdb_build_info" in text
