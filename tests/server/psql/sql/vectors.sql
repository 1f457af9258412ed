-- Vector types, operators and functions
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3), title text NOT NULL, tags text[], price numeric, created_at timestamptz DEFAULT now(), meta jsonb);
INSERT INTO items (embedding, title) VALUES ('[1,2,3]', 'a'), ('[4,5,6]', 'b'), ('[1,1,1]', 'c'), (NULL, 'd') RETURNING id;
INSERT INTO items (embedding, title) VALUES ('[1,2]', 'short');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO items (embedding, title) VALUES ('[1,2,x]', 'bad');
INSERT INTO items (embedding, title) VALUES ('[1,2,NaN]', 'bad');
INSERT INTO items (embedding, title) VALUES ('[]', 'bad');
SELECT id, embedding <-> '[1,2,3]' AS l2, embedding <#> '[1,2,3]' AS ip, embedding <=> '[1,2,3]' AS cosine, embedding <+> '[1,2,3]' AS l1 FROM items ORDER BY id;
SELECT id FROM items ORDER BY embedding <-> '[1,2,3]' LIMIT 5;
SELECT id FROM items ORDER BY embedding <#> '[1,2,3]' LIMIT 2;
SELECT id FROM items ORDER BY embedding <=> '[1,2,3]' LIMIT 2;
SELECT id FROM items ORDER BY embedding <+> '[1,2,3]' LIMIT 2;
SELECT embedding <-> '[1,2,3,4]' FROM items;
\echo :LAST_ERROR_SQLSTATE
SELECT '[1,2,3]'::vector <-> '[1,2,3,4]'::vector;
SELECT ARRAY[1,2,3]::vector, ARRAY[1.5,2]::vector(2), '[1,2,3]'::vector::real[], '[1,2,3]'::vector + '[1,1,1]', '[1,2,3]'::vector - '[1,1,1]', '[1,2,3]'::vector * '[2,2,2]', '[1,2]'::vector || '[3]'::vector;
SELECT vector_dims('[1,2,3]'::vector), vector_norm('[3,4]'), l2_normalize('[3,4]'::vector), subvector('[1,2,3,4]'::vector, 2, 2), binary_quantize('[1,-1,0]'::vector), l2_distance('[0,0]'::vector, '[3,4]'), cosine_distance('[1,0]'::vector, '[0,1]'), inner_product('[1,2]'::vector, '[3,4]'), l1_distance('[0,0]'::vector, '[3,4]');
SELECT avg(embedding), sum(embedding), count(embedding) FROM items;
SELECT '[1,2,3]'::vector = '[1,2,3]'::vector AS same, '[1,2,3]'::vector < '[1,2,4]'::vector AS smaller;
SELECT '[1,2,3]'::halfvec, '[1.5,2,3]'::halfvec <-> '[1,2,3]'::halfvec, '{1:1.5,3:2}/5'::sparsevec, '{1:1,3:2}/3'::sparsevec <-> '[0,0,0]'::vector::sparsevec;
SELECT B'1010' <~> B'0011' AS hamming, B'1010' <%> B'0011' AS jaccard;
SELECT '[1,2,3]'::vector(2);
CREATE TABLE no_dims (v vector);
INSERT INTO no_dims VALUES ('[1,2]'), ('[1,2,3]');
SELECT * FROM no_dims ORDER BY v;
CREATE INDEX ON no_dims USING hnsw (v vector_l2_ops);
DROP TABLE no_dims;
CREATE INDEX items_embedding_idx ON items USING hnsw (embedding vector_l2_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX ON items USING hnsw (embedding vector_l2_ops) WITH (m = 1);
CREATE INDEX ON items USING hnsw (embedding);
SELECT id FROM items ORDER BY embedding <-> '[1,2,3]' LIMIT 5;
SELECT id FROM items WHERE title <> 'a' ORDER BY embedding <-> '[1,2,3]' LIMIT 1;
SELECT id, title FROM items WHERE title = 'd' ORDER BY embedding <-> '[1,2,3]' LIMIT 5;
INSERT INTO items (embedding, title) VALUES ('[1,2,4]', 'fresh') RETURNING id;
SELECT id FROM items ORDER BY embedding <-> '[1,2,4]' LIMIT 1;
UPDATE items SET embedding = '[100,100,100]' WHERE title = 'fresh';
SELECT id FROM items ORDER BY embedding <-> '[1,2,4]' LIMIT 1;
SELECT id FROM items ORDER BY embedding <-> '[99,99,99]' LIMIT 1;
DELETE FROM items WHERE title = 'fresh';
SELECT id FROM items ORDER BY embedding <-> '[99,99,99]' LIMIT 1;
BEGIN;
INSERT INTO items (embedding, title) VALUES ('[7,7,7]', 'uncommitted');
SELECT title FROM items ORDER BY embedding <-> '[7,7,7]' LIMIT 1;
ROLLBACK;
SELECT title FROM items ORDER BY embedding <-> '[7,7,7]' LIMIT 1;
SET hnsw.ef_search = 100;
SHOW hnsw.ef_search;
SET hnsw.ef_search = 0;
SET hnsw.ef_search = 1001;
RESET hnsw.ef_search;
SHOW hnsw.ef_search;
SET hnsw.target_recall = 0.98;
SHOW hnsw.target_recall;
SELECT title FROM items ORDER BY embedding <-> '[7,7,7]' LIMIT 1;
EXPLAIN (COSTS OFF) SELECT id FROM items ORDER BY embedding <-> '[1,2,3]' LIMIT 5;
SET hnsw.target_recall = 1;
RESET hnsw.target_recall;
EXPLAIN (COSTS OFF) SELECT id FROM items ORDER BY embedding <-> '[1,2,3]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM items WHERE price > 1 ORDER BY embedding <-> '[1,2,3]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM items ORDER BY embedding <=> '[1,2,3]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT count(*) FROM items;
EXPLAIN (COSTS OFF) UPDATE items SET price = 2 WHERE id = 3;
EXPLAIN (COSTS OFF, FORMAT JSON) SELECT id FROM items AS i WHERE price > 1 ORDER BY embedding <-> '[1,2,3]' LIMIT 5;
COPY items (embedding, title) FROM STDIN;
[9,9,9]	copied
\.
COPY items (embedding, title) TO STDOUT (FORMAT csv);
COPY items (embedding, title) FROM STDIN (FORMAT csv);
"[8,8,8]","copied, too"
\.
SELECT title FROM items ORDER BY embedding <-> '[9,9,9]' LIMIT 2;
CREATE TABLE queries AS SELECT g AS id, ARRAY[g, g, g]::vector(3) AS q FROM generate_series(1, 3) g;
SELECT q.id, near.id AS nearest FROM queries q CROSS JOIN LATERAL (SELECT i.id FROM items i ORDER BY i.embedding <-> q.q LIMIT 1) near ORDER BY q.id;
DROP TABLE queries;
DROP TABLE items;

CREATE TABLE embedded (id int, embedding vector(3));
DROP EXTENSION vector;
DROP TABLE embedded;
DROP EXTENSION IF EXISTS vector;
CREATE EXTENSION IF NOT EXISTS vector;
