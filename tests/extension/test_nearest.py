"""Searches read pages of tables where they found them before: that must hold when they are elsewhere
by now, when the table is another, and when PostgreSQL is told what a transaction reads."""

import concurrent.futures

import psycopg
import pytest

SEARCH = "SELECT id FROM {} ORDER BY v <-> '[3.2,0,0]' LIMIT 5"
# Of a quarter of the buffers, 256 KB, "small" has about half and "large" several times as much.
TABLES = {"small": 1500, "large": 20000}


@pytest.fixture(scope="module")
def cluster(make_cluster):
    """Buffers so few that pages do not stay in them."""
    running = make_cluster(shared_buffers="1MB", autovacuum="off")
    running.execute("CREATE EXTENSION dvecdb")
    for name, rows in TABLES.items():
        running.execute(f"CREATE TABLE {name} (id int, pad text, v vector(3))")
        fill(running, name, rows)
    yield running
    assert not running.damage(), running.damage()


def fill(connection, name, rows, first=0):
    """The row i lies at (i, 0, 0)."""
    connection.execute(f"INSERT INTO {name} SELECT i, repeat('x', i % 40), ARRAY[i, 0, 0]::vector"
                       f" FROM generate_series({first}, {first + rows - 1}) i")


def search(connection, name="small", by_index=False):
    if by_index:
        connection.execute("SET enable_seqscan = off")
    plan = connection.execute("EXPLAIN " + SEARCH.format(name)).fetchall()
    node = "Index Scan using" if by_index else "Custom Scan (Nearest)"
    assert any(node in line for line, in plan), plan
    return [number for number, in connection.execute(SEARCH.format(name))]


def test_pages_that_are_elsewhere_are_found(cluster):
    with cluster.connect() as connection:
        assert search(connection) == [3, 4, 2, 5, 1]
        for _ in range(3):
            connection.execute("SELECT sum(length(pad)) FROM large, generate_series(1, 2)")
            assert search(connection, "large") == [3, 4, 2, 5, 1]
            cluster.execute("SELECT count(*) FROM large")
            assert search(connection) == [3, 4, 2, 5, 1]


@pytest.mark.parametrize("by_index", [False, True])
def test_a_table_that_is_written_anew(cluster, by_index):
    cluster.execute("DROP TABLE IF EXISTS changing; CREATE TABLE changing (id int, pad text, v vector(3))")
    if by_index:
        cluster.execute("CREATE INDEX ON changing USING hnsw (v vector_l2_ops)")
    with cluster.connect() as connection:
        fill(connection, "changing", 1500)
        assert search(connection, "changing", by_index) == [3, 4, 2, 5, 1]
        cluster.execute("DELETE FROM changing WHERE id = 3")
        assert search(connection, "changing", by_index) == [4, 2, 5, 1, 6]
        cluster.execute("VACUUM changing")
        assert search(connection, "changing", by_index) == [4, 2, 5, 1, 6]
        cluster.execute("UPDATE changing SET v = '[9000,0,0]' WHERE id = 4")
        assert search(connection, "changing", by_index) == [2, 5, 1, 6, 0]
        cluster.execute("VACUUM FULL changing")
        assert search(connection, "changing", by_index) == [2, 5, 1, 6, 0]
        cluster.execute("DELETE FROM changing WHERE id > 99")
        cluster.execute("VACUUM changing")
        assert search(connection, "changing", by_index) == [2, 5, 1, 6, 0]
        cluster.execute("TRUNCATE changing")
        assert search(connection, "changing", by_index) == []
        fill(connection, "changing", 3, first=2)
        assert search(connection, "changing", by_index) == [3, 4, 2]


