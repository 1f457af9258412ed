-- amvalidate: what the operator classes of the index method must be.
SELECT plan(17);

SELECT bag_eq(
    $$SELECT opcname::text FROM pg_opclass WHERE opcmethod = (SELECT oid FROM pg_am WHERE amname = 'hnsw')
      AND amvalidate(oid)$$,
    $$SELECT type || '_' || distance || '_ops'
      FROM unnest(ARRAY['vector', 'halfvec', 'sparsevec']) type,
           unnest(ARRAY['l2', 'ip', 'cosine', 'l1']) distance
      UNION ALL SELECT unnest(ARRAY['bit_hamming_ops', 'bit_jaccard_ops'])$$,
    'all of the extension are valid');

CREATE FUNCTION far(vector, vector) RETURNS float8 IMMUTABLE LANGUAGE sql AS 'SELECT 1::float8';
CREATE FUNCTION near(vector, vector) RETURNS real IMMUTABLE LANGUAGE sql AS 'SELECT 1::real';
CREATE FUNCTION is_near(vector, vector) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION wide(vector, text) RETURNS float8 IMMUTABLE LANGUAGE sql AS 'SELECT 1::float8';
CREATE FUNCTION long(vector) RETURNS real IMMUTABLE LANGUAGE sql AS 'SELECT 1::real';
CREATE FUNCTION apart(bit, bit) RETURNS float8 IMMUTABLE LANGUAGE sql AS 'SELECT 1::float8';
CREATE OPERATOR <==> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = far);
CREATE OPERATOR <~~> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = near);
CREATE OPERATOR ~~~ (LEFTARG = vector, RIGHTARG = vector, FUNCTION = is_near);
CREATE OPERATOR <-> (LEFTARG = bit, RIGHTARG = bit, FUNCTION = apart);

CREATE FUNCTION is_valid(operator_class text) RETURNS boolean LANGUAGE sql
    AS 'SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = operator_class';

-- is_refused(type, members, description): an operator class of these members is made, and told to be wrong.
CREATE FUNCTION is_refused(type text, members text, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer boolean;
BEGIN
    EXECUTE format('CREATE OPERATOR CLASS tried FOR TYPE %s USING hnsw AS %s', type, members);
    answer := is_valid('tried');
    DROP OPERATOR FAMILY tried USING hnsw;
    RETURN is(answer, false, description);
END $$;

CREATE OPERATOR CLASS own FOR TYPE vector USING hnsw AS
    OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops, FUNCTION 1 far(vector, vector);
SELECT ok(is_valid('own'), 'one of a user, with an operator and a distance, is valid');

SELECT is_refused('vector', 'FUNCTION 1 far(vector, vector)', 'no operator');
SELECT is_refused('vector', 'OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops', 'no distance function');
SELECT is_refused('vector', 'OPERATOR 1 ~~~ (vector, vector), FUNCTION 1 far(vector, vector)',
    'an operator to search by');
SELECT is_refused('vector', 'OPERATOR 2 <-> (vector, vector) FOR ORDER BY float_ops,
    FUNCTION 1 far(vector, vector)', 'an operator with another number');
SELECT is_refused('vector', 'OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
    OPERATOR 2 <+> (vector, vector) FOR ORDER BY float_ops, FUNCTION 1 far(vector, vector)',
    'an operator too many');
SELECT is_refused('vector', 'OPERATOR 1 <~~> (vector, vector) FOR ORDER BY float_ops,
    FUNCTION 1 far(vector, vector)', 'an operator that returns real');
SELECT is_refused('vector', 'OPERATOR 1 <==> (vector, vector) FOR ORDER BY float_ops,
    FUNCTION 1 far(vector, vector)', 'an operator that hnsw does not know');
SELECT is_refused('vector', 'OPERATOR 1 <-> (vector, vector) FOR ORDER BY integer_ops,
    FUNCTION 1 far(vector, vector)', 'an order of other types');
SELECT is_refused('vector', 'OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
    FUNCTION 1 near(vector, vector)', 'a distance that is real');
SELECT is_refused('vector', 'OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
    FUNCTION 1 (vector, vector) vector_norm(vector)', 'a distance of one value');
SELECT is_refused('vector', 'OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
    FUNCTION 1 far(vector, vector), FUNCTION 2 (vector, vector) long(vector)', 'a norm that is real');
SELECT is_refused('vector', 'OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
    FUNCTION 1 far(vector, vector), FUNCTION 1 (vector, text) wide(vector, text)',
    'a distance of two types');
SELECT is_refused('bit', 'OPERATOR 1 <-> (bit, bit) FOR ORDER BY float_ops, FUNCTION 1 apart(bit, bit)',
    'an operator that hnsw knows of other types');
SELECT is_refused('text', 'FUNCTION 1 (text, text) wide(vector, text)', 'a type that is not indexed');

CREATE TABLE items (b bit(8));
CREATE OPERATOR CLASS of_bits FOR TYPE bit USING hnsw AS
    OPERATOR 1 <-> (bit, bit) FOR ORDER BY float_ops, FUNCTION 1 apart(bit, bit);
SELECT throws_ok('CREATE INDEX ON items USING hnsw (b of_bits)', '42P17',
    'the operator class of index "items_b_idx" is not one of hnsw: "<->"', 'nor is an index made with it');

SELECT * FROM finish();
