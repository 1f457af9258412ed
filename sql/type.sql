-- @type@: the type

CREATE FUNCTION @type@_in(cstring, oid, integer) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_in';
CREATE FUNCTION @type@_out(@type@) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_out';
CREATE FUNCTION @type@_recv(internal, oid, integer) RETURNS @type@
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_recv';
CREATE FUNCTION @type@_send(@type@) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_send';
CREATE FUNCTION @type@_typmod_in(cstring[]) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'dvecdb_@type@_typmod_in';

-- Elements hardly compress: stored out of line, but never compressed.
CREATE TYPE @type@ (
    INPUT = @type@_in, OUTPUT = @type@_out,
    RECEIVE = @type@_recv, SEND = @type@_send,
    TYPMOD_IN = @type@_typmod_in,
    STORAGE = external
);
