-- psql's describe commands
CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3), title text NOT NULL, tags text[], price numeric(8,2) CHECK (price >= 0), created_at timestamptz DEFAULT now(), meta jsonb);
CREATE INDEX items_embedding_idx ON items USING hnsw (embedding vector_l2_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX items_title_idx ON items (title DESC, price) WHERE price > 0;
CREATE TABLE orders (id int PRIMARY KEY, item_id bigint REFERENCES items (id) ON DELETE CASCADE, code varchar(10) UNIQUE);
CREATE VIEW cheap AS SELECT id, title FROM items WHERE price < 10;
\d
\d items
\d orders
\d cheap
\d items_embedding_idx
\d items_id_seq
\d+ items
\dt
\di
\dv
\ds
\dn
\d nothing
\df l2_distance
\dT vector
\do <->
\dp items
\dx
CREATE EXTENSION IF NOT EXISTS vector;
\dx
\sv cheap
\conninfo
DROP TABLE orders, items CASCADE;
\dt
