"""What is overtaken by VACUUM at the worst moment: a statement waits at a named place of the tests'
build (failure_point.h) while VACUUM works from its beginning to its end, and then goes on. No row is
lost by it, and no search finds less."""

import contextlib
import shutil
import threading
import time

import psycopg
import pytest

from installation import BUILD
from workload import fill, nearest, vector_of

# All of one cluster (workload.py), so that each may be near to any other and lists are full.
STEP = 40
ROWS = range(0, 400 * STEP, STEP)
NEW = range(1_000_000, 1_000_000 + 6 * STEP, STEP)


@pytest.fixture(scope="module")
def racing(make_installation, make_cluster):
    own = make_installation()
    shutil.copy2(BUILD / "extension" / "failures" / "dvecdb.so", own.libraries / "dvecdb.so")
    running = make_cluster(installation=own, autovacuum="off", restart_after_crash="on")
    running.execute("CREATE EXTENSION dvecdb")
    return running


@pytest.fixture
def table(racing):
    def make(m, keep):
        """`keep`: a condition for the rows that are not deleted; VACUUM has not come yet."""
        racing.execute("DROP TABLE IF EXISTS t; CREATE TABLE t (id integer PRIMARY KEY, v vector(24));"
                       f"CREATE INDEX t_v_idx ON t USING hnsw (v vector_l2_ops) WITH (m = {m})")
        fill(racing, "t", ROWS)
        racing.execute(f"DELETE FROM t WHERE NOT ({keep})")
    return make


class Waiting(threading.Thread):
    """A statement, or several one after the other, that wait once at a point."""

    def __init__(self, cluster, point, work):
        super().__init__(daemon=True)
        self.cluster, self.point, self.work = cluster, point, work
        self.result = self.error = None

    def run(self):
        try:
            with self.cluster.connect() as connection:
                connection.execute("LOAD 'dvecdb'")
                connection.execute(f"SET dvecdb.failure_point = '{self.point}:1:pause'")
                self.result = self.work(connection)
        except Exception as error:  # raised where it is joined
            self.error = error


@contextlib.contextmanager
def overtaken(cluster, point, works):
    """All wait, or have ended without coming there, when the body begins; they go on after it."""
    threads = [Waiting(cluster, point, work) for work in works]
    with cluster.connect() as holder:
        holder.execute("SELECT pg_advisory_lock(1)")
        for one in threads:
            one.start()
        deadline = time.monotonic() + 60
        while True:
            waiting = holder.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                                     "NOT granted").fetchone()[0]
            if waiting == sum(one.is_alive() for one in threads):
                break
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert waiting > 0, f"nobody comes to {point}"
        yield threads
    for one in threads:
        one.join(timeout=60)
        assert not one.is_alive()
        if one.error:
            raise one.error


def insert(*rows):
    def work(connection):
        for row in rows:
            connection.execute("INSERT INTO t VALUES (%s, %s)", [row, vector_of(row)])
    return work


def check_index(cluster):
    cluster.execute("SELECT dvecdb_index_check('t_v_idx', true)")


def crash_vacuum(racing, point):
    racing.was_killed = True
    before = racing.restarts()
    with pytest.raises(psycopg.OperationalError), racing.connect() as connection:
        connection.execute("LOAD 'dvecdb'")
        connection.execute(f"SET dvecdb.failure_point = '{point}:1:crash'")
        connection.execute("VACUUM (INDEX_CLEANUP on) t")
    racing.wait_restarted(before)


@pytest.mark.parametrize("m", [2, 8])
def test_search_begins_at_what_is_freed(racing, table, m):
    table(m, "id % 400 = 0")
    works = [lambda connection, number=number: nearest(connection, "t", number, by_index=True)
             for number in ROWS[:8]]
    with overtaken(racing, "scan walk", works) as searches:
        racing.execute("VACUUM (INDEX_CLEANUP on) t")
    assert [len(one.result) for one in searches] == [10] * len(works)


@pytest.mark.parametrize("m", [2, 8])
def test_neighbors_are_freed_before_the_node_is_written(racing, table, m):
    table(m, "id % 400 = 0")
    with overtaken(racing, "insert node", [insert(row) for row in NEW]):
        racing.execute("VACUUM (INDEX_CLEANUP on) t")
    check_index(racing)


def test_all_neighbors_of_a_row_are_freed(racing, table):
    """It keeps no list of links that lead nowhere, not where too few rows come after it to fill the
    list either: the check of the index would find many."""
    table(16, "false")
    rows = range(1_000_000, 1_000_000 + 8 * STEP, STEP)
    with overtaken(racing, "insert node", [insert(row) for row in rows]):
        racing.execute("VACUUM (INDEX_CLEANUP on) t")
    check_index(racing)
    with racing.connect() as connection:
        assert set(nearest(connection, "t", rows[0], by_index=True)) == set(rows)


@pytest.mark.parametrize("m", [2, 4, 8])
@pytest.mark.parametrize("point", ["vacuum release", "vacuum slots", "vacuum relink"])
def test_vacuum_is_cut_short(racing, table, m, point):
    """The dead were all that led to some nodes: VACUUM ends between their end and its own."""
    table(m, "id % 160 <> 0")
    crash_vacuum(racing, point)
    check_index(racing)


@pytest.mark.parametrize("m", [2, 8])
@pytest.mark.parametrize("point", ["vacuum in part", "vacuum release", "vacuum slots", "vacuum relink"])
def test_vacuum_of_nearly_all_is_cut_short(racing, m, point):
    """Hardly any of those that are left is near to another: lists lead on through the dead."""
    racing.execute("DROP TABLE IF EXISTS t; CREATE TABLE t (id integer PRIMARY KEY, v vector(24))")
    fill(racing, "t", range(0, 1500 * STEP, STEP))
    racing.execute(f"CREATE INDEX t_v_idx ON t USING hnsw (v vector_l2_ops) WITH (m = {m});"
                   f"DELETE FROM t WHERE id % {100 * STEP} <> 0")
    crash_vacuum(racing, point)
    nodes, unreachable = racing.execute(
        "SELECT nodes, unreachable_nodes FROM dvecdb_index_info('t_v_idx')")[0]
    assert nodes == 15 and unreachable <= (point == "vacuum in part"), unreachable
    check_index(racing)
