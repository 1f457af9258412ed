-- values out of line: a scan reads them one after another, and must read what PostgreSQL reads.
-- subvector() fetches its argument in PostgreSQL's way; the distances go by the cursor of ours.
CREATE TABLE far (id int PRIMARY KEY, v vector, h halfvec, s sparsevec);
ALTER TABLE far ALTER v SET STORAGE external;
CREATE FUNCTION fill(first int, last int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO far
  SELECT i, a::vector, a::halfvec, a::sparsevec
  FROM generate_series(first, last) i,
       LATERAL (SELECT array_agg((i * 31 + j * 17) % 101 - 50) AS a FROM generate_series(1, 500 + i % 7 * 300) j) x
$$;
SELECT fill(1, 300);
CREATE VIEW checked AS
SELECT count(*) AS rows,
       count(*) FILTER (WHERE v <-> (v + v) = subvector(v, 1, 9999) <-> subvector(v + v, 1, 9999)) AS vectors,
       count(*) FILTER (WHERE h <-> (h + h) = subvector(h, 1, 9999) <-> subvector(h + h, 1, 9999)) AS halves,
       count(*) FILTER (WHERE s <-> s = 0 AND (s <#> s)::real = (v <#> v)::real) AS sparse,
       count(*) FILTER (WHERE v <-> v = 0 AND h <+> h = 0) AS zeros
FROM far;
SELECT pg_relation_size(reltoastrelid) > 0 AS has_toast FROM pg_class WHERE oid = 'far'::regclass;
SELECT * FROM checked;
-- one value against every other of as many dimensions, and the value that comes again
SELECT count(*), count(*) FILTER (WHERE a.v <-> b.v = subvector(a.v, 1, 9999) <-> subvector(b.v, 1, 9999)) AS equal
FROM far a JOIN far b ON a.id % 7 = b.id % 7 WHERE a.id < 50;
SELECT id FROM far WHERE id % 7 = 3 ORDER BY v <-> (SELECT v FROM far WHERE id = 10), id LIMIT 3;
-- in no order
UPDATE far SET v = v + v, h = h + h WHERE id % 3 = 0;
UPDATE far SET s = (v + v)::sparsevec WHERE id % 5 = 0;
DELETE FROM far WHERE id % 11 = 0;
UPDATE far SET s = v::sparsevec;
SELECT * FROM checked;
SELECT count(*) FROM (SELECT v FROM far ORDER BY id * 7919 % 331) x WHERE v <-> v = 0;
-- holes are filled
VACUUM far;
SELECT fill(301, 400);
SELECT * FROM checked;
VACUUM FULL far;
SELECT * FROM checked;
-- compressed ones, and ones in line
ALTER TABLE far ALTER v SET STORAGE extended, ALTER h SET STORAGE main;
UPDATE far SET v = v || array_fill(0, ARRAY[5000])::vector, h = subvector(h, 1, 20) WHERE id % 2 = 0;
SELECT * FROM checked;
-- a table that is cut off while a cursor is open, subtransactions that end, and one that is rolled back
BEGIN;
DECLARE c CURSOR FOR SELECT id, v <-> v AS zero FROM far WHERE id % 2 = 1 ORDER BY id;
FETCH 2 FROM c;
SAVEPOINT one;
FETCH 2 FROM c;
ROLLBACK TO one;
FETCH 2 FROM c;
SAVEPOINT two;
DELETE FROM far WHERE id > 20;
SELECT count(*) FROM far WHERE v <-> v = 0;
ROLLBACK TO two;
SELECT fill(401, 500);
FETCH 2 FROM c;
SELECT * FROM checked;
ROLLBACK;
SELECT * FROM checked;
-- the rows of one's own transaction, and a distance of different dimensions
BEGIN;
SELECT fill(501, 520);
SELECT count(*) FROM far WHERE id > 500 AND v <-> v = 0;
SELECT v <-> h FROM far WHERE id = 2;
ROLLBACK;
-- within functions that keep their plans
CREATE FUNCTION nearest(query vector) RETURNS int LANGUAGE plpgsql AS $$
DECLARE best int; least float8 := 'infinity'; r record;
BEGIN
  FOR r IN SELECT id, v FROM far WHERE vector_dims(v) = vector_dims(query) LOOP
    IF r.v <-> query < least THEN best := r.id; least := r.v <-> query; END IF;
  END LOOP;
  RETURN best;
END $$;
SELECT id, nearest(v) FROM far WHERE id IN (1, 9, 30, 299) ORDER BY id;
DROP VIEW checked;
DROP FUNCTION fill, nearest;
DROP TABLE far;
-- searches by an index come back to the same values in no order, and remember where they were
CREATE TABLE searched (id int PRIMARY KEY, v vector(600));
CREATE FUNCTION place(first int, last int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO searched
  SELECT i, ARRAY(SELECT random() + i % 5 FROM generate_series(1, 600) WHERE i > 0)::vector
  FROM generate_series(first, last) i
$$;
CREATE FUNCTION found(query int) RETURNS int[] SET enable_seqscan = off SET hnsw.ef_search = 400
LANGUAGE plpgsql AS $$ BEGIN RETURN ARRAY(
  SELECT id FROM searched ORDER BY v <-> (SELECT v FROM searched WHERE id = query) LIMIT 9); END $$;
CREATE FUNCTION exact(query int) RETURNS int[] SET enable_indexscan = off
LANGUAGE plpgsql AS $$ BEGIN RETURN ARRAY(
  SELECT id FROM searched ORDER BY v <-> (SELECT v FROM searched WHERE id = query) LIMIT 9); END $$;
CREATE VIEW compared AS
SELECT count(*) FILTER (WHERE found(id) = exact(id)) AS equal, count(*) AS of
FROM generate_series(1, 290, 17) AS id WHERE id IN (SELECT id FROM searched);
SELECT setseed(0.5);
SELECT place(1, 300);
CREATE INDEX ON searched USING hnsw (v vector_l2_ops);
SELECT * FROM compared;
SELECT * FROM compared;
UPDATE searched SET v = v + v WHERE id % 3 = 0;
DELETE FROM searched WHERE id % 10 = 0;
SELECT * FROM compared;
VACUUM searched;
SELECT place(301, 350);
SELECT * FROM compared;
VACUUM FULL searched;
SELECT * FROM compared;
BEGIN;
DELETE FROM searched WHERE id > 20;
SELECT * FROM compared;
SAVEPOINT one;
SELECT place(400, 450);
SELECT * FROM compared;
ROLLBACK TO one;
SELECT * FROM compared;
ROLLBACK;
TRUNCATE searched;
SELECT place(1, 200);
SELECT * FROM compared;
DROP VIEW compared;
DROP TABLE searched;
DROP FUNCTION place, found, exact;
