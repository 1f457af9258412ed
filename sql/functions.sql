-- @type@: distances

CREATE FUNCTION l2_distance(@type@, @type@) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_l2_distance';
CREATE FUNCTION inner_product(@type@, @type@) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_inner_product';
CREATE FUNCTION cosine_distance(@type@, @type@) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_cosine_distance';
CREATE FUNCTION l1_distance(@type@, @type@) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_l1_distance';
CREATE FUNCTION @type@_l2_squared_distance(@type@, @type@) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'dvecdb_@type@_l2_squared_distance';
CREATE FUNCTION @type@_negative_inner_product(@type@, @type@) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'dvecdb_@type@_negative_inner_product';

CREATE OPERATOR <-> (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = l2_distance, COMMUTATOR = <->
);
CREATE OPERATOR <#> (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_negative_inner_product,
    COMMUTATOR = <#>
);
CREATE OPERATOR <=> (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = cosine_distance, COMMUTATOR = <=>
);
CREATE OPERATOR <+> (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = l1_distance, COMMUTATOR = <+>
);

-- @type@: length

CREATE FUNCTION @norm@(@type@) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_norm';
CREATE FUNCTION l2_normalize(@type@) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_l2_normalize';

-- @type@: order

CREATE FUNCTION @type@_cmp(@type@, @type@) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_cmp';
CREATE FUNCTION @type@_lt(@type@, @type@) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_lt';
CREATE FUNCTION @type@_le(@type@, @type@) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_le';
CREATE FUNCTION @type@_eq(@type@, @type@) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_eq';
CREATE FUNCTION @type@_ne(@type@, @type@) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_ne';
CREATE FUNCTION @type@_ge(@type@, @type@) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_ge';
CREATE FUNCTION @type@_gt(@type@, @type@) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_gt';

CREATE OPERATOR < (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_lt,
    COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_le,
    COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR = (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel
);
CREATE OPERATOR <> (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = eqsel, JOIN = eqjoinsel
);
CREATE OPERATOR >= (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_ge,
    COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
CREATE OPERATOR > (
    LEFTARG = @type@, RIGHTARG = @type@, FUNCTION = @type@_gt,
    COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);

CREATE OPERATOR CLASS @type@_ops DEFAULT FOR TYPE @type@ USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 @type@_cmp(@type@, @type@);

-- @type@: from arrays. The casts are called with the typmod and whether they are explicit.

CREATE FUNCTION @type@(@type@, integer, boolean) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_to_@type@';
CREATE FUNCTION array_to_@type@(integer[], integer, boolean) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_array_to_@type@';
CREATE FUNCTION array_to_@type@(real[], integer, boolean) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_array_to_@type@';
CREATE FUNCTION array_to_@type@(double precision[], integer, boolean) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_array_to_@type@';
CREATE FUNCTION array_to_@type@(numeric[], integer, boolean) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_array_to_@type@';

CREATE CAST (@type@ AS @type@) WITH FUNCTION @type@(@type@, integer, boolean) AS IMPLICIT;
CREATE CAST (integer[] AS @type@)
    WITH FUNCTION array_to_@type@(integer[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (real[] AS @type@)
    WITH FUNCTION array_to_@type@(real[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (double precision[] AS @type@)
    WITH FUNCTION array_to_@type@(double precision[], integer, boolean) AS ASSIGNMENT;
CREATE CAST (numeric[] AS @type@)
    WITH FUNCTION array_to_@type@(numeric[], integer, boolean) AS ASSIGNMENT;
