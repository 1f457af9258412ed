-- Looking inside an index

CREATE FUNCTION dvecdb_index_info(
    index regclass,
    OUT type text, OUT distance text, OUT dims integer, OUT m integer, OUT ef_construction integer,
    OUT quantizer text, OUT quantizer_bits integer, OUT layout text, OUT neighbor_bits integer,
    OUT rerank_source text,
    OUT nodes bigint, OUT rows bigint, OUT dead_nodes bigint, OUT free_nodes bigint,
    OUT dead_share double precision, OUT unreachable_nodes bigint, OUT nodes_by_level bigint[],
    OUT links_per_node double precision, OUT fused_share double precision,
    OUT bytes bigint, OUT node_bytes bigint, OUT row_bytes bigint, OUT vector_bytes bigint,
    OUT item_bytes bigint, OUT unused_bytes bigint
) LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION dvecdb_index_info(regclass) IS
    'what an hnsw index is made of, and how its space is used';

CREATE FUNCTION dvecdb_index_check(index regclass, heap boolean DEFAULT false) RETURNS void
    LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION dvecdb_index_check(regclass, boolean) IS
    'raises index_corrupted if an hnsw index is damaged';

CREATE FUNCTION dvecdb_index_recall(
    index regclass, k integer DEFAULT 10, sample integer DEFAULT 100,
    ef_search integer DEFAULT NULL
) RETURNS double precision
    LANGUAGE C VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION dvecdb_index_recall(regclass, integer, integer, integer) IS
    'which share of the true k nearest rows searches by an hnsw index find';
