-- Errors as PostgreSQL says them
\set ON_ERROR_STOP 0
CREATE TABLE items (id int PRIMARY KEY, title text NOT NULL, price numeric CONSTRAINT positive CHECK (price > 0));
SELECT * FROM missing;
\echo :LAST_ERROR_SQLSTATE
SELECT nope FROM items;
\echo :LAST_ERROR_SQLSTATE
SELECT items.titel FROM items;
SELECT missing.id FROM items;
SELEC 1;
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM items WHERE;
SELECT 'unterminated;
';
INSERT INTO items VALUES (1, 'a', 1);
INSERT INTO items VALUES (1, 'b', 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO items VALUES (2, NULL, 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO items VALUES (2, 'c', 0);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO items VALUES (2);
INSERT INTO items (id, title) VALUES (2, 'x', 'y');
INSERT INTO items (id, nope) VALUES (2, 'x');
SELECT 1/0;
\echo :LAST_ERROR_SQLSTATE
UPDATE items SET id = 'text'::text;
\echo :LAST_ERROR_SQLSTATE
SELECT 1 + 'x';
SELECT 'a' + 1;
SELECT 1 + true;
\echo :LAST_ERROR_SQLSTATE
SELECT no_such_function(1);
\echo :LAST_ERROR_SQLSTATE
SELECT length(1, 2);
SELECT title, count(*) FROM items;
\echo :LAST_ERROR_SQLSTATE
SELECT id FROM items a, items b;
SELECT CAST('abc' AS integer);
\echo :LAST_ERROR_SQLSTATE
SELECT '2024-13-01'::date;
SELECT 99999999999::int;
SELECT * FROM items LIMIT -1;
SELECT (SELECT 1 UNION SELECT 2);
SELECT 1 UNION SELECT 'x';
SELECT 1, 2 UNION SELECT 1;
SELECT * FROM items ORDER BY 5;
SELECT CASE WHEN 1 THEN 2 END;
SELECT id FROM items WHERE title;
SELECT max(count(*)) FROM items;
SELECT id FROM items WHERE count(*) > 1;
SELECT sum(title) FROM items;
CREATE TABLE bad (id int, id text);
CREATE TABLE bad (id nosuchtype);
CREATE TABLE items (x int);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE items ADD COLUMN title int;
ALTER TABLE items DROP COLUMN nope;
DROP INDEX nope;
CREATE INDEX ON items (nope);
SET nonexistent_setting = 1;
\echo :LAST_ERROR_SQLSTATE
SET work_mem = 'many';
SHOW nonexistent_setting;
EXECUTE nothing;
DEALLOCATE nothing;
PREPARE p AS SELECT $1::int + 1;
EXECUTE p('x');
EXECUTE p(1, 2);
DEALLOCATE p;
SELECT $1;
CREATE DATABASE postgres;
CREATE ROLE postgres;
DROP ROLE nobody_here;
SELECT 'x'::jsonb;
SELECT '{1,2'::int[];
SELECT '[1,2]'::json -> 'a' -> 'b';
SELECT to_regclass('nope'), 'items'::regclass;
SELECT 'nope'::regclass;
DROP TABLE items;
\set VERBOSITY verbose
MERGE INTO m USING n ON true WHEN MATCHED THEN DELETE;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
DO 'BEGIN END';
CREATE TRIGGER t AFTER INSERT ON m EXECUTE FUNCTION f();
