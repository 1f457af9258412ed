"""VACUUM: rows that are gone leave the index, what led to them is repaired, their space is used
again, and rows of neighbors' codes are brought up to date."""

import time

import pytest

from workload import (Client, DIMENSIONS, check, deleter, fill, inserter, make_table, nearest,
                      recall, searcher, updater, vector_of)


def info(cluster, index):
    with cluster.connect() as connection:
        cursor = connection.execute("SELECT * FROM dvecdb_index_info(%s::regclass)", [index])
        return dict(zip((column.name for column in cursor.description), cursor.fetchone()))


def log_bytes(cluster, sql):
    """How many bytes of WAL a statement writes."""
    before = cluster.value("SELECT pg_current_wal_insert_lsn()::text")
    cluster.execute(sql)
    return cluster.value("SELECT pg_current_wal_insert_lsn() - %s::pg_lsn", [before])


def found_share(cluster, query):
    """Which share of the rows that a scan gives is what the index gives."""
    with cluster.connect() as connection:
        connection.execute("SET hnsw.ef_search = 200; SET enable_seqscan = off")
        by_index = {row[0] for row in connection.execute(query)}
        connection.execute("SET enable_seqscan = on; SET enable_indexscan = off")
        by_scan = {row[0] for row in connection.execute(query)}
    return len(by_index & by_scan) / len(by_scan)


CLASSES = [(column, name, operator) for column in "vhs" for name, operator in
           (("l2", "<->"), ("ip", "<#>"), ("cosine", "<=>"), ("l1", "<+>"))]
TYPES = {"v": "vector", "h": "halfvec", "s": "sparsevec"}


def test_each_operator_class(cluster):
    cluster.execute(f"""CREATE TABLE kinds (id integer PRIMARY KEY, v vector({DIMENSIONS}),
        h halfvec({DIMENSIONS}), s sparsevec({DIMENSIONS}), b bit({DIMENSIONS}))""")
    for column, name, _ in CLASSES:
        cluster.execute(f"CREATE INDEX kinds_{column}_{name} ON kinds "
                        f"USING hnsw ({column} {TYPES[column]}_{name}_ops)")
    for name in ("hamming", "jaccard"):
        cluster.execute(f"CREATE INDEX kinds_b_{name} ON kinds USING hnsw (b bit_{name}_ops)")
    make_table(cluster, "plain", 1200, index=None)
    cluster.execute("INSERT INTO kinds SELECT id, v, v, v::sparsevec, binary_quantize(v) FROM plain")
    cluster.execute("DELETE FROM kinds WHERE id % 10 < 6")
    cluster.execute("VACUUM kinds")
    indexes = cluster.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'kinds' "
                              "AND indexdef ~ 'hnsw'")
    assert len(indexes) == 14
    for (index,) in indexes:
        cluster.execute("SELECT dvecdb_index_check(%s::regclass, true)", [index])
        after = info(cluster, index)
        assert (after["rows"], after["dead_nodes"], after["unreachable_nodes"]) == (480, 0, 0), index
    for column, _, operator in CLASSES:
        query = (f"SELECT id FROM kinds ORDER BY {column} {operator} "
                 f"(SELECT {column} FROM kinds WHERE id = 77) LIMIT 10")
        assert found_share(cluster, query) >= 0.9, query


