"""asyncpg with the pgvector package: always binary, introspects types by itself."""

import asyncio

import asyncpg
import numpy
from pgvector.asyncpg import register_vector


def run(server, work):
    async def body():
        connection = await asyncpg.connect(host="127.0.0.1", port=server.port, user="postgres",
                                           database="postgres")
        try:
            await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            await register_vector(connection)
            await connection.execute("DROP TABLE IF EXISTS items")
            await connection.execute("CREATE TABLE items (id bigserial PRIMARY KEY, "
                                     "embedding vector(3), half halfvec(2), "
                                     "many vector(2)[], made timestamptz DEFAULT now(), "
                                     "price numeric, meta jsonb)")
            await work(connection)
        finally:
            await connection.close()

    asyncio.run(body())


def test_insert_and_nearest(server):
    async def work(connection):
        await connection.executemany("INSERT INTO items (embedding) VALUES ($1)",
                                     [(numpy.array([i, i, i]),) for i in range(10)])
        await connection.execute("CREATE INDEX ON items USING hnsw (embedding vector_cosine_ops)")
        rows = await connection.fetch("SELECT id, embedding FROM items WHERE id > 1 "
                                      "ORDER BY embedding <-> $1 LIMIT 2",
                                      numpy.array([3.1, 3.1, 3.1]))
        assert [row["id"] for row in rows] == [4, 5]
        assert numpy.array_equal(rows[0]["embedding"], numpy.array([3, 3, 3], dtype=numpy.float32))

    run(server, work)


def test_types_both_ways(server):
    async def work(connection):
        row = await connection.fetchrow(
            "INSERT INTO items (half, price, meta) VALUES ($1, $2, $3) "
            "RETURNING half, price, meta, made",
            [1.5, 2], 12, '{"a": 1}')
        assert list(row["half"].to_list()) == [1.5, 2]
        assert row["price"] == 12
        assert row["meta"] == '{"a": 1}'
        assert row["made"].tzinfo is not None
        row = await connection.fetchrow("SELECT $1::int[], $2::text, $3::uuid, $4::date",
                                        [1, None, 3], "häuser",
                                        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", None)
        assert row[0] == [1, None, 3]
        assert row[1] == "häuser"
        record = await connection.fetchval("SELECT ROW(1, 'a'::text)")
        assert tuple(record) == (1, "a")

    run(server, work)


def test_copy_records(server):
    async def work(connection):
        records = [(numpy.array([i, 0, 0]), i) for i in range(100)]
        await connection.copy_records_to_table("items", records=records,
                                               columns=["embedding", "price"])
        assert await connection.fetchval("SELECT count(*) FROM items") == 100

    run(server, work)


def test_transactions_cursors_and_errors(server):
    async def work(connection):
        try:
            async with connection.transaction():
                await connection.execute("INSERT INTO items DEFAULT VALUES")
                await connection.execute("SELECT 1/0")
        except asyncpg.DivisionByZeroError:
            pass
        assert await connection.fetchval("SELECT count(*) FROM items") == 0
        async with connection.transaction():
            numbers = [row[0] async for row in
                       connection.cursor("SELECT g FROM generate_series(1, 200) g", prefetch=50)]
        assert numbers == list(range(1, 201))
        try:
            await asyncio.wait_for(connection.execute("SELECT pg_sleep(30)"), timeout=0.3)
        except asyncio.TimeoutError:
            pass
        assert await connection.fetchval("SELECT 1") == 1

    run(server, work)


def test_introspection_of_enums_and_composites(server):
    async def work(connection):
        await connection.execute("DROP TYPE IF EXISTS mood; CREATE TYPE mood AS ENUM ('sad', 'ok')")
        assert await connection.fetchval("SELECT 'ok'::mood") == "ok"
        prepared = await connection.prepare("SELECT id, embedding FROM items WHERE id = $1")
        assert [a.type.name for a in prepared.get_attributes()] == ["int8", "vector"]

    run(server, work)
