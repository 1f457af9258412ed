-- casts and their contexts
SELECT castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext, castmethod
FROM pg_cast
WHERE castsource::regtype::text IN ('vector', 'halfvec', 'sparsevec') OR casttarget::regtype::text IN ('vector', 'halfvec', 'sparsevec')
ORDER BY castsource::regtype::text, casttarget::regtype::text;
-- arrays
SELECT ARRAY[1,2,3]::vector, ARRAY[1.5,2.5]::vector, ARRAY[1,2]::float4[]::vector, ARRAY[1,2]::float8[]::vector, ARRAY[1,2]::numeric[]::vector;
SELECT ARRAY[1,2,3]::halfvec, ARRAY[1.5,2.5]::halfvec, ARRAY[1,2]::float4[]::halfvec, ARRAY[1,2]::float8[]::halfvec, ARRAY[1,2]::numeric[]::halfvec;
SELECT ARRAY[1,0,2]::sparsevec, ARRAY[1.5,0,2.5]::sparsevec, ARRAY[0,2]::float4[]::sparsevec, ARRAY[0,2]::float8[]::sparsevec, ARRAY[0,-0.0,2]::numeric[]::sparsevec;
SELECT ARRAY[1,2,3]::vector(3), ARRAY[1,2,3]::halfvec(3), ARRAY[1,2,3]::sparsevec(3);
SELECT ARRAY[1,2,3]::vector(2);
SELECT ARRAY[1,2,3]::halfvec(2);
SELECT ARRAY[1,2,3]::sparsevec(2);
SELECT ARRAY[1,NULL]::vector;
SELECT ARRAY[1,NULL]::halfvec;
SELECT ARRAY[1,NULL]::sparsevec;
SELECT '{}'::int[]::vector;
SELECT '{}'::float4[]::halfvec;
SELECT '{}'::float8[]::sparsevec;
SELECT '{{1}}'::int[]::vector;
SELECT '{{1}}'::float4[]::halfvec;
SELECT '{{1}}'::numeric[]::sparsevec;
SELECT '{NaN}'::float4[]::vector;
SELECT '{NaN}'::numeric[]::vector;
SELECT '{Infinity}'::float8[]::vector;
SELECT '{-Infinity}'::float4[]::vector;
SELECT '{1e300}'::float8[]::vector;
SELECT '{1e300}'::numeric[]::vector;
SELECT '{NaN}'::float4[]::halfvec;
SELECT '{Infinity}'::float8[]::halfvec;
SELECT '{65520}'::int[]::halfvec;
SELECT '{65520}'::float8[]::halfvec;
SELECT '{1e300}'::float8[]::halfvec;
SELECT '{NaN}'::float4[]::sparsevec;
SELECT '{Infinity}'::float8[]::sparsevec;
SELECT '{1e300}'::float8[]::sparsevec;
SELECT '{1e-300,1}'::float8[]::sparsevec;
SELECT '{1e-300,1}'::numeric[]::vector;
SELECT vector_dims(array_fill(1, ARRAY[16000])::vector);
SELECT array_fill(1, ARRAY[16001])::vector;
SELECT array_fill(1, ARRAY[16001])::halfvec;
SELECT (array_fill(0, ARRAY[20000]) || 7)::sparsevec;
SELECT '[2:3]={4,5}'::int[]::vector;
SELECT '{1,2}'::bigint[]::vector;
-- to arrays
SELECT '[1.5,2]'::vector::real[], '[1.5,2]'::halfvec::real[], '[1,2]'::vector::float4[] || 3::real;
SELECT '[1,2]'::vector::float8[], '[1,2]'::vector::numeric[];
SELECT array_length('[1,2]'::vector, 1);
SELECT '{1:1}/2'::sparsevec::real[];
-- between types
SELECT '[1,2.5]'::vector::halfvec, '[0,2.5]'::vector::sparsevec, '[1,2.5]'::halfvec::vector, '[0,2.5]'::halfvec::sparsevec, '{2:2.5}/3'::sparsevec::vector, '{2:2.5}/3'::sparsevec::halfvec;
SELECT '[1,2]'::vector::vector(2), '[1,2]'::vector::halfvec(2), '[1,2]'::vector::sparsevec(2), '{}/2'::sparsevec::vector(2), '{}/2'::sparsevec::sparsevec(2);
SELECT '[1,2]'::vector::vector(3);
SELECT '[1,2]'::vector::halfvec(3);
SELECT '[1,2]'::vector::sparsevec(3);
SELECT '[1,2]'::halfvec::halfvec(3);
SELECT '[1,2]'::halfvec::vector(3);
SELECT '[1,2]'::halfvec::sparsevec(3);
SELECT '{}/2'::sparsevec::sparsevec(3);
SELECT '{}/2'::sparsevec::vector(3);
SELECT '{}/2'::sparsevec::halfvec(3);
SELECT '[65520]'::vector::halfvec;
SELECT '[1e38]'::vector::halfvec;
SELECT '[1e-9]'::vector::halfvec;
SELECT '{1:65520}/1'::sparsevec::halfvec;
SELECT '{}/16001'::sparsevec::vector;
SELECT '{}/16001'::sparsevec::halfvec;
SELECT vector_dims('{}/16000'::sparsevec::vector);
-- what is implicit
CREATE TEMP TABLE cast_target (v vector(2), h halfvec(2), s sparsevec(2), r real[]);
INSERT INTO cast_target (v, h, s) VALUES (ARRAY[1,2], ARRAY[1,2], ARRAY[1,2]);
INSERT INTO cast_target (v) VALUES (ARRAY[1,2,3]);
INSERT INTO cast_target (v) VALUES ('[1,2]'::halfvec), ('{1:1}/2'::sparsevec);
INSERT INTO cast_target (h) VALUES ('[1,2]'::vector), ('{1:1}/2'::sparsevec);
INSERT INTO cast_target (s, r) VALUES ('[1,2]'::vector, '[1,2]'::vector), ('[1,2]'::halfvec, '[1,2]'::halfvec);
INSERT INTO cast_target (r) VALUES ('{1:1}/2'::sparsevec);
SELECT * FROM cast_target;
SELECT '[1,2]'::vector <-> '[1,3]'::halfvec;
SELECT '[1,2]'::vector <-> '{1:1}/2'::sparsevec;
SELECT '[1,2]'::halfvec <-> '{1:1}/2'::sparsevec;
SELECT '[1,2]'::vector <-> ARRAY[1,3];
