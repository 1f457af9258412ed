-- Constraints and what they are on.

CREATE VIEW information_schema.table_constraints (constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, constraint_type, is_deferrable, initially_deferred, enforced, nulls_distinct) AS
SELECT current_database(), nc.nspname, c.conname, current_database(), nr.nspname, r.relname,
       CASE c.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY'
                      WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END,
       CASE WHEN c.condeferrable THEN 'YES' ELSE 'NO' END,
       CASE WHEN c.condeferred THEN 'YES' ELSE 'NO' END, 'YES',
       CASE WHEN c.contype = 'u' THEN
              (SELECT CASE WHEN i.indnullsnotdistinct THEN 'NO' ELSE 'YES' END
               FROM pg_index i WHERE i.indexrelid = c.conindid) END
FROM pg_constraint c
JOIN pg_class r ON r.oid = c.conrelid
JOIN pg_namespace nc ON nc.oid = c.connamespace
JOIN pg_namespace nr ON nr.oid = r.relnamespace
WHERE c.contype IN ('c', 'f', 'p', 'u') AND r.relkind IN ('r', 'p')
  AND NOT pg_is_other_temp_schema(nr.oid)
  AND (pg_has_role(r.relowner, 'USAGE')
       OR has_table_privilege(r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege(r.oid, 'INSERT, UPDATE, REFERENCES'))
UNION ALL
SELECT current_database(), nr.nspname,
       (nr.oid::text || '_' || r.oid::text || '_' || a.attnum::text || '_not_null')::name,
       current_database(), nr.nspname, r.relname, 'CHECK', 'NO', 'NO', 'YES', NULL
FROM pg_namespace nr
JOIN pg_class r ON nr.oid = r.relnamespace
JOIN pg_attribute a ON r.oid = a.attrelid
WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p')
  AND NOT pg_is_other_temp_schema(nr.oid)
  AND (pg_has_role(r.relowner, 'USAGE')
       OR has_table_privilege(r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege(r.oid, 'INSERT, UPDATE, REFERENCES'));

CREATE VIEW information_schema.key_column_usage (constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, column_name, ordinal_position, position_in_unique_constraint) AS
SELECT current_database(), nc.nspname, c.conname, current_database(), nr.nspname, r.relname,
       a.attname, k.n,
       CASE WHEN c.contype = 'f'
            THEN information_schema._pg_index_position(c.conindid, c.confkey[k.n]) END
FROM pg_constraint c
JOIN pg_class r ON r.oid = c.conrelid
JOIN pg_namespace nr ON nr.oid = r.relnamespace
JOIN pg_namespace nc ON nc.oid = c.connamespace
CROSS JOIN LATERAL information_schema._pg_expandarray(c.conkey) k(x, n)
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.x
WHERE c.contype IN ('p', 'u', 'f') AND r.relkind IN ('r', 'p') AND NOT a.attisdropped
  AND NOT pg_is_other_temp_schema(nr.oid)
  AND (pg_has_role(r.relowner, 'USAGE')
       OR has_column_privilege(r.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'));

CREATE VIEW information_schema.referential_constraints (constraint_catalog, constraint_schema, constraint_name, unique_constraint_catalog, unique_constraint_schema, unique_constraint_name, match_option, update_rule, delete_rule) AS
SELECT current_database(), nc.nspname, c.conname,
       CASE WHEN nk.nspname IS NOT NULL THEN current_database() END, nk.nspname, k.conname,
       CASE c.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' WHEN 's' THEN 'NONE' END,
       CASE c.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
            WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END,
       CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
            WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END
FROM pg_namespace nc
JOIN pg_constraint c ON nc.oid = c.connamespace
JOIN pg_class r ON r.oid = c.conrelid
LEFT JOIN pg_constraint k
       ON k.conindid = c.conindid AND k.contype IN ('p', 'u') AND k.conrelid = c.confrelid
LEFT JOIN pg_namespace nk ON nk.oid = k.connamespace
WHERE c.contype = 'f'
  AND (pg_has_role(r.relowner, 'USAGE')
       OR has_table_privilege(r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege(r.oid, 'INSERT, UPDATE, REFERENCES'));

CREATE VIEW information_schema.check_constraints (constraint_catalog, constraint_schema, constraint_name, check_clause) AS
SELECT current_database(), n.nspname, c.conname,
       substring(pg_get_constraintdef(c.oid) FROM 7)
FROM pg_constraint c
LEFT JOIN pg_namespace n ON n.oid = c.connamespace
LEFT JOIN pg_class r ON r.oid = c.conrelid
LEFT JOIN pg_type t ON t.oid = c.contypid
WHERE c.contype = 'c' AND pg_has_role(coalesce(r.relowner, t.typowner), 'USAGE')
UNION
SELECT current_database(), n.nspname,
       (n.oid::text || '_' || r.oid::text || '_' || a.attnum::text || '_not_null')::name,
       a.attname || ' IS NOT NULL'
FROM pg_namespace n
JOIN pg_class r ON n.oid = r.relnamespace
JOIN pg_attribute a ON r.oid = a.attrelid
WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p')
  AND pg_has_role(r.relowner, 'USAGE');

CREATE VIEW information_schema.constraint_column_usage (table_catalog, table_schema, table_name, column_name, constraint_catalog, constraint_schema, constraint_name) AS
SELECT current_database(), x.table_schema, x.table_name, x.column_name, current_database(),
       x.constraint_schema, x.constraint_name
FROM (SELECT DISTINCT nr.nspname AS table_schema, r.relname AS table_name, r.relowner,
             a.attname AS column_name, nc.nspname AS constraint_schema,
             c.conname AS constraint_name
      FROM pg_namespace nr
      JOIN pg_class r ON nr.oid = r.relnamespace
      JOIN pg_attribute a ON r.oid = a.attrelid
      JOIN pg_depend d ON d.refobjid = r.oid AND d.refobjsubid = a.attnum
      JOIN pg_constraint c ON d.objid = c.oid
      JOIN pg_namespace nc ON c.connamespace = nc.oid
      WHERE d.refclassid = 'pg_class'::regclass AND d.classid = 'pg_constraint'::regclass
        AND c.contype = 'c' AND r.relkind IN ('r', 'p') AND NOT a.attisdropped
      UNION ALL
      SELECT nr.nspname, r.relname, r.relowner, a.attname, nc.nspname, c.conname
      FROM pg_namespace nr
      JOIN pg_class r ON nr.oid = r.relnamespace
      JOIN pg_attribute a ON r.oid = a.attrelid
      JOIN pg_constraint c
        ON CASE WHEN c.contype = 'f' THEN r.oid = c.confrelid AND a.attnum = ANY (c.confkey)
                ELSE r.oid = c.conrelid AND a.attnum = ANY (c.conkey) END
      JOIN pg_namespace nc ON nc.oid = c.connamespace
      WHERE NOT a.attisdropped AND c.contype IN ('p', 'u', 'f') AND r.relkind IN ('r', 'p')) x
WHERE pg_has_role(x.relowner, 'USAGE');

CREATE VIEW information_schema.constraint_table_usage (table_catalog, table_schema, table_name, constraint_catalog, constraint_schema, constraint_name) AS
SELECT current_database(), nr.nspname, r.relname, current_database(), nc.nspname, c.conname
FROM pg_constraint c
JOIN pg_namespace nc ON nc.oid = c.connamespace
JOIN pg_class r ON r.oid = CASE WHEN c.contype = 'f' THEN c.confrelid ELSE c.conrelid END
JOIN pg_namespace nr ON nr.oid = r.relnamespace
WHERE c.contype IN ('p', 'u', 'f') AND r.relkind IN ('r', 'p')
  AND pg_has_role(r.relowner, 'USAGE');

CREATE VIEW information_schema.domain_constraints (constraint_catalog, constraint_schema, constraint_name, domain_catalog, domain_schema, domain_name, is_deferrable, initially_deferred) AS
SELECT current_database(), nc.nspname, c.conname, current_database(), n.nspname, t.typname,
       CASE WHEN c.condeferrable THEN 'YES' ELSE 'NO' END,
       CASE WHEN c.condeferred THEN 'YES' ELSE 'NO' END
FROM pg_namespace nc
JOIN pg_constraint c ON nc.oid = c.connamespace
JOIN pg_type t ON t.oid = c.contypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE');

CREATE VIEW information_schema.view_table_usage (view_catalog, view_schema, view_name, table_catalog, table_schema, table_name) AS
SELECT DISTINCT current_database(), nv.nspname, v.relname, current_database(), nt.nspname,
       t.relname
FROM pg_class v
JOIN pg_namespace nv ON nv.oid = v.relnamespace
JOIN pg_rewrite r ON r.ev_class = v.oid
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_namespace nt ON nt.oid = t.relnamespace
WHERE v.relkind = 'v' AND t.relkind IN ('r', 'v', 'f', 'p') AND pg_has_role(t.relowner, 'USAGE');

CREATE VIEW information_schema.view_column_usage (view_catalog, view_schema, view_name, table_catalog, table_schema, table_name, column_name) AS
SELECT DISTINCT current_database(), nv.nspname, v.relname, current_database(), nt.nspname,
       t.relname, a.attname
FROM pg_class v
JOIN pg_namespace nv ON nv.oid = v.relnamespace
JOIN pg_rewrite r ON r.ev_class = v.oid
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_namespace nt ON nt.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE v.relkind = 'v' AND t.relkind IN ('r', 'v', 'f', 'p') AND pg_has_role(t.relowner, 'USAGE');
