-- What an application asks. The answers of the real pgvector are in answers.txt.
SET extra_float_digits = 0;
\echo types
SELECT attname, format_type(atttypid, atttypmod), attstorage FROM pg_attribute
  WHERE attrelid = 'items'::regclass AND attnum > 0 ORDER BY attnum;
SELECT id, embedding, small, sparse, bits, any_dims, pair, unit FROM items WHERE id IN (1, 200, 402) ORDER BY id;
SELECT count(*), count(embedding), count(DISTINCT embedding) FROM items;
SELECT * FROM category_means WHERE category <> 'none' ORDER BY category;
SELECT * FROM arrows ORDER BY 1;
SELECT (t).v FROM tags ORDER BY (t).tag;
\echo indexes
SELECT indexdef FROM pg_indexes WHERE tablename IN ('items', 'parts') ORDER BY indexname;
\echo searches by scan
SET enable_indexscan = off;
SELECT id FROM items ORDER BY embedding <-> elements(1000, 8)::vector LIMIT 5;
SELECT id FROM items ORDER BY embedding <#> elements(1000, 8)::vector LIMIT 5;
SELECT id FROM items ORDER BY embedding <=> elements(1000, 8)::vector LIMIT 5;
SELECT id FROM items ORDER BY embedding <+> elements(1000, 8)::vector LIMIT 5;
SELECT id FROM items ORDER BY sparse <-> '{1:0.5,9:0.5}/20' LIMIT 3;
\echo the same by indexes
RESET enable_indexscan;
SET enable_seqscan = off;
SET hnsw.ef_search = 200;
SELECT id FROM items ORDER BY embedding <-> elements(1000, 8)::vector LIMIT 5;
SELECT id FROM items ORDER BY embedding <#> elements(1000, 8)::vector LIMIT 5;
SELECT id FROM items ORDER BY embedding <=> elements(1000, 8)::vector LIMIT 5;
SELECT id FROM items ORDER BY embedding <+> elements(1000, 8)::vector LIMIT 5;
SELECT id FROM items ORDER BY small <-> elements(1000, 8)::vector::halfvec LIMIT 5;
SELECT id FROM items ORDER BY small <=> elements(1000, 8)::vector::halfvec LIMIT 5;
SELECT id FROM items ORDER BY sparse <-> '{1:0.5,9:0.5}/20' LIMIT 3;
SELECT bits <~> B'1010101010101010' FROM items ORDER BY bits <~> B'1010101010101010' LIMIT 5;
SELECT bits <%> B'1010101010101010' FROM items ORDER BY bits <%> B'1010101010101010' LIMIT 3;
SELECT id FROM items ORDER BY embedding::halfvec(8) <-> elements(1000, 8)::vector::halfvec(8) LIMIT 5;
SELECT id FROM items WHERE category = 'blue' ORDER BY embedding <-> elements(1000, 8)::vector LIMIT 5;
SELECT nearest(elements(1000, 8)::vector, 5);
SELECT id FROM parts ORDER BY v <=> '[1,2,3]' LIMIT 5;
\echo later writes
INSERT INTO items (id, category, embedding) VALUES (500, 'blue', elements(1000, 8)::vector);
SELECT id FROM items ORDER BY embedding <-> elements(1000, 8)::vector LIMIT 1;
DELETE FROM items WHERE id = 500;
REFRESH MATERIALIZED VIEW near_first;
SELECT id, round(distance::numeric, 5) FROM near_first ORDER BY distance LIMIT 3;
