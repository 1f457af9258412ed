-- What users rely on of the types: columns, defaults, errors with their SQLSTATE, aggregates in
-- plans of several processes, set operations, arrays and composites.
BEGIN;
SELECT plan(58);

CREATE TABLE item (id int, v vector(3), h halfvec(3), s sparsevec(3), b bit(3));

-- columns and their modifiers
SELECT col_type_is('item', 'v', 'vector(3)', 'a column shows its dimensions');
SELECT col_type_is('item', 'h', 'halfvec(3)', 'of halfvec too');
SELECT col_type_is('item', 's', 'sparsevec(3)', 'of sparsevec too');
SELECT throws_ok($$INSERT INTO item (v) VALUES ('[1,2]')$$, '22000', 'expected 3 dimensions, not 2', 'an insert must fit');
SELECT throws_ok($$INSERT INTO item (h) VALUES ('[1,2]')$$, '22000', 'expected 3 dimensions, not 2', 'halfvec too');
SELECT throws_ok($$INSERT INTO item (s) VALUES ('{}/2')$$, '22000', 'expected 3 dimensions, not 2', 'sparsevec too');
SELECT throws_ok($$INSERT INTO item (v) VALUES (ARRAY[1,2])$$, '22000', 'expected 3 dimensions, not 2', 'an array too');
SELECT throws_ok($$ALTER TABLE item ADD x vector(16001)$$, '22023', 'dimensions for type vector cannot exceed 16000', 'too many dimensions');
SELECT throws_ok($$ALTER TABLE item ADD x halfvec(0)$$, '22023', 'dimensions for type halfvec must be at least 1', 'too few');
SELECT throws_ok($$ALTER TABLE item ADD x sparsevec(1000000001)$$, '22023', 'dimensions for type sparsevec cannot exceed 1000000000', 'of sparsevec');
SELECT throws_ok($$ALTER TABLE item ADD x vector(1,2)$$, '22023', 'invalid type modifier', 'one modifier only');
SELECT lives_ok($$ALTER TABLE item ADD d vector(2) DEFAULT '[0,1]'$$, 'a default');

-- SQLSTATEs
SELECT throws_ok($$SELECT 'x'::vector$$, '22P02', 'invalid input syntax for type vector: "x"', 'no vector');
SELECT throws_ok($$SELECT '[1e39]'::vector$$, '22003', '"1e39" is out of range for type vector', 'too large');
SELECT throws_ok($$SELECT '[nan]'::vector$$, '22000', 'NaN not allowed in vector', 'NaN');
SELECT throws_ok($$SELECT '[-infinity]'::halfvec$$, '22000', 'infinite value not allowed in halfvec', 'infinity');
SELECT throws_ok($$SELECT '[70000]'::halfvec$$, '22003', '"70000" is out of range for type halfvec', 'too large for a half');
SELECT throws_ok($$SELECT '[70000]'::vector::halfvec$$, '22003', '"70000" is out of range for type halfvec', 'by a cast');
SELECT throws_ok($$SELECT ('[1' || repeat(',1', 16000) || ']')::vector$$, '54000', 'vector cannot have more than 16000 dimensions', 'overlong text');
SELECT throws_ok($$SELECT ('[' || repeat('[', 1000000))::vector$$, '22P02', NULL, 'much text that is none');
SELECT throws_ok($$SELECT ('[' || repeat('1', 1000000) || ']')::vector$$, '22003', NULL, 'a number without end');
SELECT throws_ok($$SELECT ('{1:1' || repeat(',1:1', 16000) || '}/2')::sparsevec$$, '54000', 'sparsevec cannot have more than 16000 non-zero elements', 'too many elements');
SELECT throws_ok($$SELECT '{1:1,1:2}/2'::sparsevec$$, '22000', 'sparsevec indices must not contain duplicates', 'an index twice');
SELECT throws_ok($$SELECT (array_fill(0, ARRAY[16000]) || array_fill(1, ARRAY[16001]))::sparsevec$$, '54000', 'sparsevec cannot have more than 16000 non-zero elements', 'of an array');
SELECT throws_ok($$SELECT '[1,2]'::vector + '[1]'$$, '22000', 'different vector dimensions 2 and 1', 'a sum of unequals');
SELECT throws_ok($$SELECT '[1,2]'::halfvec <-> '[1]'$$, '22000', 'different halfvec dimensions 2 and 1', 'a distance of unequals');
SELECT throws_ok($$SELECT '{}/2'::sparsevec <=> '{}/1'$$, '22000', 'different sparsevec dimensions 2 and 1', 'of sparse ones');
SELECT throws_ok($$SELECT B'10' <~> B'1'$$, '22000', 'different bit lengths 2 and 1', 'of bits');
SELECT throws_ok($$SELECT '[3e38]'::vector + '[3e38]'$$, '22003', 'value out of range: overflow', 'overflow');
SELECT throws_ok($$SELECT '[1e-38]'::vector * '[1e-38]'$$, '22003', 'value out of range: underflow', 'underflow');
SELECT throws_ok($$SELECT ARRAY[1, NULL]::vector$$, '22004', 'array must not contain nulls', 'a null in an array');
SELECT throws_ok($$SELECT ARRAY[[1]]::vector$$, '22000', 'array must be 1-D', 'an array of arrays');
SELECT throws_ok($$SELECT '{1e39}'::numeric[]::vector$$, '22003', NULL, 'a numeric too large');
SELECT throws_ok($$SELECT subvector('[1,2]'::vector, 2147483647, 2147483647)$$, '22000', 'vector must have at least 1 dimension', 'a part that would wrap around');
SELECT throws_ok($$SELECT vector_accum('{1}', '[1]'), vector_accum('{1,NULL}', '[1]')$$, 'XX000', 'vector_accum: expected state array', 'no state of avg');