@pytest.mark.parametrize("by_index", [False, True])
def test_a_temporary_table(cluster, by_index):
    with cluster.connect() as connection:
        connection.execute("SET temp_buffers = '800kB'; CREATE TEMP TABLE own (id int, pad text, v vector(3))")
        fill(connection, "own", 20000)
        if by_index:
            connection.execute("CREATE INDEX ON own USING hnsw (v vector_l2_ops)")
        for _ in range(2):
            assert search(connection, "own", by_index) == [3, 4, 2, 5, 1]


def test_what_a_snapshot_sees(cluster):
    cluster.execute("CREATE TABLE seen (id int, pad text, v vector(3))")
    with cluster.connect() as connection, cluster.connect() as other:
        fill(connection, "seen", 1500)
        cluster.execute("VACUUM (FREEZE) seen")
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        assert search(other, "seen") == [3, 4, 2, 5, 1]
        connection.execute("BEGIN; DELETE FROM seen WHERE id IN (3, 2)")
        fill(connection, "seen", 1, first=3)
        assert search(connection, "seen") == [3, 4, 5, 1, 6]
        assert search(other, "seen") == [3, 4, 2, 5, 1]
        connection.execute("COMMIT")
        assert search(other, "seen") == [3, 4, 2, 5, 1]
        other.execute("COMMIT")
        assert search(other, "seen") == [3, 4, 5, 1, 6]
        other.execute("BEGIN; DELETE FROM seen")
        assert search(other, "seen") == []
        other.execute("ROLLBACK")
        assert search(other, "seen") == [3, 4, 5, 1, 6]


def test_serializable_transactions_are_told_apart(cluster):
    """Each searches, and then adds a row that the other's search would have found."""
    cluster.execute("CREATE TABLE skewed (id int, pad text, v vector(3))")
    fill(cluster, "skewed", 100)
    with cluster.connect() as one, cluster.connect() as two:
        for connection in one, two:
            connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
            assert search(connection, "skewed") == [3, 4, 2, 5, 1]
        for connection in one, two:
            fill(connection, "skewed", 1, first=3)
        one.execute("COMMIT")
        with pytest.raises(psycopg.errors.SerializationFailure):
            two.execute("COMMIT")


def test_searches_are_counted(cluster):
    counts = ("SELECT seq_scan, seq_tup_read FROM pg_stat_xact_user_tables"
              " WHERE relname = 'small'")
    blocks = "SELECT pg_relation_size('small') / 8192"
    with cluster.connect() as connection:
        connection.execute("SET max_parallel_workers_per_gather = 0; BEGIN")
        assert connection.execute(counts).fetchone() == (0, 0)
        search(connection)
        assert connection.execute(counts).fetchone() == (1, TABLES["small"])
        table_blocks = connection.execute(blocks).fetchone()[0]
        plan = connection.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + SEARCH.format("small")).fetchone()[0]
        scan = plan[0]["Plan"]["Plans"][0]
        # And those of the rows that are returned.
        seen = scan["Shared Hit Blocks"] + scan["Shared Read Blocks"]
        assert table_blocks <= seen <= table_blocks + 5


@pytest.mark.parametrize("by_index", [False, True])
def test_many_search_while_pages_move(cluster, by_index):
    """All that is said of the rows that stay is true, whatever happens to the others."""
    cluster.execute("DROP TABLE IF EXISTS busy; CREATE TABLE busy (id int, pad text, v vector(3))")
    fill(cluster, "busy", 1500)
    if by_index:
        cluster.execute("CREATE INDEX ON busy USING hnsw (v vector_l2_ops)")

    def searcher():
        with cluster.connect() as connection:
            for _ in range(60):
                assert search(connection, "busy", by_index) == [3, 4, 2, 5, 1]

    def writer():
        with cluster.connect() as connection:
            for turn in range(15):
                connection.execute("UPDATE busy SET pad = %s WHERE id > 1000", ["y" * turn * 9])
                connection.execute("VACUUM busy")
                connection.execute("SELECT count(*) FROM large")

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(job) for job in (searcher, searcher, searcher, writer)]:
            done.result()
