-- The storage parameters of an hnsw index: ranges and messages as in pgvector 0.8, and our own.
BEGIN;
SELECT plan(23);

CREATE TABLE items (embedding vector(3), half halfvec(3), sparse sparsevec(3), bits bit(3));

CREATE FUNCTION make_index(options text, operator_class text DEFAULT 'embedding vector_l2_ops')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE INDEX made ON items USING hnsw (%s) WITH (%s)',
                   operator_class, options);
    DROP INDEX made;
END $$;

SELECT throws_ok($$SELECT make_index('m = 1')$$, '22023', 'value 1 out of bounds for option "m"');
SELECT throws_ok($$SELECT make_index('m = 101')$$, '22023',
    'value 101 out of bounds for option "m"');
SELECT lives_ok($$SELECT make_index('m = 2')$$, 'the least m');
SELECT lives_ok($$SELECT make_index('m = 100, ef_construction = 200')$$, 'the greatest m');
SELECT throws_ok($$SELECT make_index('ef_construction = 3')$$, '22023',
    'value 3 out of bounds for option "ef_construction"');
SELECT throws_ok($$SELECT make_index('ef_construction = 1001')$$, '22023',
    'value 1001 out of bounds for option "ef_construction"');
SELECT throws_ok($$SELECT make_index('m = 16, ef_construction = 31')$$, '22023',
    'ef_construction must be greater than or equal to 2 * m');
SELECT throws_ok($$SELECT make_index('m = 33')$$, '22023',
    'ef_construction must be greater than or equal to 2 * m', 'the default of 64 counts');
SELECT lives_ok($$SELECT make_index('m = 16, ef_construction = 32')$$, 'just enough');

SELECT lives_ok(format('SELECT make_index(%L)', 'quantizer = ' || quantizer), quantizer)
FROM unnest(ARRAY['auto', 'none', 'half', 'sq8', 'rabitq']) AS quantizer;
SELECT throws_ok($$SELECT make_index('quantizer = pq')$$, '22023',
    'invalid value for enum option "quantizer": pq');
SELECT lives_ok($$SELECT make_index('quantizer = rabitq, quantizer_bits = 4')$$, 'four bits');
SELECT throws_ok($$SELECT make_index('quantizer = rabitq, quantizer_bits = 9')$$, '22023',
    'value 9 out of bounds for option "quantizer_bits"');
SELECT throws_ok($$SELECT make_index('quantizer = sq8, quantizer_bits = 8')$$, '22023',
    'quantizer_bits needs quantizer = rabitq');
SELECT lives_ok($$SELECT make_index('layout = compact, rerank_source = index')$$,
    'a compact index with its own vectors');
SELECT throws_ok($$SELECT make_index('layout = wide')$$, '22023',
    'invalid value for enum option "layout": wide');
SELECT throws_ok($$SELECT make_index('rerank_source = toast')$$, '22023',
    'invalid value for enum option "rerank_source": toast');
SELECT throws_ok($$SELECT make_index('lists = 100')$$, '22023', 'unrecognized parameter "lists"');

CREATE INDEX kept ON items USING hnsw (embedding vector_l2_ops) WITH (m = 20);
SELECT throws_ok('ALTER INDEX kept SET (ef_construction = 39)', '22023',
    'ef_construction must be greater than or equal to 2 * m', 'what is altered is checked, too');

SELECT * FROM finish();
ROLLBACK;
