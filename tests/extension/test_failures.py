"""Failures at every place of the extension that the tests' build can have fail (failure_point.h): the
statement ends with the right error, nothing stays behind, and the index is sound afterwards."""

import os
import pathlib
import re
import shutil

import psycopg
import pytest

from installation import BUILD
from workload import check, make_table, nearest, vector_of

ROWS = 300
STATES = {"oom": "53200", "error": "XX000", "cancel": "57014"}
PASSINGS = (1, 2, 3, 5, 8, 13, 21, 55, 144, 377)
CRASHES = (1, 2, 4, 9, 30)
INDEX = "USING hnsw (v vector_l2_ops) WITH (m = 8, ef_construction = 40)"
# A connection that was asked to fail ends so in a crash.
ENDED = (psycopg.OperationalError, psycopg.InterfaceError)


class Phase:
    """What fails: `prepare`, then `statement`, in a session with `settings`. `points` are those that
    it passes."""

    def __init__(self, statement, points, prepare="SELECT 1", settings="SELECT 1"):
        self.statement, self.points = statement, points
        self.prepare, self.settings = prepare, settings


def values(first, count, step=1):
    return ", ".join(f"({row}, '{vector_of(row // step)}')" for row in range(first, first + count))


QUERY = f"'{vector_of(5_000_000)}'::vector"
BY_INDEX = "SET enable_seqscan = off; SET hnsw.ef_search = 40"
BUILDING = ("build row", "build graph", "build order", "build group", "build page", "build meta",
            "build log", "build end", "allocation")
WRITING = ("pin", "walk", "descent", "page patch", "page change", "extend")

PHASES = {
    "build": Phase(f"CREATE INDEX made ON t {INDEX}", BUILDING, "DROP INDEX IF EXISTS made"),
    "threads": Phase(f"CREATE INDEX made ON t {INDEX}", ("build graph", "build group", "allocation"),
                     "DROP INDEX IF EXISTS made", "SET max_parallel_maintenance_workers = 3"),
    "build_in_index": Phase(
        f"CREATE INDEX made ON t {INDEX[:-1]}, rerank_source = index)", BUILDING,
        "DROP INDEX IF EXISTS made"),
    "build_of_values": Phase(
        "CREATE INDEX made ON t USING hnsw ((v::sparsevec(24)) sparsevec_l2_ops)",
        ("build graph", "build order", "build group", "allocation"), "DROP INDEX IF EXISTS made",
        "SET max_parallel_maintenance_workers = 3"),
    # Of such values not all fit into memory.
    "build_one_by_one": Phase(
        "CREATE INDEX made ON t USING hnsw ((binary_quantize(v)::bit(24)::bit(32000)) bit_hamming_ops)",
        WRITING + ("allocation", "build log"), "DROP INDEX IF EXISTS made",
        "SET maintenance_work_mem = '1MB'"),
    "insert": Phase(f"INSERT INTO t VALUES {values(1_000_000, 60)}",
                    ("pin", "walk", "descent", "page patch", "allocation"),
                    "DELETE FROM t WHERE id >= 1000000"),
    "insert_equal": Phase(f"INSERT INTO t VALUES {values(2_000_000, 60, step=30)}",
                          ("pin", "page patch", "page change", "allocation"),
                          "DELETE FROM t WHERE id >= 1000000"),
    "vacuum": Phase("VACUUM (INDEX_CLEANUP on) t",
                    ("vacuum page", "vacuum entry", "vacuum repair", "vacuum release",
                     "vacuum slots", "vacuum relink", "vacuum end", "page patch", "page change",
                     "allocation"),
                    "DELETE FROM t WHERE id >= 1000000;"
                    f"INSERT INTO t VALUES {values(2_000_000, 80)}, {values(3_000_000, 60, step=30)};"
                    "DELETE FROM t WHERE id >= 2000000"),
    "scan": Phase(f"SELECT id FROM t ORDER BY v <-> {QUERY} LIMIT 30",
                  ("scan begin", "descent", "walk", "rerank", "scan row", "pin", "allocation"),
                  settings=BY_INDEX),
    "scan_that_goes_on": Phase(
        f"SELECT id FROM t WHERE id % 50 = 1 ORDER BY v <-> {QUERY} LIMIT 30",
        ("scan goes on", "walk", "pin", "allocation"),
        settings=f"{BY_INDEX}; SET hnsw.iterative_scan = strict_order; SET hnsw.ef_search = 5"),
    "nearest": Phase(f"SELECT id FROM t ORDER BY v <-> {QUERY} LIMIT 30", ("distance",),
                     settings="SET enable_indexscan = off"),
}
CASES = [(phase, point) for phase, what in PHASES.items() for point in what.points]


@pytest.fixture(scope="module")
def failing(make_installation, make_cluster):
    """A cluster whose library is the tests' build."""
    own = make_installation()
    shutil.copy2(BUILD / "extension" / "failures" / "dvecdb.so", own.libraries / "dvecdb.so")
    running = make_cluster(installation=own, autovacuum="off", jit="off", restart_after_crash="on")
    running.execute("CREATE EXTENSION dvecdb; CREATE EXTENSION pg_buffercache")
    make_table(running, "t", ROWS, INDEX)
    return running


def is_left(connection):
    """What has still to fail; nothing once it has."""
    return connection.execute("SHOW dvecdb.failure_point").fetchone()[0]


