-- what migration tools and object mappers send
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION "uuid-ossp";
SELECT extname, extversion FROM pg_extension WHERE extname IN ('plpgsql', 'uuid-ossp') ORDER BY 1;
SELECT uuid_generate_v5(uuid_ns_url(), 'a'), uuid_generate_v3(uuid_ns_dns(), 'a'), uuid_nil();
SELECT substr(uuid_generate_v1()::text, 15, 1), substr(uuid_generate_v4()::text, 15, 1), count(DISTINCT uuid_generate_v4()) FROM generate_series(1, 3);
DROP EXTENSION "uuid-ossp";
CREATE EXTENSION pgcrypto;
SELECT encode(digest('a', 'sha256'), 'hex'), encode(hmac('a'::bytea, 'k', 'md5'), 'hex'), length(gen_random_bytes(8)), digest(NULL, 'md5');
SELECT digest('a', 'nope');
DROP EXTENSION pgcrypto;

CREATE TABLE documents (id int PRIMARY KEY, body jsonb, tags text[], at timestamptz, title text);
CREATE INDEX documents_body ON documents USING gin (body jsonb_path_ops);
CREATE INDEX ON documents USING gin (body, tags);
CREATE INDEX ON documents USING brin (at) WITH (pages_per_range=32);
CREATE INDEX ON documents USING hash (title);
CREATE INDEX ON documents USING spgist (title) WHERE id > 1;
CREATE INDEX ON documents USING gin (title);
CREATE INDEX ON documents USING gist (id);
CREATE INDEX ON documents USING nope (id);
CREATE INDEX ON documents USING gin (title gin_trgm_ops);
CREATE UNIQUE INDEX ON documents USING gin (body);
CREATE INDEX ON documents USING hash (title, id);
CREATE INDEX ON documents USING gin (body DESC);
CREATE INDEX ON documents USING gin (body) INCLUDE (id);
INSERT INTO documents VALUES (1, '{"a": 1}', '{x,y}', '2024-01-01 00:00+00', 'one'), (2, '{"a": 2}', '{y}', NULL, 'two');
SELECT id FROM documents WHERE body @> '{"a": 1}' AND tags @> '{x}' AND title = 'one';
SELECT indexdef FROM pg_indexes WHERE tablename = 'documents' ORDER BY 1;
ALTER TABLE documents ALTER COLUMN title TYPE varchar(30);
REINDEX TABLE documents;
UPDATE documents SET title = 'three', body = '{}' WHERE id = 2;
DROP INDEX documents_body;
DELETE FROM documents;
DROP TABLE documents;

CREATE DOMAIN short AS varchar(5);
CREATE DOMAIN shorter AS short CHECK (length(VALUE) < 4);
CREATE TABLE named (name shorter, n int);
SELECT name, name::short, n FROM named \gdesc
SELECT character_maximum_length, column_name, is_nullable FROM information_schema.columns \gdesc
CREATE TABLE copied AS SELECT name FROM named;
SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'copied'::regclass AND attnum > 0;
DROP TABLE named, copied;
DROP DOMAIN shorter, short;

LISTEN here;
SELECT * FROM pg_listening_channels();
UNLISTEN *;
SELECT * FROM pg_listening_channels();
SELECT pg_notify('here', 'nobody hears');
SELECT pg_notify('', NULL);
SELECT pg_notify(NULL, 'x');
