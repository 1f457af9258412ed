"""CREATE INDEX in clusters: cancel, threads, phases, unlogged tables, replicas, concurrently."""

import os
import pathlib
import threading
import time

import psycopg
import pytest

from workload import lift_timeout

ROWS = 20000
DIMS = 64
# Takes some seconds: long enough to look at and to end on the way.
LONG = "WITH (m = 32, ef_construction = 400)"
DENSE = "v vector_l2_ops"
SPARSE = "(v::sparsevec(64)) sparsevec_l2_ops"


@pytest.fixture(scope="module")
def server(make_cluster):
    running = make_cluster(max_parallel_maintenance_workers="3", maintenance_work_mem="256MB",
                           jit="off")
    running.execute("CREATE EXTENSION dvecdb")
    fill(running, "items", ROWS)
    yield running
    assert not running.damage(), running.damage()


def fill(server, table, rows, kind=""):
    server.execute(
        f"SELECT setseed(0.3); CREATE {kind} TABLE {table} (id int, v vector({DIMS}));"
        f"INSERT INTO {table} SELECT i, ARRAY(SELECT random() + i % 11"
        f" FROM generate_series(1, {DIMS}))::vector FROM generate_series(1, {rows}) i")


class Building:
    """A CREATE INDEX in another connection; `error` is what it ended with."""

    def __init__(self, server, sql):
        self.connection = server.connect()
        self.pid = self.connection.info.backend_pid
        self.error = None
        self.thread = threading.Thread(target=self._run, args=[sql])
        self.thread.start()

    def _run(self, sql):
        try:
            self.connection.execute(sql)
        except psycopg.Error as error:
            self.error = error

    def threads(self):
        try:
            return len(os.listdir(f"/proc/{self.pid}/task"))
        except FileNotFoundError:
            return 0

    def wait(self):
        self.thread.join()
        self.connection.close()
        return self.error


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def phase(server):
    rows = server.execute("SELECT phase FROM pg_stat_progress_create_index")
    return rows[0][0] if rows else None


