-- EXPLAIN (ANALYZE) tells what index scans did.
BEGIN;
SELECT plan(20);

CREATE TABLE items (id int PRIMARY KEY, embedding vector(24));
SELECT setseed(0.5);
INSERT INTO items
SELECT i, ARRAY(SELECT random() FROM generate_series(1, 24) WHERE i > 0)::vector
FROM generate_series(1, 5000) AS i;
CREATE INDEX by_distance ON items USING hnsw (embedding vector_l2_ops);
ANALYZE items;

CREATE FUNCTION explained(query text, options text DEFAULT 'ANALYZE') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END $$;

-- A figure of all scans of a plan together.
CREATE FUNCTION total(query text, figure text) RETURNS bigint RETURN (
    SELECT sum(value::bigint)
    FROM jsonb_path_query(explained(query, 'ANALYZE, FORMAT JSON')::jsonb,
                          format('strict $.**.%I', figure)::jsonpath) AS value);

CREATE FUNCTION search(rows int DEFAULT 10) RETURNS text RETURN format(
    'SELECT id FROM items ORDER BY embedding <-> %L LIMIT %s',
    array_fill(0.5, ARRAY[24])::vector, rows);

PREPARE prepared(int) AS
SELECT id FROM items ORDER BY embedding <-> array_fill(0.5, ARRAY[24])::vector LIMIT 5;

SELECT alike(explained(search(), 'COSTS OFF'), '%Index Scan using by_distance on items%',
    'the plan is an index scan');
SELECT matches(explained(search()),
    'Vector Index Scan[^:]*: candidates=[1-9]\d* codes compared=[1-9]\d* reranked=\d+ '
    || 'index pages read=[1-9]\d*\n', 'text');
SELECT unalike(explained(search(), 'COSTS OFF'), '%Vector Index Scan%',
    'without ANALYZE there is nothing to tell');
SELECT unalike(explained('SELECT count(*) FROM items'), '%Vector Index Scan%',
    'a plan without a search has none');

SELECT cmp_ok(total(search(), 'Candidates'), '>=', 40::bigint, 'as many candidates as ef_search');
SELECT cmp_ok(total(search(), 'Codes Compared'), '>', total(search(), 'Candidates'),
    'more codes than candidates');
SELECT cmp_ok(total(search(), 'Reranked'), '<=', 40::bigint, 'no more are compared exactly than were met');
SELECT cmp_ok(total(search(), 'Index Pages Read'), '>', 0::bigint, 'pages');
SELECT cmp_ok(total(search(), 'Reranked'), '<=', total(search(40), 'Reranked'),
    'fewer rows, fewer exact comparisons');
SELECT matches(explained(search(), 'ANALYZE, FORMAT XML'),
    '<Codes-Compared>[1-9]\d*</Codes-Compared>', 'XML');
SELECT matches(explained(search(), 'ANALYZE, FORMAT YAML'), '\n *Codes Compared: [1-9]\d*\n',
    'YAML');

SELECT total(search(), 'Candidates') AS at_40
\gset
SET LOCAL hnsw.ef_search = 200;
SELECT cmp_ok(total(search(), 'Candidates'), '>', :at_40::bigint,
    'a larger ef_search, more candidates');
RESET hnsw.ef_search;

SELECT cmp_ok(
    total('SELECT n.id FROM items i, LATERAL (SELECT id FROM items
           ORDER BY embedding <-> i.embedding LIMIT 5) AS n WHERE i.id <= 10', 'Candidates'),
    '>=', 400::bigint, 'ten searches of one plan node add up');
SELECT is(
    (SELECT count(*) FROM regexp_matches(
        explained(format('(%s) UNION ALL (%s)', search(), search(5))), 'Vector Index Scan', 'g')),
    2::bigint, 'two plan nodes are told apart');

-- What a function runs is not of the plan, and what it explains is its own.
CREATE FUNCTION inner_search() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (%s) AS rows', search()) INTO found;
    RETURN found;
END $$;
SELECT unalike(explained('SELECT inner_search()'), '%Vector Index Scan%',
    'a search within a function');
CREATE FUNCTION inner_explain() RETURNS text LANGUAGE sql VOLATILE
AS $$ SELECT explained(search()) $$;
SELECT unalike(explained('SELECT inner_explain()'), '%Vector Index Scan%',
    'an EXPLAIN within a function');
SELECT alike(inner_explain(), '%Vector Index Scan%', 'what that one tells itself');

SELECT throws_ok(
    format('EXPLAIN (ANALYZE) %s', replace(search(), 'SELECT id', 'SELECT id / 0')), '22012');
SELECT alike(explained(search()), '%Vector Index Scan%', 'after an EXPLAIN that failed');
SELECT alike(explained('CREATE TABLE nearest AS ' || search()), '%Vector Index Scan%',
    'CREATE TABLE AS');

SELECT * FROM finish();
ROLLBACK;
