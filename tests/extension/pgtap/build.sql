-- CREATE INDEX: what is indexed, by every operator class, and what is refused.
\set QUIET on
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET enable_seqscan = off;
SET jit = off;  -- which the price of forbidden scans would ask for
BEGIN;
SELECT no_plan();

SELECT setseed(0.5);
CREATE TABLE rows (id int PRIMARY KEY, single vector(24), half halfvec(24), sparse sparsevec(24),
                   bits bit(24), kind int);
INSERT INTO rows
SELECT i, elements::vector, elements::vector::halfvec, elements::vector::sparsevec,
       (i * 7919 % 16777216)::bit(24), i % 3
FROM (SELECT i, array_agg(random() - 0.5 + (i % 7)) AS elements
      FROM generate_series(1, 1500) i, generate_series(1, 24) j GROUP BY i) made;
INSERT INTO rows VALUES (2000, NULL, NULL, NULL, NULL, 0);

-- Every operator class

CREATE TABLE classes (name text, of_column text);
INSERT INTO classes
SELECT type || '_' || distance || '_ops', substring(type FROM '(single|half|sparse)vec')
FROM unnest(ARRAY['halfvec', 'sparsevec']) type, unnest(ARRAY['l2', 'ip', 'cosine', 'l1']) distance;
INSERT INTO classes
SELECT 'vector_' || distance || '_ops', 'single' FROM unnest(ARRAY['l2', 'ip', 'cosine', 'l1']) distance;
INSERT INTO classes VALUES ('bit_hamming_ops', 'bits'), ('bit_jaccard_ops', 'bits');

CREATE FUNCTION build(class text, of_column text, options text DEFAULT '') RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    info record;
BEGIN
    EXECUTE format('CREATE INDEX built ON rows USING hnsw (%I %s) %s', of_column, class, options);
    PERFORM dvecdb_index_check('built', true);
    SELECT * INTO info FROM dvecdb_index_info('built');
    RETURN NEXT is(info.rows, 1500::bigint, class || ' ' || options || ' holds every row');
    RETURN NEXT cmp_ok(dvecdb_index_recall('built', 10, 50, 100), '>=', 0.9::float8,
                       class || ' ' || options || ' finds them');
    DROP INDEX built;
END $$;

SELECT build(name, of_column) FROM classes;
SELECT build('vector_l2_ops', 'single', options)
FROM unnest(ARRAY['WITH (m = 4, ef_construction = 32)', 'WITH (layout = compact)',
                  'WITH (rerank_source = ''index'')', 'WITH (quantizer = none)',
                  'WITH (quantizer = half)',
                  'WITH (quantizer = rabitq, quantizer_bits = 4)']) options;
SELECT build('halfvec_cosine_ops', 'half', 'WITH (rerank_source = ''index'', quantizer = sq8)');

-- Which rows

CREATE INDEX partial ON rows USING hnsw (single vector_l2_ops) WHERE kind = 1;
SELECT is((SELECT rows FROM dvecdb_index_info('partial')), 500::bigint,
          'a partial index holds the rows of its predicate');
SELECT is((SELECT count(*) FROM (SELECT kind FROM rows WHERE kind = 1
                                 ORDER BY single <-> (SELECT single FROM rows WHERE id = 5) LIMIT 20) found
           WHERE kind = 1), 20::bigint, 'and answers for them');

CREATE INDEX expression ON rows USING hnsw ((half::vector(24)) vector_cosine_ops);
SELECT is((SELECT rows FROM dvecdb_index_info('expression')), 1500::bigint,
          'an expression is indexed');
CREATE INDEX part_of_vector ON rows USING hnsw ((subvector(single, 1, 8)::vector(8)) vector_l2_ops);
SELECT is((SELECT dims FROM dvecdb_index_info('part_of_vector')), 8, 'so is a part of a vector');
CREATE INDEX quantized ON rows USING hnsw ((binary_quantize(single)::bit(24)) bit_hamming_ops);
SELECT is((SELECT rows FROM dvecdb_index_info('quantized')), 1500::bigint,
          'so are the signs of elements');

