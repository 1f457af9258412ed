-- What a search gives: the right rows, in the right order, as many as there are.
\set QUIET 1
SELECT plan(24);
SET enable_seqscan = off;
SET client_min_messages = warning;

CREATE TABLE items (id integer PRIMARY KEY, kind integer, v vector(24));
SELECT setseed(0.5) \g /dev/null
INSERT INTO items
SELECT i, i % 100, ARRAY(SELECT random() FROM generate_series(1, 24) WHERE i > 0)::vector
FROM generate_series(1, 4000) i;
CREATE INDEX by_l2 ON items USING hnsw (v vector_l2_ops);
ANALYZE items;

CREATE FUNCTION nearest(query vector, count integer, condition text DEFAULT 'true') RETURNS integer[]
LANGUAGE plpgsql AS $$
DECLARE ids integer[];
BEGIN
    EXECUTE format('SELECT array_agg(id ORDER BY n) FROM (SELECT id, row_number() OVER () n FROM '
        '(SELECT id FROM items WHERE %s ORDER BY v <-> $1 LIMIT %s) s) t', condition, count)
    INTO ids USING query;
    RETURN ids;
END $$;
CREATE FUNCTION exact(query vector, count integer, condition text DEFAULT 'true') RETURNS integer[]
LANGUAGE plpgsql AS $$
DECLARE ids integer[];
BEGIN
    EXECUTE format('SELECT array_agg(id ORDER BY d, id) FROM (SELECT id, v <-> $1 d FROM items '
        'WHERE %s ORDER BY (v <-> $1) + 0 LIMIT %s) s', condition, count) INTO ids USING query;
    RETURN ids;
END $$;
CREATE FUNCTION query(seed integer) RETURNS vector LANGUAGE sql AS
    'SELECT ARRAY(SELECT 0.5 + 0.4 * cos(seed * j * 1.3) FROM generate_series(1, 24) j)::vector';
CREATE FUNCTION shared(a integer[], b integer[]) RETURNS bigint LANGUAGE sql AS
    'SELECT count(*) FROM unnest(a) x WHERE x = ANY (b)';

SELECT is(nearest(query(1), 1), exact(query(1), 1), 'the nearest');
SET hnsw.ef_search = 200;
SELECT cmp_ok((SELECT sum(shared(nearest(query(q), 10), exact(query(q), 10))) FROM generate_series(1, 50) q),
    '>=', 490::numeric, 'recall of ten at ef_search 200 is at least .98');
SELECT is((SELECT count(*) FROM (
        SELECT d < lag(d) OVER (PARTITION BY q ORDER BY n) AS is_back
        FROM generate_series(1, 50) q, LATERAL (SELECT i.v <-> query(q) d, n
            FROM unnest(nearest(query(q), 30)) WITH ORDINALITY u(id, n) JOIN items i USING (id)) s) t
    WHERE is_back), 0::bigint, 'rows come in the order of their distances');
SELECT is((SELECT count(*) - count(DISTINCT id) FROM unnest(nearest(query(3), 200)) id), 0::bigint,
    'no row twice');
RESET hnsw.ef_search;

-- A limit beyond ef_search, and filters
SELECT cmp_ok(cardinality(nearest(query(4), 1000)), '<', 1000, 'no more than about ef_search rows');
SET hnsw.iterative_scan = relaxed_order;
SELECT is(cardinality(nearest(query(4), 1000)), 1000, 'relaxed_order goes on');
SELECT is(cardinality(nearest(query(4), 10, 'kind + 0 = 7')), 10, 'until a filter is satisfied');
SELECT cmp_ok(shared(nearest(query(4), 10, 'kind + 0 = 7'), exact(query(4), 10, 'kind + 0 = 7')), '>=', 8::bigint,
    'with those that are nearest');
SELECT is((SELECT count(DISTINCT id) FROM unnest(nearest(query(4), 4000)) id), 4000::bigint,
    'to the last row, each once');
SET hnsw.ef_search = 10;
SELECT is((SELECT count(*) - count(DISTINCT id) FROM unnest(nearest(query(4), 2000)) id), 0::bigint,
    'none twice where few are expanded at a time and more are looked at');
SELECT is(cardinality(nearest(query(4), 2000)), 2000, 'and none is missing');
RESET hnsw.ef_search;
SET hnsw.iterative_scan = strict_order;
SELECT is((SELECT count(*) FROM (
        SELECT i.v <-> query(5) < lag(i.v <-> query(5)) OVER (ORDER BY n) AS is_back
        FROM unnest(nearest(query(5), 500)) WITH ORDINALITY u(id, n) JOIN items i USING (id)) t
    WHERE is_back), 0::bigint, 'strict_order keeps the order');
SELECT cmp_ok(cardinality(nearest(query(5), 500)), '>', 100, 'and leaves out no more than it must');
SET hnsw.max_scan_tuples = 100;
SET hnsw.iterative_scan = relaxed_order;
SELECT cmp_ok(cardinality(nearest(query(4), 4000)), '>', 100, 'beyond max_scan_tuples what was seen is given');
RESET hnsw.max_scan_tuples;
RESET hnsw.iterative_scan;

-- Rows that are not seen
SELECT exact(query(6), 300) AS near_ids \gset
DELETE FROM items WHERE id = ANY (:'near_ids'::integer[]);
SELECT is(cardinality(nearest(query(6), 10)), 10, 'deleted rows do not hide others');
SELECT is(shared(nearest(query(6), 10), :'near_ids'::integer[]), 0::bigint, 'and are not given');
VACUUM items;
SET hnsw.ef_search = 200;
SELECT cmp_ok(shared(nearest(query(6), 10), exact(query(6), 10)), '>=', 9::bigint, 'nor after VACUUM');
RESET hnsw.ef_search;

-- Equal rows
INSERT INTO items SELECT 10000 + i, 0, query(7) FROM generate_series(1, 2000) i;
SELECT is((SELECT count(*) FROM unnest(nearest(query(7), 40)) id WHERE id > 10000), 40::bigint,
    'of equal rows as many as are asked for');
SET hnsw.iterative_scan = relaxed_order;
SELECT is((SELECT count(DISTINCT id) FROM unnest(nearest(query(7), 2000)) id WHERE id > 10000), 2000::bigint,
    'all of them');
SELECT is((SELECT count(*) FROM unnest(nearest(query(7), 2100)) id WHERE id <= 10000), 100::bigint,
    'and others after them');
RESET hnsw.iterative_scan;

-- Queries that are not vectors of the index
SELECT throws_ok('SELECT id FROM items ORDER BY v <-> ''[1,2]'' LIMIT 1', '22000',
    'different vector dimensions 24 and 2', 'a query of other dimensions');
SELECT lives_ok('SELECT id FROM items ORDER BY v <-> NULL::vector LIMIT 3', 'a query that is NULL');

-- Two scans of one index at once, and one that starts anew for each row
SELECT is((SELECT count(*) FROM generate_series(1, 20) q,
        LATERAL (SELECT id FROM items ORDER BY v <-> query(q) LIMIT 5) s), 100::bigint, 'rescans');
BEGIN;
DECLARE a CURSOR FOR SELECT id FROM items ORDER BY v <-> query(1);
DECLARE b CURSOR FOR SELECT id FROM items ORDER BY v <-> query(2);
FETCH 2 FROM a \g /dev/null
FETCH 3 FROM b \g /dev/null
CREATE TEMP TABLE fetched (id integer);
FETCH 1 FROM a \gset third_
COMMIT;
SELECT is(:third_id, (exact(query(1), 3))[3], 'each cursor goes its own way');

SELECT * FROM finish();