-- null
SELECT is('[1]'::vector <-> NULL, NULL, 'a distance to nothing');
SELECT is(avg(x), NULL, 'the average of nothing') FROM (SELECT NULL::vector) y(x);
SELECT is(l2_distance('[0,0]'::vector, '[0,0]'), 0::float8, 'no distance');
SELECT is(cosine_distance('[1,0]'::vector, '[0,0]'), 'NaN'::float8, 'a zero vector has no direction');

-- aggregates over many rows, by several processes
CREATE TABLE many AS SELECT i, ARRAY[i, -i, i % 3]::vector AS v, ARRAY[i % 100, 1, 0]::halfvec AS h FROM generate_series(1, 20000) i;
ANALYZE many;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT is(sum(v)::text, '[2.001e+06,-2.001e+06,2001]', 'a sum') FROM many WHERE i <= 2000;
SELECT is(avg(v)::text, '[10000.5,-10000.5,1.00005]', 'an average') FROM many;
SELECT is(avg(h)::text, '[49.5,1,0]', 'of halves') FROM many;
SELECT is((SELECT avg(v) FROM many WHERE i < 0), NULL, 'of no rows');
SELECT is((SELECT avg(h)::text FROM many WHERE i = 7), '[7,1,0]', 'of one');
SELECT is((SELECT count(*) FROM (SELECT i % 7, avg(v), sum(v) FROM many GROUP BY 1) x), 7::bigint, 'by groups');
SELECT is((SELECT avg(v)::text FROM (SELECT v, avg(v) OVER (ORDER BY i ROWS 1 PRECEDING) AS m FROM many WHERE i < 3) x), '[1.5,-1.5,1.5]', 'beside a window');
SELECT results_eq('SELECT i, (sum(v) OVER (ORDER BY i))::text FROM many WHERE i < 4', $$VALUES (1, '[1,-1,1]'), (2, '[3,-3,3]'), (3, '[6,-6,3]')$$, 'in a window');

-- order and equality in the machinery of queries
SELECT results_eq($$SELECT DISTINCT v FROM (VALUES ('[2]'::vector), ('[1,5]'), ('[2]'), ('[1]')) x(v) ORDER BY v$$, $$VALUES ('[1]'::vector), ('[1,5]'), ('[2]')$$, 'distinct ones in order');
SELECT is((SELECT count(*) FROM (SELECT '[1]'::halfvec UNION SELECT '[1]' UNION SELECT '[2]') x), 2::bigint, 'a union');
SELECT is((SELECT count(*) FROM many a JOIN many b ON a.v = b.v WHERE a.i <= 100), 100::bigint, 'a join by equality');
SELECT lives_ok('CREATE UNIQUE INDEX ON many (v)', 'a unique btree');
SELECT throws_ok($$INSERT INTO many VALUES (0, '[5,-5,2]')$$, '23505', NULL, 'which holds');
SELECT lives_ok($$INSERT INTO many VALUES (0, '[5,-5,2]') ON CONFLICT DO NOTHING$$, 'or is asked');
SELECT is(GREATEST('[1,2]'::vector, '[1,3]', '[1]')::text, '[1,3]', 'greatest');

-- arrays and composites
SELECT is((ARRAY['[1,2]', '[3]']::vector[])[2]::text, '[3]', 'an array of vectors');
SELECT is((SELECT array_agg(v ORDER BY i)::text FROM many WHERE i < 3 AND i > 0), '{"[1,-1,1]","[2,-2,2]"}', 'gathered');
SELECT is((SELECT (json_build_object('v', v) ->> 'v') FROM many WHERE i = 2), '[2,-2,2]', 'in json');
SELECT is((SELECT ROW(v, h)::text FROM many WHERE i = 2), '("[2,-2,2]","[2,1,0]")', 'in a row');

SELECT * FROM finish();
ROLLBACK;
