"""Metrics: what the documentation lists is exported, and what is exported is well-formed."""

import pathlib
import re
import subprocess
import time

import pytest

from conftest import BUILD, ROOT

# What only shows while something goes on.
PASSING = {"dvecdb_index_build_progress_ratio"}


def documented_names():
    text = (ROOT / "docs" / "configuration.md").read_text()
    section = text.split("\n## Metrics\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `((?:dvecdb|process)_[a-z_]+)", section, re.MULTILINE))


def families(text):
    return set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))


def value(text, series):
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found.group(1)) if found else None


def scrape(server):
    status, text = server.get("/metrics", port=server.metrics_port)
    assert status == 200
    return text


def scrape_until(server, condition):
    deadline = time.monotonic() + 30
    while True:
        text = scrape(server)
        if condition(text):
            return text
        assert time.monotonic() < deadline, text
        time.sleep(0.1)


@pytest.fixture(scope="module")
def busy_server(server):
    """A server that has done something of each kind."""
    server.psql("""
        CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(4));
        INSERT INTO items (embedding)
        SELECT ARRAY[sin(i), cos(i), sin(2 * i), cos(3 * i)]::vector(4)
        FROM generate_series(1, 3000) AS i;
        CREATE INDEX items_nearest ON items USING hnsw (embedding vector_l2_ops);
        CREATE SCHEMA other;
        CREATE TABLE other.items (id bigint);
        ANALYZE;
        SELECT id FROM items ORDER BY embedding <-> '[1,0,1,0]' LIMIT 5;
        SELECT id FROM items ORDER BY embedding <-> '[1,0,1,0]' LIMIT 5;
        INSERT INTO items (embedding) VALUES ('[1,2,3,4]');
    """, check=True)
    server.psql("SELECT nope;")
    server.get("/nothing/here")
    return server


def test_every_documented_metric_is_exported(busy_server):
    text = scrape_until(busy_server, lambda text: "dvecdb_index_recall_ratio" in text)
    assert documented_names() - PASSING == families(text) - PASSING


def test_promtool_finds_nothing(busy_server):
    found = subprocess.run([str(ROOT / "scripts" / "find_promtool.sh"), str(BUILD)],
                           stdout=subprocess.PIPE, text=True, check=True)
    done = subprocess.run([found.stdout.strip(), "check", "metrics"], input=scrape(busy_server),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_values_are_what_was_done(busy_server):
    index = '{database="postgres",table="items",index="items_nearest"}'
    text = scrape_until(busy_server,
                        lambda text: value(text, f"dvecdb_index_vectors{index}") == 3001
                        and value(text, f"dvecdb_index_delta_rows{index}") == 0)
    assert value(text, 'dvecdb_table_rows{database="postgres",table="items"}') == 3001
    assert value(text, 'dvecdb_table_rows{database="postgres",table="other.items"}') == 0
    assert value(text, f"dvecdb_index_memory_bytes{index}") > 3001 * 16
    assert value(text, f"dvecdb_index_build_duration_seconds{index}") > 0
    assert value(text, f"dvecdb_index_deleted_ratio{index}") == 0
    assert value(text, "dvecdb_search_duration_seconds_count") == 2
    assert value(text, "dvecdb_insert_duration_seconds_count") == 2
    assert value(text, 'dvecdb_statements_total{command="SELECT",sqlstate="42703"}') == 1
    assert value(text, "dvecdb_commit_duration_seconds_count") > 3
    assert value(text, "dvecdb_fsync_duration_seconds_count") > 3
    assert value(text, 'dvecdb_cache_hits_total{cache="plans"}') >= 1
    assert value(text, 'dvecdb_http_requests_total{method="GET",route="unmatched",status="404"}') == 1
    assert value(text, 'dvecdb_connections_total{protocol="postgres"}') >= 2
    assert value(text, "dvecdb_wal_bytes") > 0
    assert value(text, "dvecdb_ready") == 1
    assert abs(value(text, "process_start_time_seconds") - time.time()) < 600


def test_labels_are_capped(new_server):
    new_server.start("--metric-tables", "1")
    new_server.psql("CREATE TABLE small (e vector(2)); CREATE TABLE large (e vector(2));"
                    "INSERT INTO large VALUES ('[1,2]'); CREATE INDEX ON large USING hnsw "
                    "(e vector_l2_ops); CREATE INDEX ON small USING hnsw (e vector_l2_ops);",
                    check=True)
    text = scrape_until(new_server, lambda text: value(text, "dvecdb_tables_unlabeled") == 1)
    assert 'table="large"' in text and 'table="small"' not in text


def test_a_scrape_waits_for_nobody(busy_server):
    """One transaction keeps the right to write; metrics and probes answer all the same."""
    holder = subprocess.Popen(["psql", "-X", "-q", busy_server.dsn], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    holder.stdin.write("BEGIN; INSERT INTO items (embedding) VALUES ('[4,3,2,1]');\n\\echo held\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "held\n"
    for _ in range(5):
        assert "dvecdb_ready 1" in scrape(busy_server)
        assert busy_server.get("/ready")[0] == 200
    holder.communicate("ROLLBACK;\n", timeout=30)
    assert holder.returncode == 0
