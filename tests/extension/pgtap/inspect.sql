-- Looking inside an index that is sound: dvecdb_index_info, dvecdb_index_check, dvecdb_index_recall.
BEGIN;
SELECT plan(35);

CREATE TABLE items (id int PRIMARY KEY, embedding vector(32), kind int);
SELECT setseed(0.5);
INSERT INTO items
SELECT i, ARRAY(SELECT random() FROM generate_series(1, 32) WHERE i > 0)::vector, i % 5
FROM generate_series(1, 3000) AS i;
CREATE INDEX by_distance ON items USING hnsw (embedding vector_l2_ops);

SELECT results_eq(
    $$SELECT type, distance, dims, m, ef_construction, layout, rerank_source, nodes, rows,
             dead_nodes, dead_share FROM dvecdb_index_info('by_distance')$$,
    $$VALUES ('vector', 'l2', 32, 16, 64, 'fused', 'heap', 3000::bigint, 3000::bigint,
              0::bigint, 0::float8)$$, 'what the index is');
SELECT ok((SELECT sum = 3000 FROM dvecdb_index_info('by_distance'),
           LATERAL (SELECT sum(count) FROM unnest(nodes_by_level) AS count) AS levels),
    'levels hold all nodes');
SELECT ok((SELECT bytes = pg_relation_size('by_distance') FROM dvecdb_index_info('by_distance')),
    'bytes are the file''s');
SELECT ok((SELECT bytes = 8192 + node_bytes + row_bytes + vector_bytes + item_bytes + unused_bytes
           FROM dvecdb_index_info('by_distance')), 'parts add up');
SELECT ok((SELECT links_per_node BETWEEN 8 AND 32 AND fused_share = 1
           FROM dvecdb_index_info('by_distance')), 'links, all with their codes at hand');

SELECT ok((SELECT unreachable_nodes <= 0.01 * nodes FROM dvecdb_index_info('by_distance')),
    'links lead nearly everywhere');
SELECT lives_ok($$SELECT dvecdb_index_check('by_distance')$$, 'a sound index');
SELECT lives_ok($$SELECT dvecdb_index_check('by_distance', heap => true)$$,
    'a sound index, compared with its table');

SELECT cmp_ok(dvecdb_index_recall('by_distance'), '>=', 0.9::float8, 'recall by default');
SELECT cmp_ok(dvecdb_index_recall('by_distance', 10, 50, 400), '>=', 0.99::float8,
    'recall with a large ef_search');
SELECT cmp_ok(dvecdb_index_recall('by_distance', 20, 50, 5), '<=', 0.6::float8,
    'rows beyond ef_search are missed');
SELECT is(current_setting('hnsw.ef_search'), '40', 'the session''s ef_search stays');
SELECT is(current_setting('enable_indexscan'), 'on', 'the session''s planner settings stay');

-- Changes.
INSERT INTO items
SELECT i, ARRAY(SELECT random() FROM generate_series(1, 32) WHERE i > 0)::vector, i % 5
FROM generate_series(3001, 3300) AS i;
INSERT INTO items SELECT i + 10000, embedding, kind FROM items AS of(i) WHERE i <= 20;
INSERT INTO items VALUES (20000, NULL, 0);
UPDATE items SET kind = kind + 1 WHERE id <= 100;
DELETE FROM items WHERE id BETWEEN 101 AND 200;
SELECT lives_ok($$SELECT dvecdb_index_check('by_distance', heap => true)$$,
    'after inserts, updates and deletions');
SELECT ok((SELECT rows > nodes FROM dvecdb_index_info('by_distance')),
    'equal vectors share a node');
SELECT cmp_ok(dvecdb_index_recall('by_distance', 10, 50, 200), '>=', 0.95::float8,
    'recall after changes');

-- Other kinds of indexes.
CREATE INDEX of_kind ON items USING hnsw (embedding vector_cosine_ops) WHERE kind = 3;
CREATE INDEX of_halfs ON items USING hnsw ((embedding::halfvec(32)) halfvec_ip_ops)
    WITH (layout = compact, quantizer = none);
CREATE INDEX of_bits ON items USING hnsw ((binary_quantize(embedding)::bit(32)) bit_hamming_ops);
SELECT lives_ok(format('SELECT dvecdb_index_check(%L, true)', name), name)
FROM unnest(ARRAY['of_kind', 'of_halfs', 'of_bits']) AS name;
SELECT cmp_ok(dvecdb_index_recall('of_kind', 10, 50, 200), '>=', 0.95::float8,
    'recall of a partial index');
SELECT cmp_ok(dvecdb_index_recall('of_halfs', 10, 50, 200), '>=', 0.95::float8,
    'recall of an expression');
SELECT cmp_ok(dvecdb_index_recall('of_bits', 10, 50, 200), '>=', 0.8::float8, 'recall of bits');
SELECT results_eq(
    $$SELECT type, distance, quantizer, layout, row_bytes
      FROM dvecdb_index_info('of_halfs')$$,
    $$VALUES ('halfvec', 'inner_product', 'none', 'compact', 0::bigint)$$, 'a compact index');

-- Zero vectors have no cosine.
CREATE TABLE empty (embedding vector(3));
CREATE INDEX of_empty ON empty USING hnsw (embedding vector_cosine_ops);
SELECT lives_ok($$SELECT dvecdb_index_check('of_empty', true)$$, 'an empty index');
SELECT is(dvecdb_index_recall('of_empty'), NULL, 'an empty index has no recall');
INSERT INTO empty VALUES ('[0,0,0]'), (NULL);
SELECT lives_ok($$SELECT dvecdb_index_check('of_empty', true)$$, 'rows that are not indexed');
SELECT is((SELECT rows FROM dvecdb_index_info('of_empty')), 0::bigint, 'and not counted');
SELECT is(dvecdb_index_recall('of_empty'), NULL, 'and not searched for');

-- What these functions refuse.
SELECT throws_ok($$SELECT dvecdb_index_info('items')$$, '42809', '"items" is not an index');
SELECT throws_ok($$SELECT dvecdb_index_check('items_pkey')$$, '42809',
    'index "items_pkey" is not an hnsw index');
SELECT throws_ok($$SELECT dvecdb_index_recall('by_distance', 0)$$, '22023',
    'k must be from 1 to 1000');
SELECT throws_ok($$SELECT dvecdb_index_recall('by_distance', 10, 10, 1001)$$, '22023',
    '1001 is outside the valid range for parameter "hnsw.ef_search" (1 .. 1000)');
CREATE ROLE stranger;
SET LOCAL ROLE stranger;
SELECT throws_ok(format('SELECT %s(%L)', name, 'by_distance'), '42501',
    'permission denied for table items')
FROM unnest(ARRAY['dvecdb_index_info', 'dvecdb_index_check', 'dvecdb_index_recall']) AS name;
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
