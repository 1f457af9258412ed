"""A hot standby answers as the primary does, also while the primary writes and vacuums."""

import pytest

from workload import (Client, check, deleter, inserter, make_table, nearest, recall, run_clients,
                      searcher, updater, vacuumer)


@pytest.fixture(scope="module")
def pair(make_cluster):
    primary = make_cluster()
    primary.execute("CREATE EXTENSION dvecdb")
    make_table(primary, "t", 2000)
    standby = primary.standby(make_cluster.folder(), hot_standby_feedback="on")
    yield primary, standby
    standby.stop()
    assert not primary.damage() + standby.damage()


def answers(cluster):
    with cluster.connect() as connection:
        return [nearest(connection, "t", number, by_index=True) for number in range(1000, 1050)]


def test_same_answers(pair):
    primary, standby = pair
    primary.wait_for(standby)
    assert answers(standby) == answers(primary)


def test_same_answers_after_changes(pair):
    primary, standby = pair
    searching = Client(standby, searcher("t"), seed=9)
    searching.start()
    steps = [inserter("t", 100_000), updater("t", 2000), deleter("t", 2000), vacuumer("t")]
    clients = [Client(primary, step, seed) for seed, step in enumerate(steps)]
    for one in clients:
        one.start()
    searching.join(timeout=3)
    for one in clients:
        one.end()
    searching.end()
    primary.execute("VACUUM t")
    primary.wait_for(standby)
    assert answers(standby) == answers(primary)
    check(primary, "t")
    assert recall(standby, "t") == recall(primary, "t")


def test_same_pages_after_changes(pair):
    """Replay makes every page what it is on the primary, but for its checksum."""
    primary, standby = pair
    primary.execute("CREATE EXTENSION pageinspect")
    make_table(primary, "paged", 1000)
    run_clients(primary, [inserter("paged", 100_000), updater("paged", 1000),
                          deleter("paged", 1000), vacuumer("paged")], 2)
    primary.execute("VACUUM paged")
    primary.wait_for(standby)
    pages = """SELECT block, overlay(page placing '\\x0000'::bytea from 9) FROM (
        SELECT block, get_raw_page('paged_v_idx', block) AS page
        FROM generate_series(0, %s) block) pages"""
    # The end of the last group is not logged before it is used.
    last = standby.value("SELECT pg_relation_size('paged_v_idx') / 8192 - 1")
    replayed = set(standby.execute(pages, [last]))
    assert last > 100
    assert [row[0] for row in primary.execute(pages, [last]) if row not in replayed] == []


def test_index_built_later(pair):
    primary, standby = pair
    make_table(primary, "later", 1500)
    primary.wait_for(standby)
    assert recall(standby, "later") == recall(primary, "later")


def test_promoted_standby_takes_writes(pair, make_cluster):
    primary, _ = pair
    other = primary.standby(make_cluster.folder())
    primary.wait_for(other)
    other.execute("SELECT pg_promote()")
    other.execute("INSERT INTO t SELECT id + 1000000, v FROM t WHERE id < 50")
    other.execute("VACUUM t")
    check(other, "t")
    other.stop()
