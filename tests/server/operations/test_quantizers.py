"""An index is made with the quantizer that its options name, and keeps it over a restart."""

import random

import psycopg
import pytest

ROWS, DIMENSIONS, LIMIT = 2000, 64, 10
OPTIONS = ["quantizer = none", "quantizer = half", "quantizer = sq8", "quantizer = rabitq",
           "quantizer = rabitq, quantizer_bits = 2", "quantizer = auto"]


def vectors(count, seed):
    chance = random.Random(seed)
    return [str([round(chance.gauss(0, 1), 4) for _ in range(DIMENSIONS)]) for _ in range(count)]


@pytest.fixture
def connection(server):
    with psycopg.connect(server.dsn, autocommit=True) as session:
        session.execute(f"CREATE TABLE coded (id serial, v vector({DIMENSIONS}))")
        with session.cursor() as cursor, cursor.copy("COPY coded (v) FROM STDIN") as copy:
            for vector in vectors(ROWS, 1):
                copy.write_row([vector])
        yield session


def answers(session):
    search = f"SELECT id FROM coded ORDER BY v <-> %s::vector LIMIT {LIMIT}"
    return [{row[0] for row in session.execute(search, [query])} for query in vectors(20, 2)]


def recall(found, exact):
    return sum(len(a & b) for a, b in zip(found, exact)) / (LIMIT * len(exact))


def test_each_quantizer_finds_the_nearest_and_stays_over_a_restart(server, connection):
    exact = answers(connection)
    sizes = {}
    for number, options in enumerate(OPTIONS):
        connection.execute(f"CREATE INDEX i{number} ON coded USING hnsw (v vector_l2_ops)"
                           f" WITH ({options})")
        connection.execute("SET hnsw.ef_search = 200")
        assert recall(answers(connection), exact) >= 0.95, options
        connection.execute("CHECKPOINT")
        sizes[options] = connection.execute(f"SELECT pg_relation_size('i{number}')").fetchone()[0]
        if number + 1 < len(OPTIONS):
            connection.execute(f"DROP INDEX i{number}")
    # A code takes 256, 128 and 24 bytes of these; a node fills whole cache lines.
    assert sizes["quantizer = none"] > sizes["quantizer = half"] + 100 * ROWS
    assert sizes["quantizer = half"] > sizes["quantizer = rabitq, quantizer_bits = 2"] + 40 * ROWS

    connection.execute("CREATE INDEX small ON coded USING hnsw (v vector_l2_ops)"
                       " WITH (quantizer = rabitq, quantizer_bits = 2)")
    connection.execute("DROP INDEX i5")
    server.stop()
    server.start()
    with psycopg.connect(server.dsn, autocommit=True) as again:
        again.execute("SET hnsw.ef_search = 200")
        assert recall(answers(again), exact) >= 0.95
        assert again.execute("SELECT pg_relation_size('small')").fetchone()[0] == \
            sizes["quantizer = rabitq, quantizer_bits = 2"]
        definition = again.execute("SELECT pg_get_indexdef('small'::regclass)").fetchone()[0]
        assert "quantizer=rabitq, quantizer_bits='2'" in definition


@pytest.mark.parametrize("column, operators, options, state, sentence", [
    ("vector(3)", "vector_l2_ops", "quantizer = pq", "22023", 'enum option "quantizer": pq'),
    ("vector(3)", "vector_l2_ops", "quantizer = rabitq, quantizer_bits = 9", "22023",
     'value 9 out of bounds for option "quantizer_bits"'),
    ("vector(3)", "vector_l2_ops", "quantizer = sq8, quantizer_bits = 4", "22023",
     "quantizer_bits needs quantizer = rabitq"),
    ("vector(3)", "vector_l1_ops", "quantizer = sq8", "22023", 'takes quantizer "half" or "none"'),
    ("sparsevec(3)", "sparsevec_l2_ops", "quantizer = half", "22023", "without a quantizer"),
])
def test_what_no_quantizer_can_do_is_refused(server, column, operators, options, state, sentence):
    with psycopg.connect(server.dsn, autocommit=True) as session:
        session.execute(f"CREATE TABLE refused (v {column})")
        with pytest.raises(psycopg.Error) as refused:
            session.execute(f"CREATE INDEX ON refused USING hnsw (v {operators}) WITH ({options})")
        assert refused.value.sqlstate == state
        assert sentence in str(refused.value)
        session.execute("DROP TABLE refused")