# What lies differently in pages: rows, none; vectors, too; codes larger than a page; rows larger
# than one.
LAYOUTS = {
    "fused": (24, "m = 8"),
    "compact": (24, "m = 8, layout = compact"),
    "vectors": (24, "m = 8, rerank_source = index"),
    "large_codes": (2500, "m = 4, ef_construction = 40, quantizer = none"),
    "large_rows": (300, "m = 100, ef_construction = 200"),
    "short_lists": (24, "m = 2"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(cluster, layout):
    dimensions, options = LAYOUTS[layout]
    table, index = f"l_{layout}", f"l_{layout}_v_idx"
    rows = 600 if dimensions > 100 else 1500
    cluster.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY, v vector({dimensions}))")
    insert = (f"INSERT INTO {table} SELECT i, (SELECT array_agg(sin(i % 20 * j) + random() * 0.7) "
              f"FROM generate_series(1, {dimensions}) AS j)::vector "
              "FROM generate_series({}, {}) AS i")
    cluster.execute("SELECT setseed(0.5); " + insert.format(1, rows))
    cluster.execute(f"CREATE INDEX ON {table} USING hnsw (v vector_l2_ops) WITH ({options})")
    cluster.execute(f"DELETE FROM {table} WHERE id % 3 = 0")
    cluster.execute(insert.format(rows + 1, rows + rows // 10))
    cluster.execute(f"VACUUM {table}")
    cluster.execute("SELECT dvecdb_index_check(%s::regclass, true)", [index])
    after = info(cluster, index)
    assert after["dead_nodes"] == 0
    assert after["unreachable_nodes"] == 0
    if after["layout"] == "fused" and after["neighbor_bits"] > 0:
        assert after["fused_share"] == 1
    # Four links a node find 0.7 on average.
    least = 0.5 if layout == "short_lists" else 0.9
    query = f"SELECT id FROM {table} ORDER BY v <-> (SELECT v FROM {table} WHERE id = {{}}) LIMIT 10"
    shares = [found_share(cluster, query.format(number)) for number in range(1, rows, 57)
              if number % 3 != 0]
    assert sum(shares) / len(shares) >= least, shares


def test_rows_get_the_codes_of_new_neighbors(cluster):
    make_table(cluster, "news", 1000)
    fill(cluster, "news", range(1000, 2000))
    assert info(cluster, "news_v_idx")["fused_share"] < 0.9
    assert log_bytes(cluster, "VACUUM news") > 0
    assert info(cluster, "news_v_idx")["fused_share"] == 1
    assert log_bytes(cluster, "VACUUM news") < 1000  # nothing is left to do
    check(cluster, "news")


def test_rows_with_equal_vectors(cluster):
    make_table(cluster, "equal", 500)
    cluster.execute("INSERT INTO equal SELECT i, (SELECT v FROM equal WHERE id = 7) "
                    "FROM generate_series(1000, 5999) AS i")
    assert info(cluster, "equal_v_idx")["nodes"] == 500
    query = ("SET enable_seqscan = off; SET hnsw.iterative_scan = strict_order; "
             "SELECT count(*), count(DISTINCT id), min(id) FROM (SELECT id FROM equal ORDER BY v "
             "<-> '" + vector_of(7) + "' LIMIT {}) AS nearest")
    for condition, left in (("id = 7", 5000), ("id % 2 = 0 AND id > 999", 2500),
                            ("id BETWEEN 1000 AND 5000", 500), ("id > 5010", 5)):
        cluster.execute(f"DELETE FROM equal WHERE {condition}; ")
        cluster.execute("VACUUM equal")
        cluster.execute("SELECT dvecdb_index_check('equal_v_idx', true)")
        assert cluster.execute(query.format(left))[0][:2] == (left, left)
        assert info(cluster, "equal_v_idx")["rows"] == 499 + left
    before = info(cluster, "equal_v_idx")
    cluster.execute("DELETE FROM equal WHERE id > 999")
    cluster.execute("VACUUM equal")
    after = info(cluster, "equal_v_idx")
    assert (before["nodes"], after["nodes"], after["rows"]) == (500, 499, 499)
    check(cluster, "equal")


def test_items_of_equal_rows_are_used_again(cluster):
    make_table(cluster, "churn", 10)
    cluster.execute("INSERT INTO churn SELECT i, (SELECT v FROM churn WHERE id = 7) "
                    "FROM generate_series(1000, 3999) AS i")
    sizes = []
    for _ in range(16):
        cluster.execute("UPDATE churn SET v = v")
        cluster.execute("VACUUM churn")
        sizes.append(cluster.value("SELECT pg_relation_size('churn_v_idx')"))
    assert sizes[-1] == sizes[7], sizes
    cluster.execute("SELECT dvecdb_index_check('churn_v_idx', true)")


def test_all_rows_deleted_and_inserted_again(cluster):
    make_table(cluster, "phoenix", 1500)
    size = cluster.value("SELECT pg_relation_size('phoenix_v_idx')")
    for _ in range(3):
        cluster.execute("DELETE FROM phoenix")
        cluster.execute("VACUUM phoenix")
        assert info(cluster, "phoenix_v_idx")["nodes"] == 0
        cluster.execute("SELECT dvecdb_index_check('phoenix_v_idx', true)")
        with cluster.connect() as connection:
            assert nearest(connection, "phoenix", 1, by_index=True) == []
        fill(cluster, "phoenix", range(1500))
        check(cluster, "phoenix")
    assert cluster.value("SELECT pg_relation_size('phoenix_v_idx')") <= 1.1 * size


def test_insertion_after_all_rows_died_without_vacuum(cluster):
    """The graph is all dead: new rows must be found nevertheless, before and after VACUUM."""
    make_table(cluster, "ashes", 300)
    cluster.execute("DELETE FROM ashes")
    fill(cluster, "ashes", range(1000, 1300))
    check(cluster, "ashes")
    cluster.execute("VACUUM ashes")
    check(cluster, "ashes")


@pytest.mark.parametrize("kept", [30, 3, 1])
def test_hardly_anything_is_left(cluster, kept):
    """The entry point is gone, and upper levels are empty."""
    name = f"remnant{kept}"
    make_table(cluster, name, 2000)
    cluster.execute(f"DELETE FROM {name} WHERE id % (2000 / {kept}) <> 0 OR id >= 2000 / {kept} * {kept}")
    cluster.execute(f"VACUUM {name}")
    check(cluster, name)
    assert cluster.value(f"SELECT count(*) FROM {name}") == kept
    fill(cluster, name, range(2000, 3000))
    check(cluster, name)


def test_regions_that_die_out(cluster):
    """Whole clusters go but for single rows, whose neighbors are all dead, and theirs as well."""
    make_table(cluster, "regions", 4000)
    cluster.execute("DELETE FROM regions WHERE id % 40 < 30 AND id >= 80")
    cluster.execute("VACUUM regions")
    assert info(cluster, "regions_v_idx")["unreachable_nodes"] == 0
    check(cluster, "regions")


def test_recall_does_not_wear_off(cluster):
    """Round after round of updates, repaired again and again, finds what a new graph finds."""
    make_table(cluster, "worn", 2000)
    for number in range(10):
        with cluster.connect() as connection:
            for row in range(number % 5, 2000, 5):
                connection.execute("UPDATE worn SET v = %s WHERE id = %s",
                                   [vector_of(10_000 * (number + 1) + row), row])
        cluster.execute("VACUUM worn")
    check(cluster, "worn")
    worn = recall(cluster, "worn")
    cluster.execute("REINDEX INDEX worn_v_idx")
    assert worn >= recall(cluster, "worn") - 0.02


def test_little_memory(cluster):
    """Dead rows do not fit into memory at once, so the index is passed several times, and codes do
    not either."""
    cluster.execute("CREATE TABLE little (id integer, v vector(64))")
    cluster.execute("INSERT INTO little SELECT i, ARRAY(SELECT sin(i % 300 * j + i / 1e5) FROM "
                    "generate_series(1, 64) AS j)::vector FROM generate_series(1, 20000) AS i")
    cluster.execute("INSERT INTO little SELECT i FROM generate_series(1, 300000) AS i")
    cluster.execute("CREATE INDEX ON little USING hnsw (v vector_l2_ops) WITH (m = 4)")
    cluster.execute("DELETE FROM little WHERE v IS NULL OR id % 2 = 0")
    with cluster.connect() as connection:
        notices = []
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        connection.execute("SET maintenance_work_mem = '1MB'; SET client_min_messages = info")
        connection.execute("VACUUM (VERBOSE, PARALLEL 0) little")
    assert info(cluster, "little_v_idx")["rows"] == 10000
    cluster.execute("SELECT dvecdb_index_check('little_v_idx', true)")


def test_counts(cluster):
    """What the planner is told of a partial index, and what VACUUM leaves out."""
    make_table(cluster, "part", 1000,
               "USING hnsw (v vector_l2_ops) WHERE id % 2 = 0")
    cluster.execute("DELETE FROM part WHERE id < 100")
    cluster.execute("VACUUM part")
    assert cluster.value("SELECT reltuples FROM pg_class WHERE relname = 'part_v_idx'") == 450
    cluster.execute("DELETE FROM part WHERE id < 200")
    cluster.execute("VACUUM (INDEX_CLEANUP off) part")
    assert info(cluster, "part_v_idx")["rows"] == 450
    cluster.execute("VACUUM (INDEX_CLEANUP on) part")
    assert info(cluster, "part_v_idx")["rows"] == 400
    cluster.execute("ANALYZE part")


def test_parallel_vacuum(cluster):
    make_table(cluster, "several", 3000)
    cluster.execute("CREATE INDEX several_other ON several USING hnsw (v vector_cosine_ops)")
    cluster.execute("DELETE FROM several WHERE id % 3 = 0")
    with cluster.connect() as connection:
        connection.execute("SET min_parallel_index_scan_size = 0")
        connection.execute("VACUUM (PARALLEL 2) several")
    for index in ("several_v_idx", "several_other"):
        check(cluster, "several", index)
        assert info(cluster, index)["rows"] == 2000


def test_concurrent_index_among_writers(cluster):
    """CREATE INDEX CONCURRENTLY asks the index for the rows that it has."""
    make_table(cluster, "growing", 1500, index=None)
    clients = [Client(cluster, step, seed) for seed, step in enumerate(
        [inserter("growing", 10_000), updater("growing", 1500), deleter("growing", 700)])]
    for one in clients:
        one.start()
    cluster.execute("CREATE INDEX CONCURRENTLY growing_v_idx ON growing USING hnsw "
                    "(v vector_l2_ops) WITH (m = 8)")
    cluster.execute("REINDEX INDEX CONCURRENTLY growing_v_idx")
    for one in clients:
        one.end()
    check(cluster, "growing")


def test_kill_during_vacuum(make_cluster):
    """What an unfinished VACUUM has left, the next one finishes."""
    running = make_cluster()
    running.execute("CREATE EXTENSION dvecdb")
    make_table(running, "t", 6000)
    running.was_killed = True
    for number in range(6):
        running.execute(f"DELETE FROM t WHERE id % 7 = {number}")
        vacuum = Client(running, lambda connection, _: connection.execute("VACUUM t"), 0)
        vacuum.start()
        time.sleep(0.02 + 0.03 * number)
        running.kill()
        vacuum.join(timeout=60)
        running.start()
        check(running, "t")
        assert running.value("SELECT count(*) FROM t") == sum(row % 7 > number for row in range(6000))
    running.execute("VACUUM t")
    after = info(running, "t_v_idx")
    assert (after["rows"], after["dead_nodes"], after["unreachable_nodes"]) == (857, 0, 0)
    running.stop()


def test_searches_find_all_rows_while_vacuum_works(cluster):
    """Rows that stay are found at any moment."""
    make_table(cluster, "calm", 3000)

    def step(connection, source):
        row = source.randrange(600) * 5
        connection.execute("SET enable_seqscan = off; SET hnsw.ef_search = 200")
        found = connection.execute("SELECT id FROM calm ORDER BY v <-> %s::vector LIMIT 1",
                                   [vector_of(row)]).fetchone()
        assert found == (row,)
    clients = [Client(cluster, step, seed) for seed in range(3)] + [
        Client(cluster, searcher("calm"), 9)]
    for one in clients:
        one.start()
    for number in range(1, 5):
        cluster.execute(f"DELETE FROM calm WHERE id % 5 = {number}")
        cluster.execute("VACUUM calm")
    for one in clients:
        one.end()
    check(cluster, "calm")
