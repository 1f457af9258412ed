"""Insertions by many connections at once, and what their log makes of a standby."""

import pytest

import psycopg

from workload import (LEAST_RECALL, check, deleter, fill, inserter, run_clients, updater,
                      vacuumer, vector_of)

CONNECTIONS = 12
SECONDS = 3


def make_empty(cluster, name, options=""):
    cluster.execute(f"CREATE TABLE {name} (id integer PRIMARY KEY, v vector(24))")
    cluster.execute(f"CREATE INDEX {name}_v_idx ON {name} "
                    f"USING hnsw (v vector_l2_ops) WITH (m = 8{options})")


def check_with_equal_rows(cluster, name):
    """As check(), where any of equal rows is as right as another: their distances are."""
    cluster.execute("SELECT dvecdb_index_check(%s::regclass, true)", [f"{name}_v_idx"])
    right = wanted = 0
    with cluster.connect() as connection:
        connection.execute("SET hnsw.ef_search = 100")
        for number in range(10_000_000, 10_000_040):
            exact, found = (distances(connection, name, number, by) for by in (False, True))
            right += sum(one <= exact[-1] for one in found)
            wanted += len(exact)
    assert right >= LEAST_RECALL * wanted, (right, wanted)


def distances(connection, name, number, by_index):
    connection.execute(f"SET enable_seqscan = {'off' if by_index else 'on'}")
    connection.execute(f"SET enable_indexscan = {'on' if by_index else 'off'}")
    query = vector_of(number)
    return [row[0] for row in connection.execute(
        f"SELECT v <-> %s::vector FROM {name} ORDER BY v <-> %s::vector LIMIT 10", [query, query])]


def inserter_of_few_values(name, first_id):
    """A step that inserts rows of which many are equal to others."""
    ids = iter(range(first_id, first_id + 1_000_000))

    def step(connection, source):
        connection.execute(f"INSERT INTO {name} VALUES (%s, %s)",
                           [next(ids), vector_of(source.randrange(60))])
    return step


@pytest.mark.parametrize("options", ["", ", rerank_source = index", ", quantizer = none"])
def test_many_into_an_empty_index(cluster, options):
    name = f"empty_{len(options)}"
    make_empty(cluster, name, options)
    run_clients(cluster, [inserter(name, 100_000 * n) for n in range(CONNECTIONS)], SECONDS)
    check(cluster, name)
    nodes, rows = cluster.execute(
        "SELECT nodes, rows FROM dvecdb_index_info(%s)", [f"{name}_v_idx"])[0]
    assert nodes == rows == cluster.value(f"SELECT count(*) FROM {name}")


def test_many_equal_rows_at_once(cluster):
    make_empty(cluster, "alike")
    steps = [inserter_of_few_values("alike", 100_000 * n) for n in range(CONNECTIONS)]
    run_clients(cluster, [*steps, vacuumer("alike")], SECONDS)
    cluster.execute("SELECT dvecdb_index_check('alike_v_idx', true)")
    nodes, rows = cluster.execute("SELECT nodes, rows FROM dvecdb_index_info('alike_v_idx')")[0]
    assert rows > 200
    # Two connections that begin with the same value at once may each make a node of it.
    assert 60 <= nodes <= 60 * 3


def test_equal_rows_come_and_go(cluster):
    """Rows are added to nodes while VACUUM removes others from the same."""
    make_empty(cluster, "swaps")
    fill(cluster, "swaps", range(50))
    cluster.execute("INSERT INTO swaps SELECT id + 1000 * n, v FROM swaps, generate_series(1, 40) n")

    def rewrite(connection, source):
        connection.execute("UPDATE swaps SET v = v WHERE id %% 50 = %s AND id > 1000",
                           [source.randrange(50)])
    # Two that update the same rows in different orders may meet.
    run_clients(cluster, [rewrite, rewrite, deleter("swaps", 1000), vacuumer("swaps")], SECONDS,
                expected=(psycopg.errors.DeadlockDetected,))
    check_with_equal_rows(cluster, "swaps")
    assert cluster.value("SELECT nodes FROM dvecdb_index_info('swaps_v_idx')") <= 60


def test_the_log_is_consistent(make_cluster):
    """A standby that compares each page after replay with what it was on the primary."""
    primary = make_cluster(wal_consistency_checking="generic", max_wal_size="4GB")
    primary.execute("CREATE EXTENSION dvecdb")
    standby = primary.standby(make_cluster.folder())
    names = []
    for options in ["", ", rerank_source = index", ", layout = compact", ", quantizer = none"]:
        names.append(f"t{len(names)}")
        make_empty(primary, names[-1], options)
        steps = [inserter(names[-1], 0), inserter_of_few_values(names[-1], 500_000),
                 updater(names[-1], 300), deleter(names[-1], 300), vacuumer(names[-1])]
        run_clients(primary, steps, 1.5)
    primary.wait_for(standby)
    for name in names:
        check_with_equal_rows(primary, name)
        check_with_equal_rows(standby, name)
    standby.stop()
    assert not standby.damage(), standby.damage()