CREATE TABLE zeros (v vector(3), h halfvec(3));
INSERT INTO zeros VALUES ('[0,0,0]', '[0,0,0]'), ('[1,0,0]', '[1,0,0]'), ('[0,0,0]', '[0,0,0]'),
                         ('[0,1e-30,0]', '[0,1,0]'), ('[0,0,1e30]', '[0,0,1]');
CREATE INDEX zeros_cosine ON zeros USING hnsw (v vector_cosine_ops);
CREATE INDEX zeros_half ON zeros USING hnsw (h halfvec_cosine_ops);
CREATE INDEX zeros_l2 ON zeros USING hnsw (v vector_l2_ops);
SELECT is((SELECT rows FROM dvecdb_index_info('zeros_cosine')), 3::bigint,
          'zero vectors have no direction, however small ones do');
SELECT is((SELECT rows FROM dvecdb_index_info('zeros_half')), 3::bigint,
          'zero vectors of halves neither');
SELECT is((SELECT rows FROM dvecdb_index_info('zeros_l2')), 5::bigint,
          'zero vectors have distances');
SELECT results_eq(
    $$SELECT v::text FROM zeros ORDER BY v <=> '[0,1,0]' LIMIT 1$$, ARRAY['[0,1e-30,0]'],
    'a vector too short for squares in floats is found by its direction');

CREATE TABLE sparse_zeros (v sparsevec(3), b bit(3));
INSERT INTO sparse_zeros VALUES ('{}/3', '000'), ('{2:1}/3', '010'), (NULL, NULL), ('{2:1}/3', '010');
CREATE INDEX sparse_cosine ON sparse_zeros USING hnsw (v sparsevec_cosine_ops);
CREATE INDEX sparse_l2 ON sparse_zeros USING hnsw (v sparsevec_l2_ops);
CREATE INDEX few_bits ON sparse_zeros USING hnsw (b bit_jaccard_ops);
SELECT results_eq($$SELECT nodes, rows FROM dvecdb_index_info('sparse_cosine')$$,
                  $$VALUES (1::bigint, 2::bigint)$$, 'zero vectors without elements have no direction');
SELECT results_eq($$SELECT nodes, rows FROM dvecdb_index_info('sparse_l2')$$,
                  $$VALUES (2::bigint, 3::bigint)$$, 'but distances');
SELECT results_eq($$SELECT nodes, rows FROM dvecdb_index_info('few_bits')$$,
                  $$VALUES (2::bigint, 3::bigint)$$, 'as bits without ones have');

CREATE TABLE equal (id int, v vector(3));
INSERT INTO equal SELECT i, CASE WHEN i % 4 = 0 THEN '[1,2,3]' ELSE '[1,2,' || i || ']' END::vector
FROM generate_series(1, 6000) i;
CREATE INDEX equal_index ON equal USING hnsw (v vector_l2_ops);
SELECT results_eq('SELECT nodes, rows FROM dvecdb_index_info(''equal_index'')',
                  $$VALUES (4500::bigint, 6000::bigint)$$,
                  'rows with equal vectors share a node (id 3 has the vector of every fourth)');
SELECT is((SELECT count(*) FROM (SELECT v FROM equal ORDER BY v <-> '[1,2,3]' LIMIT 1501) found
           WHERE v = '[1,2,3]'), 1501::bigint, 'and all are found');

CREATE TABLE nothing (v vector(3));
CREATE INDEX nothing_index ON nothing USING hnsw (v vector_l2_ops);
SELECT is((SELECT count(*) FROM (SELECT * FROM nothing ORDER BY v <-> '[1,2,3]' LIMIT 5) found),
          0::bigint, 'an empty table has an index');
INSERT INTO nothing VALUES ('[1,2,3]');
SELECT is((SELECT count(*) FROM (SELECT * FROM nothing ORDER BY v <-> '[1,2,3]' LIMIT 5) found),
          1::bigint, 'which takes rows');

-- Large values

CREATE TABLE large_values (id int, b bit(64000), s sparsevec(1000000));
INSERT INTO large_values SELECT i, (i * 2654435)::bit(64000),
    ('{' || (SELECT string_agg(k * i || ':1', ',') FROM generate_series(1, 16000) k) || '}/1000000')::sparsevec
