-- sparsevec: forms, distances, order
SELECT '{1:1.5,3:3.5}/5'::sparsevec, ' { 1 : 1.5 ,  3  :  3.5  } / 5 '::sparsevec, '{2:1,1:1}/2'::sparsevec, '{}/5'::sparsevec;
SELECT '{1:0,2:1,3:0}/3'::sparsevec, '{1:-0,2:1}/3'::sparsevec, '{+1:+1}/+3'::sparsevec, '{1000000000:1}/1000000000'::sparsevec;
-- refused texts
SELECT '{1:1,1:1}/2'::sparsevec;
SELECT '{1:0,1:1}/2'::sparsevec;
SELECT '{0:1}/1'::sparsevec;
SELECT '{-1:1}/1'::sparsevec;
SELECT '{2:1}/1'::sparsevec;
SELECT '{2:0}/1'::sparsevec;
SELECT '{2147483647:1}/1'::sparsevec;
SELECT '{2147483648:1}/1'::sparsevec;
SELECT '{-2147483648:1}/1'::sparsevec;
SELECT '{-2147483649:1}/1'::sparsevec;
SELECT '{9223372036854775808:1}/1'::sparsevec;
SELECT '{}/0'::sparsevec;
SELECT '{}/-1'::sparsevec;
SELECT '{}/1000000001'::sparsevec;
SELECT '{}/2147483648'::sparsevec;
SELECT '{}/-2147483649'::sparsevec;
SELECT '{}/9223372036854775808'::sparsevec;
SELECT '{1:NaN}/1'::sparsevec;
SELECT '{1:Infinity}/1'::sparsevec;
SELECT '{1:4e38}/1'::sparsevec;
SELECT '{1:-4e38}/1'::sparsevec;
SELECT '{1:1e-46}/1'::sparsevec;
SELECT '{1:-1e-46}/1'::sparsevec;
SELECT '{1:1e-45}/1'::sparsevec;
SELECT ''::sparsevec;
SELECT '{'::sparsevec;
SELECT '{ '::sparsevec;
SELECT '{:'::sparsevec;
SELECT '{,'::sparsevec;
SELECT '{}'::sparsevec;
SELECT '{}/'::sparsevec;
SELECT '{}/1a'::sparsevec;
SELECT '{ }/1'::sparsevec;
SELECT '{:}/1'::sparsevec;
SELECT '{,}/1'::sparsevec;
SELECT '{1,}/1'::sparsevec;
SELECT '{:1}/1'::sparsevec;
SELECT '{1:}/1'::sparsevec;
SELECT '{1a:1}/1'::sparsevec;
SELECT '{1:1a}/1'::sparsevec;
SELECT '{1:1,}/1'::sparsevec;
SELECT '{1:1'::sparsevec;
SELECT '{1:1}1'::sparsevec;
SELECT '[1]'::sparsevec;
SELECT '{1.5:1}/2'::sparsevec;
-- typmods
SELECT '{1:1}/2'::sparsevec(2);
SELECT '{1:1}/2'::sparsevec(3);
SELECT '{}/5'::sparsevec(0);
SELECT '{}/5'::sparsevec(1000000000);
SELECT '{}/5'::sparsevec(1000000001);
SELECT '{}/5'::sparsevec(1,2);
-- distances
SELECT l2_distance('{}/2'::sparsevec, '{1:3,2:4}/2'), '{}/2'::sparsevec <-> '{2:1}/2', l2_distance('{1:3}/2'::sparsevec, '{2:4}/2');
SELECT l2_distance('{1:1}/2'::sparsevec, '{1:1}/3');
SELECT inner_product('{1:1,2:2}/2'::sparsevec, '{1:2,2:4}/2'), '{1:1,2:2}/2'::sparsevec <#> '{1:3,2:4}/2', inner_product('{1:1,3:3}/4'::sparsevec, '{2:2,4:4}/4');
SELECT inner_product('{1:1}/2'::sparsevec, '{1:1}/3');
SELECT cosine_distance('{1:1,2:2}/2'::sparsevec, '{1:2,2:4}/2'), cosine_distance('{1:1,2:2}/2'::sparsevec, '{}/2'), '{1:1}/2'::sparsevec <=> '{2:2}/2', cosine_distance('{1:1,2:1}/2'::sparsevec, '{1:-1,2:-1}/2');
SELECT cosine_distance('{1:1}/2'::sparsevec, '{1:1}/3');
SELECT l1_distance('{}/2'::sparsevec, '{1:3,2:-4}/2'), '{1:3}/2'::sparsevec <+> '{2:4}/2';
SELECT l1_distance('{1:1}/2'::sparsevec, '{1:1}/3');
SELECT sparsevec_l2_squared_distance('{}/2', '{1:3,2:4}/2'), sparsevec_negative_inner_product('{1:1,2:2}/2', '{1:3,2:4}/2');
SELECT inner_product('{1:3e38}/1'::sparsevec, '{1:3e38}/1'), l2_distance('{1:3e38}/1'::sparsevec, '{1:-3e38}/1');
-- length
SELECT l2_norm('{1:3,2:4}/2'::sparsevec), l2_norm('{2:1}/2'::sparsevec), l2_norm('{}/2'::sparsevec), l2_norm('{1:3e37,2:4e37}/2'::sparsevec);
SELECT l2_normalize('{1:3,2:4}/2'::sparsevec), l2_normalize('{1:3}/2'::sparsevec), l2_normalize('{2:0.1}/2'::sparsevec), l2_normalize('{}/2'::sparsevec), l2_normalize('{1:3e38}/1'::sparsevec), l2_normalize('{1:3e38,2:1e-37}/2'::sparsevec);
-- order
SELECT a, b, sparsevec_cmp(a, b), a < b, a <= b, a = b, a <> b, a >= b, a > b
FROM unnest(ARRAY['{1:-2}/3', '{}/1', '{2:-1}/2', '{2:-1}/3', '{}/3', '{3:1}/3', '{2:1}/3', '{1:1}/1', '{1:1,2:2}/2', '{1:1,2:2,3:3}/3', '{1:2}/1', '{1:1,3:-1}/3']::sparsevec[]) a,
     unnest(ARRAY['{1:-1}/3', '{}/2', '{2:-1}/3', '{3:1}/3', '{1:1}/3', '{1:1,2:2}/3', '{1:2}/1', '{1:1}/2']::sparsevec[]) b;
CREATE TEMP TABLE sorted (v sparsevec);
INSERT INTO sorted VALUES ('{1:2}/2'), ('{}/2'), (NULL), ('{2:-1}/2'), ('{2:1}/2'), ('{}/1'), ('{}/2');
CREATE INDEX ON sorted (v);
SET enable_seqscan = off;
SELECT * FROM sorted ORDER BY v;
RESET enable_seqscan;