def temporary_files(server):
    folder = pathlib.Path(server.data) / "base" / "pgsql_tmp"
    return list(folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("way, state, key", [("pg_cancel_backend", "57014", DENSE),
                                             ("pg_cancel_backend", "57014", SPARSE),
                                             ("pg_terminate_backend", "57P01", DENSE)])
def test_an_ended_build_leaves_nothing(server, way, state, key):
    size = server.value("SELECT pg_database_size('postgres')")
    building = Building(server, f"CREATE INDEX ended ON items USING hnsw ({key}) {LONG}")
    until(lambda: building.threads() == 4)
    began = time.monotonic()
    server.execute(f"SELECT {way}({building.pid})")
    error = building.wait()
    assert error is not None and error.sqlstate == state
    assert time.monotonic() - began < 5
    until(lambda: building.threads() == (1 if way == "pg_cancel_backend" else 0))
    assert server.value("SELECT count(*) FROM pg_class WHERE relname = 'ended'") == 0
    server.execute("CHECKPOINT")
    assert server.value("SELECT pg_database_size('postgres')") < size + 2 ** 20
    assert not temporary_files(server)


def test_a_backend_builds_again_after_it_was_cancelled_anywhere(server):
    build = "CREATE INDEX again ON items USING hnsw (v vector_l2_ops)"
    with server.connect() as connection:
        began = time.monotonic()
        connection.execute(build)
        whole = time.monotonic() - began
        cancelled = 0
        for share in (0.05, 0.2, 0.4, 0.6, 0.75, 0.85, 0.9, 0.95):
            connection.execute("DROP INDEX IF EXISTS again")
            connection.execute(f"SET statement_timeout = {whole * share * 1000:.0f}")
            try:
                connection.execute(build)
            except psycopg.errors.QueryCanceled:
                cancelled += 1
            lift_timeout(connection)
        assert cancelled > 0
        connection.execute("DROP INDEX IF EXISTS again")
        connection.execute(build)
        connection.execute("SELECT dvecdb_index_check('again'); DROP INDEX again")
        assert len(os.listdir(f"/proc/{connection.info.backend_pid}/task")) == 1


def test_threads_are_those_that_settings_allow(server):
    for setting, table, threads in (("SET max_parallel_maintenance_workers = 2", "RESET", 3),
                                    ("SELECT 1", "SET (parallel_workers = 1)", 2),
                                    ("SET max_parallel_maintenance_workers = 0", "RESET", 1)):
        change = table if table != "RESET" else "RESET (parallel_workers)"
        server.execute(f"ALTER TABLE items {change}")
        building = Building(
            server, f"{setting}; CREATE INDEX ended ON items USING hnsw (v vector_l2_ops) {LONG}")
        until(lambda: phase(server) == "building index: loading tuples")
        most = 0
        for _ in range(50):
            most = max(most, building.threads())
            time.sleep(0.01)
        server.execute(f"SELECT pg_cancel_backend({building.pid})")
        building.wait()
        assert most == threads
    server.execute("ALTER TABLE items RESET (parallel_workers)")


@pytest.mark.parametrize("key, enough, little", [(DENSE, "8MB", "2MB"), (SPARSE, "32MB", "14MB")])
def test_vectors_beyond_memory_go_to_a_file_and_the_rest_is_inserted(server, key, enough, little):
    """A graph of sparse vectors has no file."""
    notices = []
    with server.connect() as connection:
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
        for memory in (enough, little):
            connection.execute(f"SET maintenance_work_mem = '{memory}'")
            connection.execute(f"CREATE INDEX small ON items USING hnsw ({key})")
            connection.execute("SELECT dvecdb_index_check('small')")
            rows, = connection.execute("SELECT rows FROM dvecdb_index_info('small')").fetchone()
            assert rows == ROWS
            recall, = connection.execute(
                "SELECT dvecdb_index_recall('small', 10, 50, 100)").fetchone()
            assert recall > 0.9
            connection.execute("DROP INDEX small")
            assert not temporary_files(server)
    assert len(notices) == 1 and notices[0].startswith(
        "hnsw graph no longer fits into maintenance_work_mem after ")


def test_concurrently(server):
    server.execute("CREATE INDEX CONCURRENTLY later ON items USING hnsw (v vector_l2_ops)")
    server.execute("REINDEX INDEX CONCURRENTLY later")
    server.execute("SELECT dvecdb_index_check('later')")
    assert server.value("SELECT rows FROM dvecdb_index_info('later')") == ROWS
    server.execute("DROP INDEX later")


def test_a_standby_and_a_crash_see_the_built_index(make_cluster):
    primary = make_cluster(jit="off")
    primary.execute("CREATE EXTENSION dvecdb")
    fill(primary, "items", 3000)
    standby = primary.standby(make_cluster.folder(), jit="off")
    primary.execute("CREATE INDEX built ON items USING hnsw (v vector_l2_ops)")
    primary.wait_for(standby)
    nearest = ("SET enable_seqscan = off; SELECT array_agg(id) FROM"
               " (SELECT id FROM items ORDER BY v <-> (SELECT v FROM items WHERE id = 17) LIMIT 20) x")
    expected = primary.value(nearest)
    assert standby.value(nearest) == expected
    standby.execute("SELECT dvecdb_index_check('built')")
    standby.stop()
    primary.kill()
    primary.start()
    primary.execute("SELECT dvecdb_index_check('built')")
    assert primary.value(nearest) == expected


def test_an_unlogged_index_is_empty_after_a_crash(make_cluster):
    server = make_cluster(jit="off")
    server.execute("CREATE EXTENSION dvecdb")
    fill(server, "items", 1000, "UNLOGGED")
    server.execute("CREATE INDEX built ON items USING hnsw (v vector_l2_ops)")
    assert server.value("SELECT rows FROM dvecdb_index_info('built')") == 1000
    server.kill()
    server.start()
    server.execute("SELECT dvecdb_index_check('built')")
    assert server.value("SELECT rows FROM dvecdb_index_info('built')") == 0
    server.execute("INSERT INTO items SELECT 7, array_fill(1::float4, ARRAY[64])::vector")
    assert server.value("SET enable_seqscan = off; SELECT id FROM items ORDER BY v <->"
                        " array_fill(2::float4, ARRAY[64])::vector LIMIT 1") == 7