FROM generate_series(1, 40) i;
CREATE INDEX large_bits ON large_values USING hnsw (b bit_hamming_ops);
CREATE INDEX large_sparse ON large_values USING hnsw (s sparsevec_l2_ops);
SELECT dvecdb_index_check('large_bits', true), dvecdb_index_check('large_sparse', true)
\g /dev/null
SELECT is((SELECT id FROM large_values ORDER BY s <-> (SELECT s FROM large_values WHERE id = 17) LIMIT 1),
          17, 'sparse vectors of many pages are found');

-- Large vectors

CREATE TABLE large (id int, v vector(16000), h halfvec(4000));
INSERT INTO large SELECT i, array_fill(i::float4, ARRAY[16000])::vector,
                         array_fill((i % 50)::float4, ARRAY[4000])::halfvec
FROM generate_series(1, 60) i;
CREATE INDEX large_index ON large USING hnsw (v vector_l2_ops);
CREATE INDEX large_plain ON large USING hnsw (v vector_l1_ops) WITH (quantizer = none);
CREATE INDEX large_half ON large USING hnsw (h halfvec_ip_ops) WITH (rerank_source = 'index');
SELECT lives_ok(format('SELECT dvecdb_index_check(%L)', name), name || ' is sound')
FROM unnest(ARRAY['large_index', 'large_plain', 'large_half']) name;
SELECT is((SELECT id FROM large ORDER BY v <-> array_fill(33.2::float4, ARRAY[16000])::vector LIMIT 1),
          33, '16,000 dimensions are searched');
SELECT is((SELECT id FROM large ORDER BY v <+> array_fill(33.2::float4, ARRAY[16000])::vector LIMIT 1),
          33, 'as they are, too');

-- Memory and threads

SET LOCAL maintenance_work_mem = '1MB';
SET LOCAL max_parallel_maintenance_workers = 0;
CREATE TABLE many AS SELECT id, single FROM rows WHERE single IS NOT NULL;
INSERT INTO many SELECT id + 10000, single + array_fill(0.01::float4, ARRAY[24])::vector
FROM many, generate_series(1, 4);
CREATE INDEX beyond ON many USING hnsw (single vector_l2_ops);
SELECT lives_ok($$SELECT dvecdb_index_check('beyond')$$, 'an index beyond maintenance_work_mem is sound');
SELECT is((SELECT rows FROM dvecdb_index_info('beyond')), (SELECT count(*) FROM many),
          'and holds every row');
SELECT cmp_ok(dvecdb_index_recall('beyond', 10, 50, 100), '>=', 0.9::float8, 'and finds them');
DROP INDEX beyond;
RESET maintenance_work_mem;
SET LOCAL max_parallel_maintenance_workers = 4;
CREATE INDEX by_threads ON many USING hnsw (single vector_l2_ops);
SELECT lives_ok($$SELECT dvecdb_index_check('by_threads')$$, 'threads build a sound index');
SELECT is((SELECT rows FROM dvecdb_index_info('by_threads')), (SELECT count(*) FROM many),
          'with every row');
REINDEX INDEX by_threads;
SELECT lives_ok($$SELECT dvecdb_index_check('by_threads')$$, 'and rebuild it');

-- Refusals

CREATE TABLE unsized (v vector);
SELECT throws_ok('CREATE INDEX ON unsized USING hnsw (v vector_l2_ops)', '22023',
                 'column does not have dimensions');
INSERT INTO unsized VALUES ('[1,2,3]'), ('[1,2]');
SELECT throws_ok('CREATE INDEX ON unsized USING hnsw ((v::vector(3)) vector_l2_ops)', '22000',
                 'expected 3 dimensions, not 2');
SELECT throws_ok('CREATE UNIQUE INDEX ON rows USING hnsw (single vector_l2_ops)', '0A000',
                 'access method "hnsw" does not support unique indexes');
SELECT throws_ok('CREATE INDEX ON rows USING hnsw (single vector_l2_ops, single vector_ip_ops)',
                 '0A000', 'access method "hnsw" does not support multicolumn indexes');

SELECT * FROM finish();
ROLLBACK;