def fail(connection, phase, point, passing, kind):
    """Runs the phase with a failure; its SQLSTATE, or nothing when it went well, and whether the
    point was passed so often."""
    connection.execute(f"SET dvecdb.failure_point = ''; {phase.prepare}")
    connection.execute(f"SET dvecdb.failure_point = '{point}:{passing}:{kind}'")
    state = None
    try:
        connection.execute(phase.statement)
    except psycopg.Error as error:
        state = error.sqlstate
    fired = is_left(connection) == ""
    connection.execute("SET dvecdb.failure_point = ''")
    return state, fired


def relation_files(cluster):
    """Files of the database postgres that no relation has."""
    cluster.execute("CHECKPOINT")
    folder = cluster.data / "base" / str(
        cluster.value("SELECT oid::text FROM pg_database WHERE datname = 'postgres'"))
    known = {str(row[0]) for row in cluster.execute(
        "SELECT pg_relation_filenode(oid) FROM pg_class WHERE pg_relation_filenode(oid) IS NOT NULL")}
    return {file.name for file in folder.iterdir()
            if re.match(r"\d+", file.name) and re.match(r"\d+", file.name)[0] not in known}


def temporary_files(cluster):
    folder = pathlib.Path(cluster.data) / "base" / "pgsql_tmp"
    return list(folder.iterdir()) if folder.exists() else []


def check_nothing_held(cluster, connection):
    """By the connection's process: no pins, no locks, no threads."""
    pid = connection.info.backend_pid
    assert cluster.value("SELECT coalesce(sum(pinning_backends), 0) FROM pg_buffercache "
                         "WHERE relfilenode >= 16384") == 0
    assert cluster.value("SELECT count(*) FROM pg_locks WHERE pid = %s", [pid]) == 0
    assert len(os.listdir(f"/proc/{pid}/task")) == 1


def same_answers(cluster):
    """With a high ef the index answers as a scan does."""
    with cluster.connect() as connection:
        connection.execute("SET hnsw.ef_search = 400")
        for number in range(10_000_000, 10_000_005):
            exact = nearest(connection, "t", number, by_index=False)
            assert nearest(connection, "t", number, by_index=True) == exact


@pytest.mark.parametrize("phase, point", CASES)
def test_statement_fails_and_nothing_stays(failing, phase, point):
    what = PHASES[phase]
    files = relation_files(failing)
    most = 0
    with failing.connect() as connection:
        connection.execute(what.settings)
        for kind, expected in STATES.items():
            if point == "allocation" and kind != "oom":
                continue
            for passing in PASSINGS:
                state, fired = fail(connection, what, point, passing, kind)
                if not fired:
                    assert state is None, f"{state} without a failure at {point}:{passing}"
                    break
                most = max(most, passing)
                # The end of a statement may come before an interrupt is served.
                assert state == expected or (state is None and kind == "cancel"), (passing, kind)
                check_nothing_held(failing, connection)
        # The same session goes on as if nothing had been.
        connection.execute(what.prepare)
        connection.execute(what.statement)
    assert most > 0, f"{phase} does not pass {point}"
    assert relation_files(failing) == files or phase in ("build", "threads", "build_in_index",
                                                        "build_one_by_one")
    failing.execute("DROP INDEX IF EXISTS made")
    assert relation_files(failing) == files
    assert not temporary_files(failing)
    check(failing, "t")
    same_answers(failing)


@pytest.mark.parametrize("phase, point", [case for case in CASES if case[1] != "allocation"])
def test_crash_is_recovered_from(failing, phase, point):
    """The process ends at the point, with all that it has logged on disk, and the others with it."""
    what = PHASES[phase]
    failing.was_killed = True
    for passing in CRASHES:
        ended = failing.restarts()
        try:
            with failing.connect() as connection:
                connection.execute(what.settings)
                state, fired = fail(connection, what, point, passing, "crash")
                assert state is None and not fired, (state, passing)
            break
        except ENDED:
            failing.wait_restarted(ended)
        check(failing, "t")
        assert not temporary_files(failing)
    same_answers(failing)
    failing.execute(f"DROP INDEX IF EXISTS made; {what.prepare}")
    with failing.connect() as connection:
        connection.execute(what.statement)
    failing.execute("DROP INDEX IF EXISTS made")


def resident_kilobytes(connection):
    status = pathlib.Path(f"/proc/{connection.info.backend_pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


@pytest.mark.parametrize("phase, point", [("build", "build row"), ("build", "build graph"),
                                          ("threads", "build group"), ("insert", "page patch"),
                                          ("vacuum", "vacuum page"), ("scan", "walk")])
def test_failures_again_and_again_take_no_memory(failing, phase, point):
    what = PHASES[phase]
    with failing.connect() as connection:
        connection.execute(what.settings)

        def fail_often():
            for number in range(60):
                state, fired = fail(connection, what, point, 1 + number % 3, "oom")
                assert state == STATES["oom"] and fired
            return resident_kilobytes(connection)
        before = fail_often()
        assert fail_often() < before + 1500


def test_released_library_has_no_failure_points(cluster):
    for word in (b"dvecdb.failure_point", b"vacuum relink", b"build graph"):
        assert word in (BUILD / "extension" / "failures" / "dvecdb.so").read_bytes()
        assert word not in (BUILD / "extension" / "dvecdb.so").read_bytes()
    with cluster.connect() as connection:
        connection.execute("LOAD 'dvecdb'")
        with pytest.raises(psycopg.errors.InvalidName):
            connection.execute("SET dvecdb.failure_point = 'pin:1:oom'")
