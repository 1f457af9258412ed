-- Rows that come into an index after it was made: what is found by it is what a scan finds.
BEGIN;
SELECT plan(50);
SET hnsw.ef_search = 200;
SELECT setseed(0.25);

-- The ids of the 10 nearest by the index against those by a scan: how many are the same.
CREATE FUNCTION ids_by(query text, by_index boolean) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    PERFORM set_config('enable_seqscan', (NOT by_index)::text, true),
            set_config('enable_indexscan', by_index::text, true);
    EXECUTE format('SELECT array_agg(id) FROM (%s) AS nearest', query) INTO ids;
    PERFORM set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true);
    RETURN ids;
END $$;
CREATE FUNCTION found(query text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM unnest(ids_by(query, true)) AS id
    WHERE id = ANY (ids_by(query, false))
$$;
CREATE FUNCTION random_vector(dims int, seed int) RETURNS vector LANGUAGE sql AS $$
    SELECT array_agg(random() - 0.5)::vector FROM generate_series(1, dims) WHERE seed IS NOT NULL
$$;

-- Each operator class, from an empty index on

CREATE TABLE dense (id bigint, v vector(24));
INSERT INTO dense SELECT i, random_vector(24, i) FROM generate_series(1, 600) AS i;
CREATE TABLE of_type (id bigint, v vector(24), h halfvec(24), s sparsevec(24), b bit(24));
CREATE INDEX ON of_type USING hnsw (v vector_l2_ops);
CREATE INDEX ON of_type USING hnsw (v vector_ip_ops);
CREATE INDEX ON of_type USING hnsw (v vector_cosine_ops);
CREATE INDEX ON of_type USING hnsw (v vector_l1_ops);
CREATE INDEX ON of_type USING hnsw (h halfvec_l2_ops);
CREATE INDEX ON of_type USING hnsw (h halfvec_ip_ops);
CREATE INDEX ON of_type USING hnsw (h halfvec_cosine_ops);
CREATE INDEX ON of_type USING hnsw (h halfvec_l1_ops);
CREATE INDEX ON of_type USING hnsw (s sparsevec_l2_ops);
CREATE INDEX ON of_type USING hnsw (s sparsevec_ip_ops);
CREATE INDEX ON of_type USING hnsw (s sparsevec_cosine_ops);
CREATE INDEX ON of_type USING hnsw (s sparsevec_l1_ops);
CREATE INDEX ON of_type USING hnsw (b bit_hamming_ops);
CREATE INDEX ON of_type USING hnsw (b bit_jaccard_ops);
INSERT INTO of_type SELECT id, v, v::halfvec, v::sparsevec, binary_quantize(v) FROM dense;

SELECT cmp_ok(found(format('SELECT id FROM of_type ORDER BY %s %s (SELECT %1$s FROM of_type
                            WHERE id = 17) LIMIT 10', type, operator)), '>=', 9::bigint,
              format('%s %s', type, operator))
FROM unnest(ARRAY['v', 'h', 's']) AS type, unnest(ARRAY['<->', '<#>', '<=>', '<+>']) AS operator;
-- Bit strings are often equally far: the distances must be the same.
SELECT is((SELECT array_agg(d) FROM (SELECT b <~> (SELECT b FROM of_type WHERE id = 17) AS d
               FROM unnest(ids_by('SELECT id FROM of_type ORDER BY b <~> (SELECT b FROM of_type
                                   WHERE id = 17) LIMIT 10', true)) AS id
               JOIN of_type USING (id) ORDER BY 1) AS by_index),
          (SELECT array_agg(d) FROM (SELECT b <~> (SELECT b FROM of_type WHERE id = 17) AS d
               FROM of_type ORDER BY 1 LIMIT 10) AS by_scan), 'b <~>');
SELECT is((SELECT array_agg(d) FROM (SELECT b <%> (SELECT b FROM of_type WHERE id = 17) AS d
               FROM unnest(ids_by('SELECT id FROM of_type ORDER BY b <%> (SELECT b FROM of_type
                                   WHERE id = 17) LIMIT 10', true)) AS id
               JOIN of_type USING (id) ORDER BY 1) AS by_index),
          (SELECT array_agg(d) FROM (SELECT b <%> (SELECT b FROM of_type WHERE id = 17) AS d
               FROM of_type ORDER BY 1 LIMIT 10) AS by_scan), 'b <%>');
SELECT lives_ok(format('SELECT dvecdb_index_check(%L, true)', index::regclass),
                'sound: ' || index::regclass)
FROM (SELECT indexrelid AS index FROM pg_index WHERE indrelid = 'of_type'::regclass) AS its;

-- What is not indexed

CREATE TABLE odd (id bigint, v vector(3));
CREATE INDEX odd_cosine ON odd USING hnsw (v vector_cosine_ops);
CREATE INDEX odd_l2 ON odd USING hnsw (v vector_l2_ops);
INSERT INTO odd VALUES (1, '[1,0,0]'), (2, NULL), (3, '[0,0,0]'), (4, '[1e-30,0,0]'), (5, '[0,1,0]');
SELECT bag_eq($$SELECT unnest(ids_by('SELECT id FROM odd ORDER BY v <=> ''[1,0.1,0]''', true))$$,
    '{1,4,5}'::bigint[],
    'neither NULL nor zero vectors have a direction');
SELECT bag_eq($$SELECT unnest(ids_by('SELECT id FROM odd ORDER BY v <-> ''[1,0.1,0]''', true))$$,
    '{1,3,4,5}'::bigint[], 'zero vectors have a place');
SELECT throws_ok($$INSERT INTO odd VALUES (9, '[1,2]')$$, '22000', 'expected 3 dimensions, not 2');

-- Equal rows

CREATE TABLE equal (id bigint, v vector(24));
CREATE INDEX equal_v ON equal USING hnsw (v vector_l2_ops);
INSERT INTO equal SELECT id, v FROM dense WHERE id <= 100;
INSERT INTO equal SELECT 1000 + i, v FROM dense, generate_series(1, 10000) AS i WHERE id = 50;
SELECT results_eq($$SELECT nodes, rows FROM dvecdb_index_info('equal_v')$$,
    $$VALUES (100::bigint, 10100::bigint)$$, '10,001 equal rows have one node');
SELECT lives_ok($$SELECT dvecdb_index_check('equal_v', true)$$, 'which has each of them once');
SET LOCAL hnsw.iterative_scan = strict_order;
SELECT is(cardinality(ids_by('SELECT id FROM (SELECT id, v FROM equal ORDER BY v <->
    (SELECT v FROM dense WHERE id = 50) LIMIT 10001) AS nearest
    WHERE v = (SELECT v FROM dense WHERE id = 50)', true)), 10001, 'and all are found');
RESET hnsw.iterative_scan;
SELECT cmp_ok(found('SELECT id FROM equal ORDER BY v <-> (SELECT v FROM dense WHERE id = 7) LIMIT 10'),
    '>=', 9::bigint, 'with the others around them');

CREATE TABLE nearly (id bigint, v vector(24));
CREATE INDEX nearly_v ON nearly USING hnsw (v vector_l2_ops) WITH (rerank_source = index);
INSERT INTO nearly SELECT i, v || format('[%s]', 1 + i * 1e-6)::vector
FROM generate_series(1, 50) AS i, (SELECT subvector(v, 1, 23) AS v FROM dense WHERE id = 3) AS one;
INSERT INTO nearly SELECT id + 100, v FROM nearly;
SELECT results_eq($$SELECT nodes, rows FROM dvecdb_index_info('nearly_v')$$,
    $$SELECT count(DISTINCT v), count(*) FROM nearly$$,
    'where the index has the vectors, only equal ones share a node');
SELECT is(ids_by('SELECT id FROM nearly ORDER BY v <-> (SELECT v FROM nearly WHERE id = 30) LIMIT 2', true)
    @> '{30,130}', true, 'and exactly they are the nearest');

-- Rows that change

CREATE TABLE changing (id bigint PRIMARY KEY, v vector(24), note text);
CREATE INDEX changing_v ON changing USING hnsw (v vector_l2_ops);
INSERT INTO changing SELECT id, v FROM dense;
UPDATE changing SET note = 'the vector is the same, and no index has the note';
SELECT results_eq($$SELECT nodes FROM dvecdb_index_info('changing_v')$$, $$VALUES (600::bigint)$$,
    'updates that leave the vector take no node');
SELECT cmp_ok(found('SELECT id FROM changing ORDER BY v <-> (SELECT v FROM dense WHERE id = 9) LIMIT 10'),
    '>=', 9::bigint, 'each row is found once');
UPDATE changing SET v = (SELECT v FROM dense WHERE dense.id = 601 - changing.id);
SELECT is(ids_by('SELECT id FROM changing ORDER BY v <-> (SELECT v FROM dense WHERE id = 9) LIMIT 1', true),
    '{592}'::bigint[], 'rows are found where they are now');
DELETE FROM changing WHERE id = 592;
SELECT is(ids_by('SELECT id FROM changing ORDER BY v <-> (SELECT v FROM dense WHERE id = 9) LIMIT 1', true)
    = '{592}'::bigint[], false, 'rows that are gone are not');
SAVEPOINT before;
INSERT INTO changing VALUES (592, (SELECT v FROM dense WHERE id = 9));
ROLLBACK TO before;
SELECT is(ids_by('SELECT id FROM changing ORDER BY v <-> (SELECT v FROM dense WHERE id = 9) LIMIT 1', true)
    = '{592}'::bigint[], false, 'nor are rows that were taken back');

-- Other ways in

PREPARE put AS INSERT INTO changing VALUES ($1, $2);
EXECUTE put(2001, '[9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9]');
EXECUTE put(2002, '[9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,8]');
COPY changing (id, v) FROM stdin;
2003	[9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,7]
2004	[9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,6]
\.
SELECT is(ids_by('SELECT id FROM changing ORDER BY v <-> ''[9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9]'' LIMIT 4', true),
    '{2001,2002,2003,2004}'::bigint[], 'prepared and copied');
SELECT lives_ok($$SELECT dvecdb_index_check('changing_v', true)$$, 'sound after all');

CREATE TABLE partly (id bigint, v vector(24));
CREATE INDEX partly_v ON partly USING hnsw ((l2_normalize(v)::vector(24)) vector_l2_ops) WHERE id % 2 = 0;
INSERT INTO partly SELECT id, v FROM dense;
SELECT results_eq($$SELECT rows FROM dvecdb_index_info('partly_v')$$, $$VALUES (300::bigint)$$,
    'a partial index of an expression');

CREATE TEMPORARY TABLE passing (id bigint, v vector(24));
CREATE INDEX ON passing USING hnsw (v vector_l2_ops);
INSERT INTO passing SELECT id, v FROM dense;
SELECT cmp_ok(found('SELECT id FROM passing ORDER BY v <-> (SELECT v FROM dense WHERE id = 9) LIMIT 10'),
    '>=', 9::bigint, 'a temporary table');

-- Large vectors

CREATE TABLE large (id bigint, v vector(16000));
CREATE INDEX large_v ON large USING hnsw (v vector_l2_ops);
CREATE INDEX large_plain ON large USING hnsw (v vector_l2_ops) WITH (quantizer = none, m = 4);
INSERT INTO large SELECT i, random_vector(16000, i) FROM generate_series(1, 30) AS i;
SELECT lives_ok($$SELECT dvecdb_index_check('large_v', true)$$, '16,000 dimensions, by codes');
SELECT lives_ok($$SELECT dvecdb_index_check('large_plain', true)$$, '16,000 dimensions as they are');
SELECT is(ids_by('SELECT id FROM large ORDER BY v <-> (SELECT v FROM large WHERE id = 20) LIMIT 1', true),
    '{20}'::bigint[], 'found again');
DROP INDEX large_v;
SELECT is(ids_by('SELECT id FROM large ORDER BY v <-> (SELECT v FROM large WHERE id = 20) LIMIT 5', true),
    ids_by('SELECT id FROM large ORDER BY v <-> (SELECT v FROM large WHERE id = 20) LIMIT 5', false),
    'as they are: exactly');

SELECT * FROM finish();
ROLLBACK;
