-- values in tables: short and long headers, out of line, compressed by hand, COPY in text and binary
CREATE TABLE stored (id int PRIMARY KEY, v vector, h halfvec, s sparsevec);
INSERT INTO stored
SELECT d, array_fill(d, ARRAY[d])::vector, array_fill(d, ARRAY[d])::halfvec, array_fill(1, ARRAY[d])::sparsevec
FROM unnest(ARRAY[1, 2, 29, 30, 31, 32, 100, 500, 768, 2000, 5000, 16000]) d;
SELECT attname, attstorage, attalign FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
WHERE attrelid = 'stored'::regclass AND attnum > 1 ORDER BY attnum;
SELECT id, pg_column_size(v), pg_column_size(h), pg_column_size(s) FROM stored ORDER BY id;
SELECT id, vector_dims(v), vector_norm(v)::real, l2_norm(h)::real, l2_norm(s)::real FROM stored ORDER BY id;
SELECT id, (a.v <-> b.v)::real, (a.h <-> b.h)::real, (a.s <-> b.s)::real, round(((a.v <#> b.v) / id / id / id)::numeric, 3) AS inner_product, (a.h <+> a.h)::real
FROM stored a JOIN stored b USING (id) ORDER BY id;
SELECT id, (v <-> (SELECT v FROM stored WHERE id = 768))::real FROM stored WHERE id = 768;
SELECT id FROM stored WHERE v <-> (SELECT v FROM stored WHERE id = 768) = 0 AND id = 768;
SELECT id FROM stored ORDER BY v DESC, id LIMIT 3;
ALTER TABLE stored ALTER v SET STORAGE extended;
CREATE TABLE compressed AS SELECT * FROM stored;
ALTER TABLE compressed ALTER v SET STORAGE main;
INSERT INTO compressed SELECT id + 100000, v || v, h, s FROM stored WHERE id < 5000;
SELECT id, vector_dims(v), (v <-> v) FROM compressed ORDER BY id;
ALTER TABLE compressed ADD parts vector GENERATED ALWAYS AS (subvector(v, 1, 1)) STORED;
SELECT id, parts FROM compressed ORDER BY id LIMIT 3;
-- binary forms
SELECT vector_send('[1,-2.5]'), halfvec_send('[1,-2.5]'), sparsevec_send('{1:1,3:-2.5}/5');
\copy stored TO 'results/stored.bin' WITH (FORMAT binary)
CREATE TABLE copied (LIKE stored);
\copy copied FROM 'results/stored.bin' WITH (FORMAT binary)
SELECT count(*) FROM copied JOIN stored USING (id, v, h, s);
\copy stored TO 'results/stored.txt'
TRUNCATE copied;
\copy copied FROM 'results/stored.txt'
SELECT count(*) FROM copied JOIN stored USING (id, v, h, s);
CREATE TABLE strict_dimensions (v vector(2));
\copy (SELECT v FROM stored WHERE id = 1) TO 'results/one.bin' WITH (FORMAT binary)
\copy strict_dimensions FROM 'results/one.bin' WITH (FORMAT binary)
\copy strict_dimensions FROM 'results/one.bin' WITH (FORMAT text)
DROP TABLE stored, compressed, copied, strict_dimensions;
