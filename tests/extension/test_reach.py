"""The entry leads to every node: where lists are short, where all is equally far, where all lead to a
few long vectors; after a build, insertions and VACUUM, also when many insert at once."""

import pytest

from workload import deleter, fill, inserter, run_clients, updater, vacuumer

ROWS = 800
# name: (type, an expression for the row i)
DATA = {
    "uniform": ("vector(32)", "ARRAY(SELECT random() - 0.5 FROM generate_series(1, 32) WHERE i > 0)::vector"),
    "lengths": ("vector(32)", "ARRAY(SELECT (random() - 0.5) * (1 + i % 20) FROM generate_series(1, 32))::vector"),
    # Few have an index in common.
    "sparse": ("sparsevec(10000)",
               "('{' || (SELECT string_agg(k || ':' || 1 + k % 3, ',' ORDER BY k) FROM"
               " (SELECT DISTINCT 1 + (random() * 9990)::int AS k FROM generate_series(1, 6) WHERE i > 0) x)"
               " || '}/10000')::sparsevec"),
    "bits": ("bit(64)", "(SELECT string_agg((random() < 0.5)::int::text, '') FROM generate_series(1, 64)"
                        " WHERE i > 0)::bit(64)"),
}
CASES = [("uniform", "vector_l2_ops"), ("lengths", "vector_ip_ops"), ("sparse", "sparsevec_l2_ops"),
         ("sparse", "sparsevec_ip_ops"), ("sparse", "sparsevec_cosine_ops"), ("bits", "bit_jaccard_ops")]


@pytest.fixture(scope="module")
def data(cluster):
    for name, (kind, value) in DATA.items():
        cluster.execute(f"SELECT setseed(0.4); CREATE TABLE {name} (id int, v {kind});"
                        f"INSERT INTO {name} SELECT i, {value} FROM generate_series(1, {ROWS}) i;"
                        f"CREATE TABLE {name}_grown (id int, v {kind})")
    return cluster


def unreachable(cluster, index="made"):
    cluster.execute("SELECT dvecdb_index_check(%s, true)", [index])
    return cluster.value("SELECT unreachable_nodes FROM dvecdb_index_info(%s)", [index])


@pytest.mark.parametrize("m", [2, 8, 16])
@pytest.mark.parametrize("name, operators", CASES)
def test_every_node_is_reached(data, name, operators, m):
    data.execute(f"CREATE INDEX made ON {name} USING hnsw (v {operators}) WITH (m = {m})")
    assert unreachable(data) == 0
    data.execute(f"DROP INDEX made; TRUNCATE {name}_grown;"
                 f"CREATE INDEX made ON {name}_grown USING hnsw (v {operators}) WITH (m = {m})")
    for part in range(4):
        data.execute(f"INSERT INTO {name}_grown SELECT * FROM {name} WHERE id % 4 = {part}")
        assert unreachable(data) == 0
        data.execute(f"DELETE FROM {name}_grown WHERE id % 4 = {part} AND id % 7 = 0")
        data.execute(f"VACUUM (INDEX_CLEANUP on) {name}_grown")
        assert unreachable(data) == 0
    data.execute("DROP INDEX made")


@pytest.mark.parametrize("m", [2, 4])
def test_many_writers_lose_no_node(cluster, m):
    """Short lists change all the time, and so does what they lead to."""
    cluster.execute("DROP TABLE IF EXISTS busy; CREATE TABLE busy (id int PRIMARY KEY, v vector(24));"
                    f"CREATE INDEX busy_v_idx ON busy USING hnsw (v vector_l2_ops) WITH (m = {m})")
    fill(cluster, "busy", range(200))
    steps = [inserter("busy", 100_000 * number) for number in range(1, 6)]
    run_clients(cluster, [*steps, updater("busy", 200), deleter("busy", 200), vacuumer("busy")], 6)
    cluster.execute("SELECT dvecdb_index_check('busy_v_idx', true)")
