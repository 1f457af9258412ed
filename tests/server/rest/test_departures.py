"""A client that leaves takes its statement with it: what it asked for goes on for nobody."""

import json
import subprocess
import time

import pytest
from rest_client import api  # noqa: F401

SEEN = "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'rest' AND {}"


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ask_and_leave(api, path, body, runs):
    """Leaves when the statement `runs`, which its session shows; returns when it runs no more."""
    client = subprocess.Popen(
        ["curl", "-s", "-o", "/dev/null", "-d", json.dumps(body),
         f"http://127.0.0.1:{api.server.http_port}/collections/{path}"])
    try:
        wait_until(lambda: api.server.query(SEEN.format(runs)) == [("t",)])
        time.sleep(0.3)
    finally:
        client.terminate()
        client.wait()
    # It is counted when its handler has ended.
    counted = f'route="/collections/{{name}}/{path.split("/")[1]}",status="499"'
    wait_until(lambda: counted in api.server.get("/metrics", api.server.metrics_port)[1])


@pytest.mark.parametrize("path, body", [
    ("sleepy/vectors", {"id": "a", "vector": [1, 2]}),
    ("sleepy/batch", {"vectors": [{"id": "a", "vector": [1, 2], "metadata": {"waited": "no"}},
                                  {"id": "b", "vector": [1, 2]}]})])
def test_a_write_is_not_committed(api, path, body):
    api.server.psql("CREATE TABLE IF NOT EXISTS sleepy (id text PRIMARY KEY, embedding vector(2),"
                    " waited text DEFAULT pg_sleep(600)::text)", check=True)
    ask_and_leave(api, path, body, "state <> 'idle'")
    # Others may write again, and nothing is there.
    body = {"id": "c", "vector": [1, 2], "metadata": {"waited": "no"}}
    assert api.put("/collections/sleepy/vectors", body).status == 200
    assert api.server.query("SELECT id FROM sleepy") == [("c",)]


def test_a_search_ends(api):
    """Its filter would take a minute: only the last of many words is nowhere in any row."""
    words = " ".join(f"w{n}" for n in range(255))
    api.create("long", 2)
    api.server.psql(f"""INSERT INTO long
        SELECT g::text, '[1,2]', jsonb_build_object('t', repeat('lorem ipsum ', 4000) || '{words} ' || g)
        FROM generate_series(1, 600) AS g""", check=True)
    filter = {"must": {"key": "t", "match": {"text": words + " nowhere"}}}
    ask_and_leave(api, "long/search", {"vector": [1, 2], "filter": filter},
                  "state = 'active' AND query LIKE '%long% ORDER BY %'")
    assert len(api.search("long", [1, 2], limit=3)) == 3
