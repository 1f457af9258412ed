"""psycopg 3 with the pgvector package."""

import numpy
import psycopg
import pytest
from pgvector.psycopg import register_vector


@pytest.fixture
def connection(server):
    with psycopg.connect(server.dsn, autocommit=True) as opened:
        opened.execute("CREATE EXTENSION IF NOT EXISTS vector")
        register_vector(opened)
        opened.execute("DROP TABLE IF EXISTS items")
        opened.execute("CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3), "
                       "half halfvec(3), meta jsonb, tags text[])")
        yield opened


def test_insert_and_nearest(connection):
    for i in range(10):
        connection.execute("INSERT INTO items (embedding, half) VALUES (%s, %s)",
                           (numpy.array([i, i, i]), numpy.array([i, 0, 0])))
    connection.execute("CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)")
    rows = connection.execute("SELECT id, embedding FROM items ORDER BY embedding <-> %s LIMIT 3",
                              (numpy.array([4.2, 4.2, 4.2]),)).fetchall()
    assert [row[0] for row in rows] == [5, 6, 4]
    assert numpy.array_equal(rows[0][1], numpy.array([4, 4, 4], dtype=numpy.float32))


def test_binary_results(connection):
    connection.execute("INSERT INTO items (embedding) VALUES ('[1,2,3]')")
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute("SELECT id, embedding, now(), 1.5::numeric FROM items").fetchone()
    assert row[0] == 1
    assert numpy.array_equal(row[1], numpy.array([1, 2, 3], dtype=numpy.float32))
    assert float(row[3]) == 1.5


def test_binary_copy(connection):
    embeddings = numpy.random.default_rng(1).random((1000, 3), dtype=numpy.float32)
    with connection.cursor().copy("COPY items (embedding) FROM STDIN WITH (FORMAT BINARY)") as copy:
        copy.set_types(["vector"])
        for embedding in embeddings:
            copy.write_row([embedding])
    stored = connection.execute("SELECT embedding FROM items ORDER BY id").fetchall()
    assert numpy.array_equal(numpy.array([row[0] for row in stored]), embeddings)


def test_text_copy_out(connection):
    connection.execute("INSERT INTO items (embedding, tags) VALUES ('[1,2,3]', '{a,b}')")
    with connection.cursor().copy("COPY items (embedding, tags) TO STDOUT") as copy:
        assert list(copy.rows()) == [("[1,2,3]", "{a,b}")]


def test_json_arrays_and_nulls(connection):
    connection.execute("INSERT INTO items (meta, tags) VALUES (%s, %s)",
                       (psycopg.types.json.Jsonb({"a": [1, None]}), ["x", "y"]))
    row = connection.execute("SELECT meta, tags, embedding FROM items").fetchone()
    assert row == ({"a": [1, None]}, ["x", "y"], None)


def test_server_side_cursor_and_prepared(connection):
    connection.execute("INSERT INTO items (tags) SELECT ARRAY[g::text] FROM generate_series(1, 500) g")
    with connection.transaction():
        with connection.cursor(name="steps") as cursor:
            cursor.execute("SELECT id FROM items ORDER BY id")
            assert [row[0] for row in cursor.fetchmany(3)] == [1, 2, 3]
            assert len(cursor.fetchall()) == 497
    for i in range(10):
        row = connection.execute("SELECT %s::int + 1", (i,), prepare=True).fetchone()
        assert row == (i + 1,)


def test_errors_and_transactions(connection):
    with pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM nowhere")
    with pytest.raises(psycopg.errors.DataException, match="expected 3 dimensions, not 2"):
        connection.execute("INSERT INTO items (embedding) VALUES ('[1,2]')")
    with pytest.raises(ZeroDivisionError):
        with connection.transaction():
            connection.execute("INSERT INTO items DEFAULT VALUES")
            raise ZeroDivisionError
    assert connection.execute("SELECT count(*) FROM items").fetchone() == (0,)


def test_pipeline(connection):
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int", (i,)) for i in range(20)]
    assert [cursor.fetchone()[0] for cursor in cursors] == list(range(20))


def test_executemany_returning(connection):
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO items (tags) VALUES (%s) RETURNING id",
                           [(["a"],), (["b"],)], returning=True)
        ids = [cursor.fetchone()[0]]
        while cursor.nextset():
            ids.append(cursor.fetchone()[0])
    assert ids == [1, 2]
