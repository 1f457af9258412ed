// node's pg driver: connect, create, insert, nearest neighbours, introspection. Exits 1 on a failure.
'use strict';

const assert = require('assert');
const { Client, Pool } = require('pg');

const config = {
  host: '127.0.0.1', port: Number(process.env.TEST_PORT), user: 'postgres', database: 'postgres',
};

async function main() {
  const client = new Client(config);
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS vector');
  await client.query('DROP TABLE IF EXISTS items');
  await client.query('CREATE TABLE items (id serial PRIMARY KEY, embedding vector(3), meta jsonb, made timestamptz DEFAULT now())');
  for (let i = 0; i < 5; i++) {
    const inserted = await client.query(
      'INSERT INTO items (embedding, meta) VALUES ($1, $2) RETURNING id, made',
      [JSON.stringify([i, i, i]), { number: i }]);
    assert.strictEqual(inserted.rows[0].id, i + 1);
    assert(inserted.rows[0].made instanceof Date);
  }
  await client.query('CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)');
  const near = await client.query({
    name: 'near', text: 'SELECT id, embedding, meta FROM items ORDER BY embedding <-> $1 LIMIT 2',
    values: ['[2.2,2,2]'],
  });
  assert.deepStrictEqual(near.rows.map((row) => row.id), [3, 4]);
  assert.strictEqual(near.rows[0].embedding, '[2,2,2]');
  assert.deepStrictEqual(near.rows[0].meta, { number: 2 });

  const columns = await client.query(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_attribute a WHERE a.attrelid = 'items'::regclass AND a.attnum > 0 ORDER BY a.attnum`);
  assert.deepStrictEqual(columns.rows.map((row) => row.type),
    ['integer', 'vector(3)', 'jsonb', 'timestamp with time zone']);
  const tables = await client.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'items'");
  assert.strictEqual(tables.rowCount, 1);

  await assert.rejects(client.query('SELECT missing FROM items'),
    (error) => error.code === '42703' && error.position === '8');
  await client.query('BEGIN');
  await assert.rejects(client.query('INSERT INTO items (id) VALUES (1)'),
    (error) => error.code === '23505' && error.constraint === 'items_pkey');
  await assert.rejects(client.query('SELECT 1'), (error) => error.code === '25P02');
  await client.query('ROLLBACK');
  const many = await client.query('SELECT 1 AS a; SELECT 2 AS b');
  assert.deepStrictEqual(many.map((result) => result.rows), [[{ a: 1 }], [{ b: 2 }]]);
  await client.end();

  const pool = new Pool({ ...config, max: 8 });
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => pool.query('SELECT $1::int * 2 AS n', [i])));
  assert.deepStrictEqual(answers.map((answer) => answer.rows[0].n), answers.map((_, i) => i * 2));
  await pool.end();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
