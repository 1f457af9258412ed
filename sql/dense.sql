-- @type@: parts and arithmetic

CREATE FUNCTION vector_dims(@type@) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_dims';
CREATE FUNCTION subvector(@type@, integer, integer) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_subvector';
CREATE FUNCTION binary_quantize(@type@) RETURNS bit
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_binary_quantize';
CREATE FUNCTION @type@_spherical_distance(@type@, @type@) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'dvecdb_@type@_spherical_distance';

CREATE FUNCTION @type@_add(@type@, @type@) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_add';
CREATE FUNCTION @type@_sub(@type@, @type@) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_sub';
CREATE FUNCTION @type@_mul(@type@, @type@) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_mul';
CREATE FUNCTION @type@_concat(@type@, @type@) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_concat';

CREATE OPERATOR + (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_add, COMMUTATOR = +
);
CREATE OPERATOR - (LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_sub);
CREATE OPERATOR * (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_mul, COMMUTATOR = *
);
CREATE OPERATOR || (LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_concat);

-- @type@: aggregates. The state of avg is the count and the sum of each dimension.

CREATE FUNCTION @type@_accum(double precision[], @type@) RETURNS double precision[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_accum';
CREATE FUNCTION @type@_combine(double precision[], double precision[]) RETURNS double precision[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_vector_combine';
CREATE FUNCTION @type@_avg(double precision[]) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_avg';

CREATE AGGREGATE avg(@type@) (
    SFUNC = @type@_accum, STYPE = double precision[], INITCOND = '{0}',
    FINALFUNC = @type@_avg, COMBINEFUNC = @type@_combine, PARALLEL = safe
);
CREATE AGGREGATE sum(@type@) (
    SFUNC = @type@_add, STYPE = @type@, COMBINEFUNC = @type@_add, PARALLEL = safe
);
