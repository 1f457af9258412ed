"""Indexes in base backups, dumps, and those that are made anew while others write."""

from workload import (Client, check, deleter, inserter, make_table, searcher, updater)


def test_base_backup(cluster, make_cluster):
    make_table(cluster, "backed", 1500)
    writer = Client(cluster, inserter("backed", 100_000), seed=1)
    writer.start()
    copy = cluster.base_backup(make_cluster.folder()).start()
    writer.end()
    check(copy, "backed")
    copy.execute("VACUUM backed")
    check(copy, "backed")
    copy.stop()


def test_dump_and_restore(cluster):
    make_table(cluster, "dumped", 1000,
               "USING hnsw (v vector_cosine_ops) WITH (m = 12, layout = compact)")
    cluster.execute("CREATE DATABASE restored")
    cluster.psql(cluster.dump(), database="restored")
    definition = "SELECT pg_get_indexdef('dumped_v_idx'::regclass)"
    assert cluster.value(definition, database="restored") == cluster.value(definition)
    assert cluster.value("SELECT count(*) FROM dumped", database="restored") == 1000
    cluster.execute("SELECT dvecdb_index_check('dumped_v_idx', true)", database="restored")


def while_written(cluster, name, statement):
    """Runs the statement several times while clients write and search."""
    steps = [inserter(name, 100_000), inserter(name, 200_000), updater(name, 1500),
             deleter(name, 1500)]
    clients = [Client(cluster, step, seed) for seed, step in enumerate(steps)]
    for one in clients:
        one.start()
    for _ in range(3):
        cluster.execute(statement)
    for one in clients:
        one.end()


def test_create_index_concurrently(cluster):
    make_table(cluster, "fresh", 1500, index=None)
    while_written(cluster, "fresh",
                  "CREATE INDEX CONCURRENTLY ON fresh USING hnsw (v vector_l2_ops) WITH (m = 8)")
    assert cluster.value("SELECT bool_and(indisvalid) FROM pg_index "
                         "WHERE indrelid = 'fresh'::regclass")
    for number in ("", "1", "2"):
        check(cluster, "fresh", f"fresh_v_idx{number}")


def test_reindex_concurrently(cluster):
    make_table(cluster, "again", 1500)
    searching = Client(cluster, searcher("again"), seed=7)
    searching.start()
    while_written(cluster, "again", "REINDEX INDEX CONCURRENTLY again_v_idx")
    searching.end()
    check(cluster, "again")
