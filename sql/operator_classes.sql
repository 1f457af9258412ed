-- @type@: operator classes of the index method. Function 1 is the distance that orders, function 2
-- the norm of a value, where only the direction counts.

CREATE OPERATOR CLASS @type@_l2_ops FOR TYPE @type@ USING hnsw AS
    OPERATOR 1 <-> (@type@, @type@) FOR ORDER BY float_ops,
    FUNCTION 1 @type@_l2_squared_distance(@type@, @type@);
CREATE OPERATOR CLASS @type@_ip_ops FOR TYPE @type@ USING hnsw AS
    OPERATOR 1 <#> (@type@, @type@) FOR ORDER BY float_ops,
    FUNCTION 1 @type@_negative_inner_product(@type@, @type@);
CREATE OPERATOR CLASS @type@_cosine_ops FOR TYPE @type@ USING hnsw AS
    OPERATOR 1 <=> (@type@, @type@) FOR ORDER BY float_ops,
    FUNCTION 1 @type@_negative_inner_product(@type@, @type@),
    FUNCTION 2 @norm@(@type@);
CREATE OPERATOR CLASS @type@_l1_ops FOR TYPE @type@ USING hnsw AS
    OPERATOR 1 <+> (@type@, @type@) FOR ORDER BY float_ops,
    FUNCTION 1 l1_distance(@type@, @type@);
