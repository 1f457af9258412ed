-- Which plan is chosen: by LIMIT, by how selective a filter is, by what a scan may go on to.
BEGIN;
SELECT plan(33);

CREATE TABLE items (id int PRIMARY KEY, category int, kind int, embedding vector(64));
SELECT setseed(0.5);
INSERT INTO items
SELECT i, i % 1000, i % 2, ARRAY(SELECT random() FROM generate_series(1, 64) WHERE i > 0)::vector
FROM generate_series(1, 20000) AS i;
CREATE INDEX by_distance ON items USING hnsw (embedding vector_l2_ops);
CREATE INDEX by_category ON items (category);
CREATE TABLE categories AS SELECT i AS category, 'name ' || i AS name
FROM generate_series(0, 999) AS i;
ALTER TABLE categories ADD PRIMARY KEY (category);
ANALYZE items, categories;
SET LOCAL jit = off;

-- The indexes that a query's plan scans, in order of their names.
CREATE FUNCTION indexes_of(query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN ARRAY(SELECT DISTINCT jsonb_path_query(plan, 'strict $.**."Index Name"') #>> '{}'
                 ORDER BY 1);
END $$;

-- A search near the middle, with further clauses.
CREATE FUNCTION search(clauses text DEFAULT '', rows text DEFAULT 'LIMIT 10') RETURNS text
RETURN format('SELECT id FROM items %s ORDER BY embedding <-> %L %s', clauses,
              array_fill(0.5, ARRAY[64])::vector, rows);

SELECT is(indexes_of(search()), '{by_distance}', 'a search');
SELECT is(indexes_of(search('', 'LIMIT 1')), '{by_distance}', 'the nearest row');
SELECT is(indexes_of(search('', 'LIMIT 100')), '{by_distance}', 'a LIMIT above ef_search');
SELECT is(indexes_of(search('', '')), '{}', 'all rows in order are sorted');
SELECT is(indexes_of('SELECT id FROM items'), '{}', 'no order, no index');
SELECT is(indexes_of(replace(search(), 'LIMIT', 'DESC LIMIT')), '{}', 'the farthest rows');
SELECT is(indexes_of(replace(search(), '<->', '<=>')), '{}', 'another distance');

-- Filters, when a scan stops after its ef_search candidates.
SELECT is(indexes_of(search('WHERE category = 7')), '{by_category}', 'one row of a thousand');
SELECT is(indexes_of(search('WHERE kind = 1')), '{by_distance}',
    'half of the rows: 20 of 40 candidates are expected to match');
SELECT is(indexes_of(search('WHERE kind = 1', 'LIMIT 30')), '{}',
    'half of the rows: 20 of 40 candidates are fewer than 30');
SELECT is(indexes_of(search('WHERE category < 100')), '{by_category}',
    'a tenth of the rows: 4 of 40 candidates are fewer than 10');
SET LOCAL hnsw.ef_search = 200;
SELECT is(indexes_of(search('WHERE category < 100')), '{by_distance}',
    'a tenth of the rows: 20 of 200 candidates are enough');
SELECT is(indexes_of(search('WHERE category = 7')), '{by_category}', 'one row of a thousand again');
RESET hnsw.ef_search;

-- A filter on the distance itself leaves out the last rows alone.
CREATE FUNCTION within(distance float, clauses text DEFAULT '') RETURNS text
RETURN search(format('WHERE embedding <-> %L < %s %s', array_fill(0.5, ARRAY[64])::vector,
                     distance, clauses), 'LIMIT 30');
SELECT is(indexes_of(within(2)), '{by_distance}', 'the nearest within a distance');
SELECT is(indexes_of(within(2, 'AND category < 300')), '{by_category}',
    'the nearest within a distance that match: 12 of 40 candidates are fewer than 30');
SELECT is(indexes_of(replace(within(2), 'LIMIT 30', '')), '{}', 'all within a distance');

-- Filters, when a scan goes on.
SET LOCAL hnsw.iterative_scan = strict_order;
SELECT is(indexes_of(search('WHERE category < 100')), '{by_distance}',
    'a tenth of the rows, by a scan that goes on');
SELECT is(indexes_of(search('WHERE category = 7')), '{by_category}',
    'one row of a thousand is still found by its own index');
SELECT is(indexes_of(search('WHERE kind = 1', 'LIMIT 30')), '{by_distance}',
    'half of the rows, by a scan that goes on');
SET LOCAL hnsw.max_scan_tuples = 50;
SELECT is(indexes_of(search('WHERE category < 100')), '{by_category}',
    'not beyond max_scan_tuples');
RESET hnsw.max_scan_tuples;

-- Joins.
SELECT is(
    indexes_of(search('JOIN categories USING (category)')),
    '{by_distance,categories_pkey}', 'a join that keeps all rows');
SELECT is(
    indexes_of(search('JOIN categories USING (category) WHERE name = ''name 7''')),
    '{by_category}', 'a join that keeps few rows');
SELECT is(
    indexes_of('SELECT n.id FROM generate_series(1, 3) AS q(id) JOIN items i USING (id),
                LATERAL (SELECT id FROM items ORDER BY embedding <-> i.embedding LIMIT 5) AS n'),
    '{by_distance,items_pkey}', 'a search for each of several rows');
RESET hnsw.iterative_scan;

-- What the user forbids is not done.
SET LOCAL enable_seqscan = off;
SELECT is(indexes_of(search('', '')), '{by_distance}', 'all rows, when a table scan is forbidden');
SET LOCAL enable_sort = off;
SET LOCAL enable_bitmapscan = off;
SELECT is(indexes_of(search('WHERE kind = 1', 'LIMIT 30')), '{by_distance}',
    'half of the rows, when a table scan is forbidden');
RESET enable_seqscan;
RESET enable_sort;
RESET enable_bitmapscan;

-- Partial indexes.
CREATE INDEX of_kind ON items USING hnsw (embedding vector_l2_ops) WHERE category < 100;
SELECT is(indexes_of(search('WHERE category < 100')), '{of_kind}',
    'a partial index whose condition is the filter');
SELECT is(indexes_of('SELECT id FROM items WHERE category < 100'), '{by_category}',
    'a partial index is nothing without order');

-- What hides in a scan's output: a distance that the query orders by, and nobody reads, is left out.
RESET ALL;
SET LOCAL jit = off;
CREATE FUNCTION outputs_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (VERBOSE, FORMAT JSON) ' || query INTO plan;
    RETURN jsonb_path_query(plan, 'strict $.** ? (@."Index Name" == "by_distance").Output');
END $$;
SELECT unalike(outputs_of(search()), '%<->%', 'a distance that only orders');
SELECT unalike(outputs_of(search('', 'LIMIT 3 OFFSET 2')), '%<->%', 'with an OFFSET');
SELECT alike(outputs_of(replace(search(), 'id', 'id, embedding <-> array_fill(0.5, ARRAY[64])::vector')),
    '%<->%', 'a distance that is selected');
SELECT alike(outputs_of(search('', 'FETCH FIRST 10 ROWS WITH TIES')), '%<->%',
    'a distance that tells ties');
SELECT alike(outputs_of(search('', 'LIMIT 10 FOR UPDATE')), '%<->%', 'rows that are locked');
SELECT results_eq(
    search('', 'LIMIT 20'),
    format('SELECT id FROM (SELECT id, embedding <-> %1$L FROM items
                            ORDER BY embedding <-> %1$L LIMIT 20) AS nearest',
           array_fill(0.5, ARRAY[64])::vector),
    'the same rows in the same order, with and without');

SELECT * FROM finish();
ROLLBACK;
