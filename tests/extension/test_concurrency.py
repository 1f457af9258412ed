"""Many backends at once, and statements that are canceled at any moment."""

import psycopg
import pytest

from workload import (check, deleter, inserter, lift_timeout, make_table, run_clients, searcher,
                      updater, vacuumer)

CONNECTIONS = 32
SECONDS = 5


@pytest.mark.parametrize("options", ["", ", layout = compact"])
def test_many_connections(cluster, options):
    name = "crowd" if not options else "small_crowd"
    make_table(cluster, name, 1500, f"USING hnsw (v vector_l2_ops) WITH (m = 8{options})")
    kinds = [lambda n: inserter(name, 100_000 * (n + 1)), lambda n: searcher(name),
             lambda n: updater(name, 1500), lambda n: searcher(name),
             lambda n: deleter(name, 1500), lambda n: searcher(name)]
    steps = [kinds[n % len(kinds)](n) for n in range(CONNECTIONS - 1)] + [vacuumer(name)]
    run_clients(cluster, steps, SECONDS)
    check(cluster, name)
    cluster.execute(f"VACUUM {name}")
    check(cluster, name)


def test_size_is_steady_under_updates(cluster):
    """Vacuum gives space back to the index itself: it does not grow with what was ever in it."""
    make_table(cluster, "steady", 1000)
    sizes = []
    for _ in range(12):
        cluster.execute("UPDATE steady SET v = v - array_fill(0.01::real, ARRAY[24])::vector")
        cluster.execute("VACUUM steady")
        sizes.append(cluster.value("SELECT pg_relation_size('steady_v_idx')"))
    assert sizes[-1] <= 1.1 * sizes[3], sizes
    check(cluster, "steady")


# A statement for each phase, run under ever longer time limits until it ends by itself.
STATEMENTS = {
    "build": "CREATE INDEX {0}_other ON {0} USING hnsw (v vector_l2_ops)",
    "concurrent build": "CREATE INDEX CONCURRENTLY IF NOT EXISTS {0}_other ON {0} "
                        "USING hnsw (v vector_l2_ops)",
    "reindex": "REINDEX INDEX {0}_v_idx",
    "insert": "INSERT INTO {0} SELECT id + 100000 + (random() * 1e8)::integer, v FROM {0} "
              "WHERE id < 2000",
    "scan": "SET enable_seqscan = off; SET hnsw.iterative_scan = relaxed_order; "
            "SELECT count(*) FROM (SELECT id FROM {0} ORDER BY v <-> (SELECT v FROM {0} "
            "WHERE id = 7) LIMIT 3000) s",
    "vacuum": "VACUUM {0}",
}


@pytest.mark.parametrize("phase", STATEMENTS)
def test_cancel(cluster, phase):
    name = "cancel_" + phase.replace(" ", "_")
    make_table(cluster, name, 3000)
    canceled = 0
    milliseconds = 1.0
    with cluster.connect() as connection:
        while True:
            if phase == "vacuum":
                connection.execute(f"UPDATE {name} SET v = v WHERE id % 3 = 0")
            connection.execute(f"SET statement_timeout = {int(milliseconds)}")
            try:
                connection.execute(STATEMENTS[phase].format(name))
                break
            except psycopg.errors.QueryCanceled:
                canceled += 1
            finally:
                lift_timeout(connection)
                if "build" in phase:
                    connection.execute(f"DROP INDEX IF EXISTS {name}_other")
            milliseconds *= 1.4
    assert canceled > 0
    check(cluster, name)
    assert cluster.value("SELECT count(*) FROM pg_ls_tmpdir()") == 0
