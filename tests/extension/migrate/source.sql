-- An application's database with pgvector: every type, operator class and kind of object that can
-- depend on them. from_debian13.sh runs it on the real pgvector.
CREATE EXTENSION vector;
SET search_path = public;

-- The same numbers everywhere: row i, element j.
CREATE FUNCTION element(i integer, j integer) RETURNS numeric IMMUTABLE LANGUAGE sql
  AS $$ SELECT round(sin(i * 12.9898 + j * 78.233)::numeric, 3) $$;

CREATE FUNCTION elements(i integer, dims integer) RETURNS numeric[] IMMUTABLE LANGUAGE sql
  AS $$ SELECT array_agg(element(i, j) ORDER BY j) FROM generate_series(1, dims) j $$;

CREATE TABLE items (
  id integer PRIMARY KEY,
  category text NOT NULL,
  embedding vector(8),
  small halfvec(8),
  sparse sparsevec(20),
  bits bit(16),
  any_dims vector,
  pair vector(2)[] DEFAULT '{"[1,2]","[3,4]"}',
  unit vector(8) GENERATED ALWAYS AS (l2_normalize(embedding)) STORED,
  CONSTRAINT has_length CHECK (vector_norm(embedding) > 0),
  CONSTRAINT whole CHECK (vector_dims(any_dims) <= 5)
);

INSERT INTO items (id, category, embedding, small, sparse, bits, any_dims)
SELECT i, (ARRAY['red', 'green', 'blue'])[1 + i % 3],
       elements(i, 8)::vector, elements(i, 8)::vector::halfvec,
       format('{%s:%s,%s:%s}/20', 1 + i % 7, element(i, 1), 9 + i % 11, element(i, 2))::sparsevec,
       binary_quantize(elements(i, 16)::vector)::bit(16), elements(i, 1 + i % 5)::vector
FROM generate_series(1, 400) i;
INSERT INTO items (id, category) VALUES (401, 'red'), (402, 'none');

CREATE INDEX items_l2 ON items USING hnsw (embedding vector_l2_ops);
CREATE INDEX items_ip ON items USING hnsw (embedding vector_ip_ops) WITH (m = 8, ef_construction = 32);
CREATE INDEX items_cosine ON items USING hnsw (embedding vector_cosine_ops);
CREATE INDEX items_l1 ON items USING hnsw (embedding vector_l1_ops);
CREATE INDEX items_half_l2 ON items USING hnsw (small halfvec_l2_ops);
CREATE INDEX items_half_ip ON items USING hnsw (small halfvec_ip_ops);
CREATE INDEX items_half_cosine ON items USING hnsw (small halfvec_cosine_ops);
CREATE INDEX items_half_l1 ON items USING hnsw (small halfvec_l1_ops);
CREATE INDEX items_sparse_l2 ON items USING hnsw (sparse sparsevec_l2_ops);
CREATE INDEX items_sparse_ip ON items USING hnsw (sparse sparsevec_ip_ops);
CREATE INDEX items_sparse_cosine ON items USING hnsw (sparse sparsevec_cosine_ops);
CREATE INDEX items_sparse_l1 ON items USING hnsw (sparse sparsevec_l1_ops);
CREATE INDEX items_hamming ON items USING hnsw (bits bit_hamming_ops);
CREATE INDEX items_jaccard ON items USING hnsw (bits bit_jaccard_ops);
CREATE INDEX items_expression ON items USING hnsw ((embedding::halfvec(8)) halfvec_l2_ops);
CREATE INDEX items_quantized ON items USING hnsw ((binary_quantize(embedding)::bit(8)) bit_hamming_ops);
CREATE INDEX items_partial ON items USING hnsw (embedding vector_l2_ops) WHERE category = 'blue';
CREATE UNIQUE INDEX items_btree ON items (embedding);

CREATE VIEW category_means AS
  SELECT category, avg(embedding) AS mean, sum(small) AS total FROM items GROUP BY category;
CREATE MATERIALIZED VIEW near_first AS
  SELECT id, embedding <-> (SELECT embedding FROM items WHERE id = 1) AS distance
  FROM items WHERE embedding IS NOT NULL;
CREATE FUNCTION nearest(query vector, wanted integer) RETURNS SETOF integer STABLE LANGUAGE sql
  AS $$ SELECT id FROM items ORDER BY embedding <=> query LIMIT wanted $$;
CREATE TABLE parts (id integer, v vector(3)) PARTITION BY RANGE (id);
CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (100) TO (1000);
INSERT INTO parts SELECT i, elements(i, 3)::vector FROM generate_series(1, 200) i;
CREATE INDEX ON parts USING hnsw (v vector_cosine_ops);
CREATE DOMAIN direction AS vector(3) CHECK (vector_norm(VALUE) BETWEEN 0.99 AND 1.01);
CREATE TABLE arrows (d direction, at timestamp DEFAULT '2026-01-01');
INSERT INTO arrows VALUES ('[1,0,0]'), ('[0,0.6,0.8]');
CREATE TYPE tagged AS (tag text, v halfvec(2));
CREATE TABLE tags (t tagged);
INSERT INTO tags VALUES (ROW('a', '[1,2]')), (ROW('b', NULL));
