-- searches without an index: one pass that keeps the nearest rows, where a sort would do the same
CREATE TABLE spot (id int, c int, v vector(3), b bit(3));
INSERT INTO spot SELECT i, i % 5, ARRAY[i % 100, i % 7, i % 13]::vector, (i % 8)::bit(3) FROM generate_series(1, 1000) i;
INSERT INTO spot VALUES (2000, 0, NULL, NULL), (2001, 1, NULL, NULL), (2002, 1, '[0,0,0]', B'000');
ANALYZE spot;
-- where it is chosen
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM spot WHERE c = 2 ORDER BY '[1,2,3]' <=> v LIMIT 5 OFFSET 2;
EXPLAIN (COSTS OFF, VERBOSE) SELECT v <#> '[1,2,3]' AS d FROM spot ORDER BY d FETCH FIRST ROW ONLY;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY b <~> B'101' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT (SELECT n.id FROM spot n ORDER BY n.v <-> a.v LIMIT 1) FROM spot a;
-- where it is not
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]';
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' DESC LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' NULLS FIRST LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]', id LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' FETCH FIRST 5 ROWS WITH TIES;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' LIMIT 10001;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' LIMIT 5 FOR UPDATE;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> v LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> ARRAY[random(), 1, 1]::vector LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' LIMIT 5 OFFSET pg_backend_pid();
SET dvecdb.nearest_scan = off;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' LIMIT 5;
RESET dvecdb.nearest_scan;
-- the same rows as by a sort, for each number of them, filter and distance
CREATE FUNCTION answers(search text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE text_of text; found text := '';
BEGIN
  FOR text_of IN EXECUTE search LOOP found := found || coalesce(text_of, '-') || ' '; END LOOP;
  RETURN found;
END $$;
CREATE FUNCTION agree(search text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE nearest text := answers(search); sorted text;
BEGIN
  PERFORM set_config('dvecdb.nearest_scan', 'off', true);
  sorted := answers(search);
  PERFORM set_config('dvecdb.nearest_scan', 'on', true);
  RETURN nearest = sorted;
END $$;
SELECT count(*), count(*) FILTER (WHERE agree(format(
  'SELECT round((v %1$s ''%2$s'')::numeric, 4) FROM spot WHERE %3$s ORDER BY v %1$s ''%2$s'' LIMIT %4$s OFFSET %5$s', op, q, f, n, o))) AS agree
FROM unnest(ARRAY['<->', '<#>', '<+>']) op, unnest(ARRAY['[1,2,3]', '[50,3,-6]']) q,
     unnest(ARRAY['true', 'c = 2', 'v IS NULL', 'id > 990', 'false']) f,
     unnest(ARRAY[1, 2, 10, 999, 1003, 5000]) n, unnest(ARRAY[0, 1, 1000]) o;
SELECT agree($$SELECT (v <=> '[1,2,3]')::real FROM spot ORDER BY v <=> '[1,2,3]' LIMIT 1003$$) AS nan_and_null_last;
SELECT id, v <=> '[1,2,3]' AS distance FROM spot ORDER BY v <=> '[1,2,3]' LIMIT 3 OFFSET 1000;
SELECT id FROM spot ORDER BY v <+> (SELECT v FROM spot WHERE id = 5) LIMIT 1;
-- again for each outer row, by cursor, with a parameter, in its own update
SELECT a.id, (SELECT n.id FROM spot n ORDER BY n.v <-> a.v, n.id LIMIT 1) AS sorted, near.distance
FROM spot a, LATERAL (SELECT n.v <-> a.v AS distance FROM spot n ORDER BY n.v <-> a.v LIMIT 1 OFFSET 1) near WHERE a.id < 4 ORDER BY a.id;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT round((v <-> '[0,0,0]')::numeric, 3) FROM spot ORDER BY v <-> '[0,0,0]' LIMIT 4;
FETCH ALL FROM c;
FETCH BACKWARD 2 FROM c;
ROLLBACK;
PREPARE search(vector, int) AS SELECT round((v <-> $1)::numeric, 3) FROM spot ORDER BY v <-> $1 LIMIT $2;
EXECUTE search('[3,3,3]', 2);
SET plan_cache_mode = force_generic_plan;
EXECUTE search('[3,3,3]', 2);
EXPLAIN (COSTS OFF) EXECUTE search('[3,3,3]', 2);
RESET plan_cache_mode;
UPDATE spot SET c = 9 WHERE id IN (SELECT id FROM spot ORDER BY v <-> '[0,0,0]' LIMIT 1) RETURNING id, c;
SELECT id FROM spot ORDER BY v <-> '[0,0,0]' LIMIT 1;
DELETE FROM spot WHERE id = 2002;
SELECT round((v <-> '[0,0,0]')::numeric, 3) FROM spot ORDER BY v <-> '[0,0,0]' LIMIT 1;
SELECT id FROM spot ORDER BY v <-> '[1,2]' LIMIT 1;
-- by several processes, each of which reads a part
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT id FROM spot WHERE c <> 2 ORDER BY v <-> '[1,2,3]' LIMIT 2;
SELECT array_agg(id) AS by_parts FROM (SELECT id FROM spot WHERE c <> 2 AND id < 999 ORDER BY v <-> '[1,2,3]' LIMIT 7) x;
SELECT count(*), count(v), sum(id) FROM (SELECT id, v FROM spot ORDER BY v <=> '[1,2,3]' LIMIT 5000) x;
SELECT count(*), count(v), sum(id) FROM spot;
SET max_parallel_workers_per_gather = 0;
SELECT array_agg(id) AS by_one FROM (SELECT id FROM spot WHERE c <> 2 AND id < 999 ORDER BY v <-> '[1,2,3]' LIMIT 7) x;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
-- rows that a policy hides stay hidden
CREATE ROLE spot_reader;
GRANT SELECT ON spot TO spot_reader;
ALTER TABLE spot ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON spot TO spot_reader USING (c = 3);
SET ROLE spot_reader;
EXPLAIN (COSTS OFF) SELECT id FROM spot ORDER BY v <-> '[1,2,3]' LIMIT 2;
SELECT DISTINCT c FROM (SELECT c FROM spot ORDER BY v <-> '[1,2,3]' LIMIT 20) x;
RESET ROLE;
-- whoever must not call the distance must not search by it
REVOKE EXECUTE ON FUNCTION l2_distance(vector, vector) FROM PUBLIC;
SET ROLE spot_reader;
SELECT id FROM spot ORDER BY v <-> '[1,2,3]' LIMIT 2;
RESET ROLE;
GRANT EXECUTE ON FUNCTION l2_distance(vector, vector) TO PUBLIC;
-- vectors behind columns of any length, null or dropped, in the row, compressed and out of line
CREATE TABLE wide (gone int, id int, t text, v vector);
ALTER TABLE wide ALTER v SET STORAGE EXTENDED;
INSERT INTO wide SELECT 1, i, CASE i % 3 WHEN 0 THEN NULL ELSE repeat('t', i % 200) END,
  array_fill(i::real, ARRAY[(ARRAY[3, 300, 900, 1500])[1 + i % 4]])::vector FROM generate_series(1, 400) i;
ALTER TABLE wide DROP gone;
ALTER TABLE wide ALTER v SET STORAGE EXTERNAL;
INSERT INTO wide SELECT i, 'later', CASE WHEN i % 5 > 0 THEN array_fill(i::real, ARRAY[(ARRAY[3, 300, 900, 1500])[1 + i % 4]])::vector END
  FROM generate_series(401, 500) i;
ALTER TABLE wide ADD later int DEFAULT 7;
ANALYZE wide;
SELECT d, count(*), count(*) FILTER (WHERE agree(format(
  'SELECT id || '':'' || later FROM wide WHERE vector_dims(v) = %1$s ORDER BY v <-> array_fill(%2$s, ARRAY[%1$s])::vector LIMIT 9', d, q))) AS agree
FROM unnest(ARRAY[3, 300, 900, 1500]) d, unnest(ARRAY[0.9, 55.6, 433.3, 999]) q GROUP BY d ORDER BY d;
SELECT id, later FROM wide WHERE t IS NULL AND vector_dims(v) = 900 ORDER BY v <-> array_fill(100, ARRAY[900])::vector LIMIT 3;
SELECT count(*), count(v) FROM (SELECT v FROM wide WHERE v IS NULL OR vector_dims(v) = 3 ORDER BY v <-> '[450,450,450]' LIMIT 1000) x;
DROP TABLE wide;
-- a null to search for
SELECT count(*) FROM (SELECT id FROM spot ORDER BY v <-> NULLIF('[1,2,3]', '[1,2,3]')::vector LIMIT 7) x;
SELECT q, (SELECT count(*) FROM (SELECT id FROM spot ORDER BY v <-> q::vector LIMIT 7) x) AS rows,
       (SELECT id FROM spot ORDER BY v <-> q::vector LIMIT 1) IS NULL AS is_none
FROM unnest(ARRAY['[1,2,3]', NULL, '[50,3,-6]', NULL]) q;
-- tables of several parts go by a sort
CREATE TABLE parted (id int, v vector(3)) PARTITION BY RANGE (id);
CREATE TABLE part_one PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE part_two PARTITION OF parted FOR VALUES FROM (10) TO (20);
INSERT INTO parted SELECT i, ARRAY[i, 0, 0]::vector FROM generate_series(0, 19) i;
SELECT id FROM parted ORDER BY v <-> '[10.4,0,0]' LIMIT 3;
DROP TABLE spot, parted;
DROP ROLE spot_reader;
DROP FUNCTION agree, answers;
