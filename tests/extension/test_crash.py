"""kill -9 of the whole cluster at any moment of a build, of inserts, of VACUUM: after recovery the
index is sound, holds every row once, and finds what a scan finds."""

import threading
import time

import psycopg
import pytest

from workload import (Client, check, deleter, fill, inserter, make_table, searcher, updater,
                      vacuumer)

ROUNDS = 6


@pytest.fixture
def victim(make_cluster):
    running = make_cluster(checkpoint_timeout="30s", wal_writer_delay="10ms")
    running.execute("CREATE EXTENSION dvecdb")
    yield running
    running.stop()


def kill_during(cluster, steps, seconds):
    """The moment is another one in each round, and always the same for a round."""
    cluster.was_killed = True
    clients = [Client(cluster, step, seed) for seed, step in enumerate(steps)]
    for one in clients:
        one.start()
    time.sleep(seconds)
    cluster.kill()
    for one in clients:
        one.join(timeout=60)
        assert not one.is_alive()
    cluster.start()


@pytest.mark.parametrize("options", ["", ", layout = compact", ", rerank_source = index"])
def test_kill_during_writes(victim, options):
    make_table(victim, "t", 800, f"USING hnsw (v vector_l2_ops) WITH (m = 8{options})")
    for number in range(ROUNDS):
        first = 100_000 * (number + 1)
        kill_during(victim, [inserter("t", first), inserter("t", first + 50_000),
                             updater("t", 800), deleter("t", 800), vacuumer("t"), searcher("t")],
                    0.15 + 0.17 * number)
        check(victim, "t")
    victim.execute("VACUUM t")
    check(victim, "t")


def test_kill_during_build(victim):
    make_table(victim, "t", 6000, index=None)
    begin = time.monotonic()
    victim.execute("CREATE INDEX ON t USING hnsw (v vector_l2_ops)")
    whole = time.monotonic() - begin
    victim.execute("DROP INDEX t_v_idx")

    def build(connection, _random):
        connection.execute("CREATE INDEX ON t USING hnsw (v vector_l2_ops)")
        connection.execute("DROP INDEX t_v_idx")
    for number in range(ROUNDS):
        kill_during(victim, [build], whole * (number + 0.5) / ROUNDS)
        victim.execute("DROP INDEX IF EXISTS t_v_idx")
        assert victim.value("SELECT count(*) FROM t") == 6000
        assert victim.value("SELECT count(*) FROM pg_ls_tmpdir()") == 0
    victim.execute("CREATE INDEX ON t USING hnsw (v vector_l2_ops)")
    check(victim, "t")


def test_build_survives_a_kill_right_after(victim):
    """What CREATE INDEX acknowledged is in the log, though no page was written."""
    make_table(victim, "t", 2000)
    victim.kill()
    victim.start()
    check(victim, "t")


def test_unlogged_index_is_empty_after_a_kill(victim):
    make_table(victim, "t", 500)
    victim.execute("ALTER TABLE t SET UNLOGGED")
    victim.kill()
    victim.start()
    assert victim.value("SELECT count(*) FROM t") == 0
    victim.execute("SELECT dvecdb_index_check('t_v_idx', true)")
    fill(victim, "t", range(500))
    check(victim, "t")


def test_kill_of_one_backend(victim):
    """A backend that dies in a build takes the others down, and all recover."""
    make_table(victim, "t", 3000, index=None)
    connection = victim.connect()
    statement = "CREATE INDEX t_v_idx ON t USING hnsw (v vector_l2_ops)"
    building = threading.Thread(
        target=lambda: pytest.raises(psycopg.OperationalError, connection.execute, statement))
    building.start()
    time.sleep(0.05)
    victim.kill_backend(connection.info.backend_pid)
    building.join()
    victim.execute(statement)
    check(victim, "t")
