-- Schemas, relations, columns, types and routines of the current database that the current user
-- owns or may use.

CREATE VIEW information_schema.information_schema_catalog_name (catalog_name) AS
SELECT current_database();

CREATE VIEW information_schema.schemata (catalog_name, schema_name, schema_owner) AS
SELECT current_database(), n.nspname, u.rolname
FROM pg_namespace n
JOIN pg_authid u ON u.oid = n.nspowner
WHERE pg_has_role(n.nspowner, 'USAGE') OR has_schema_privilege(n.oid, 'CREATE, USAGE');

CREATE VIEW information_schema.tables (table_catalog, table_schema, table_name, table_type, user_defined_type_catalog, user_defined_type_schema, user_defined_type_name, is_insertable_into, is_typed, commit_action) AS
SELECT current_database(), n.nspname, c.relname,
       CASE WHEN n.nspname LIKE 'pg\_temp\_%' THEN 'LOCAL TEMPORARY'
            WHEN c.relkind = 'v' THEN 'VIEW'
            WHEN c.relkind = 'f' THEN 'FOREIGN' ELSE 'BASE TABLE' END,
       CASE WHEN t.typname IS NOT NULL THEN current_database() END, tn.nspname, t.typname,
       CASE WHEN c.relkind IN ('r', 'p')
              OR (c.relkind IN ('v', 'f') AND (pg_relation_is_updatable(c.oid, false) & 8) = 8)
            THEN 'YES' ELSE 'NO' END,
       CASE WHEN t.typname IS NOT NULL THEN 'YES' ELSE 'NO' END, NULL
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN (pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace) ON t.oid = c.reloftype
WHERE c.relkind IN ('r', 'v', 'f', 'p') AND NOT pg_is_other_temp_schema(n.oid)
  AND (pg_has_role(c.relowner, 'USAGE')
       OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'));

CREATE VIEW information_schema.views (table_catalog, table_schema, table_name, view_definition, check_option, is_updatable, is_insertable_into, is_trigger_updatable, is_trigger_deletable, is_trigger_insertable_into) AS
SELECT current_database(), n.nspname, c.relname,
       CASE WHEN pg_has_role(c.relowner, 'USAGE') THEN pg_get_viewdef(c.oid) END,
       CASE WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED'
            WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL' ELSE 'NONE' END,
       CASE WHEN (pg_relation_is_updatable(c.oid, false) & 20) = 20 THEN 'YES' ELSE 'NO' END,
       CASE WHEN (pg_relation_is_updatable(c.oid, false) & 8) = 8 THEN 'YES' ELSE 'NO' END,
       'NO', 'NO', 'NO'
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND NOT pg_is_other_temp_schema(n.oid)
  AND (pg_has_role(c.relowner, 'USAGE')
       OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
       OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'));

CREATE VIEW information_schema.columns (table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length, character_octet_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, interval_type, collation_catalog, collation_schema, collation_name, domain_catalog, domain_schema, domain_name, udt_catalog, udt_schema, udt_name, dtd_identifier, is_self_referencing, is_identity, identity_generation, identity_start, identity_increment, identity_maximum, identity_minimum, identity_cycle, is_generated, generation_expression, is_updatable) AS
SELECT current_database(), n.nspname, c.relname, a.attname, a.attnum,
       CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) THEN 'NO' ELSE 'YES' END,
       CASE WHEN t.typtype = 'd' THEN
              CASE WHEN bt.typelem <> 0 AND bt.typlen = -1 THEN 'ARRAY'
                   WHEN bn.nspname = 'pg_catalog' THEN format_type(t.typbasetype, NULL)
                   ELSE 'USER-DEFINED' END
            WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN tn.nspname = 'pg_catalog' THEN format_type(a.atttypid, NULL)
            ELSE 'USER-DEFINED' END,
       information_schema._pg_char_max_length(ft.id, ft.modifier),
       information_schema._pg_char_octet_length(ft.id, ft.modifier),
       information_schema._pg_numeric_precision(ft.id, ft.modifier),
       information_schema._pg_numeric_precision_radix(ft.id, ft.modifier),
       information_schema._pg_numeric_scale(ft.id, ft.modifier),
       information_schema._pg_datetime_precision(ft.id, ft.modifier),
       information_schema._pg_interval_type(ft.id, ft.modifier),
       CASE WHEN con.nspname IS NOT NULL THEN current_database() END, con.nspname, co.collname,
       CASE WHEN t.typtype = 'd' THEN current_database() END,
       CASE WHEN t.typtype = 'd' THEN tn.nspname END,
       CASE WHEN t.typtype = 'd' THEN t.typname END,
       current_database(), coalesce(bn.nspname, tn.nspname), coalesce(bt.typname, t.typname),
       a.attnum::text, 'NO',
       CASE WHEN a.attidentity IN ('a', 'd') THEN 'YES' ELSE 'NO' END,
       CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END,
       s.seqstart::text, s.seqincrement::text, s.seqmax::text, s.seqmin::text,
       CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END,
       CASE WHEN a.attgenerated <> '' THEN 'ALWAYS' ELSE 'NEVER' END,
       CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN c.relkind IN ('r', 'p')
              OR (c.relkind IN ('v', 'f') AND pg_column_is_updatable(c.oid, a.attnum, false))
            THEN 'YES' ELSE 'NO' END
FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_type bt ON bt.oid = t.typbasetype AND t.typtype = 'd'
LEFT JOIN pg_namespace bn ON bn.oid = bt.typnamespace
JOIN (SELECT ty.oid AS type_oid,
             CASE WHEN ty.typtype = 'd' THEN ty.typbasetype END AS base,
             CASE WHEN ty.typtype = 'd' THEN ty.typtypmod END AS base_modifier
      FROM pg_type ty) b ON b.type_oid = a.atttypid
CROSS JOIN LATERAL (SELECT coalesce(b.base, a.atttypid) AS id,
                           coalesce(b.base_modifier, a.atttypmod) AS modifier) ft
LEFT JOIN (pg_collation co JOIN pg_namespace con ON con.oid = co.collnamespace)
       ON co.oid = a.attcollation AND (con.nspname, co.collname) <> ('pg_catalog', 'default')
LEFT JOIN (pg_depend dep JOIN pg_sequence s
             ON dep.classid = 'pg_class'::regclass AND dep.objid = s.seqrelid AND dep.deptype = 'i')
       ON dep.refclassid = 'pg_class'::regclass AND dep.refobjid = c.oid
          AND dep.refobjsubid = a.attnum
WHERE NOT pg_is_other_temp_schema(n.oid) AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relkind IN ('r', 'v', 'f', 'p')
  AND (pg_has_role(c.relowner, 'USAGE')
       OR has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'));

CREATE VIEW information_schema.sequences (sequence_catalog, sequence_schema, sequence_name, data_type, numeric_precision, numeric_precision_radix, numeric_scale, start_value, minimum_value, maximum_value, increment, cycle_option) AS
SELECT current_database(), n.nspname, c.relname, format_type(s.seqtypid, NULL),
       information_schema._pg_numeric_precision(s.seqtypid, -1), 2, 0, s.seqstart::text,
       s.seqmin::text, s.seqmax::text, s.seqincrement::text,
       CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = c.oid
WHERE c.relkind = 'S' AND NOT pg_is_other_temp_schema(n.oid)
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')
  AND (pg_has_role(c.relowner, 'USAGE')
       OR has_sequence_privilege(c.oid, 'SELECT, UPDATE, USAGE'));

CREATE VIEW information_schema.domains (domain_catalog, domain_schema, domain_name, data_type, character_maximum_length, character_octet_length, collation_catalog, collation_schema, collation_name, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, interval_type, domain_default, udt_catalog, udt_schema, udt_name, dtd_identifier) AS
SELECT current_database(), n.nspname, t.typname,
       CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN bn.nspname = 'pg_catalog' THEN format_type(t.typbasetype, NULL)
            ELSE 'USER-DEFINED' END,
       information_schema._pg_char_max_length(t.typbasetype, t.typtypmod),
       information_schema._pg_char_octet_length(t.typbasetype, t.typtypmod),
       CASE WHEN con.nspname IS NOT NULL THEN current_database() END, con.nspname, co.collname,
       information_schema._pg_numeric_precision(t.typbasetype, t.typtypmod),
       information_schema._pg_numeric_precision_radix(t.typbasetype, t.typtypmod),
       information_schema._pg_numeric_scale(t.typbasetype, t.typtypmod),
       information_schema._pg_datetime_precision(t.typbasetype, t.typtypmod),
       information_schema._pg_interval_type(t.typbasetype, t.typtypmod),
       t.typdefault, current_database(), bn.nspname, bt.typname, '1'
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type bt ON bt.oid = t.typbasetype AND t.typtype = 'd'
JOIN pg_namespace bn ON bn.oid = bt.typnamespace
LEFT JOIN (pg_collation co JOIN pg_namespace con ON con.oid = co.collnamespace)
       ON co.oid = t.typcollation AND (con.nspname, co.collname) <> ('pg_catalog', 'default')
WHERE pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE');

CREATE VIEW information_schema.routines (specific_catalog, specific_schema, specific_name, routine_catalog, routine_schema, routine_name, routine_type, data_type, type_udt_catalog, type_udt_schema, type_udt_name, dtd_identifier, routine_body, routine_definition, external_name, external_language, parameter_style, is_deterministic, sql_data_access, is_null_call, schema_level_routine, max_dynamic_result_sets, security_type, as_locator, is_udt_dependent) AS
SELECT current_database(), n.nspname, nameconcatoid(p.proname, p.oid), current_database(),
       n.nspname, p.proname,
       CASE p.prokind WHEN 'f' THEN 'FUNCTION' WHEN 'p' THEN 'PROCEDURE' END,
       CASE WHEN p.prokind = 'p' THEN NULL
            WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN tn.nspname = 'pg_catalog' THEN format_type(t.oid, NULL)
            ELSE 'USER-DEFINED' END,
       CASE WHEN tn.nspname IS NOT NULL THEN current_database() END, tn.nspname, t.typname,
       CASE WHEN p.prokind <> 'p' THEN '0' END,
       CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END,
       CASE WHEN pg_has_role(p.proowner, 'USAGE') THEN p.prosrc END,
       CASE WHEN l.lanname = 'c' THEN p.prosrc END, upper(l.lanname::text), 'GENERAL',
       CASE WHEN p.provolatile = 'i' THEN 'YES' ELSE 'NO' END, 'MODIFIES',
       CASE WHEN p.prokind = 'p' THEN NULL WHEN p.proisstrict THEN 'YES' ELSE 'NO' END,
       'YES', 0, CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END, 'NO', 'NO'
FROM pg_namespace n
JOIN pg_proc p ON n.oid = p.pronamespace
JOIN pg_language l ON p.prolang = l.oid
LEFT JOIN (pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace)
       ON p.prorettype = t.oid AND p.prokind <> 'p'
WHERE pg_has_role(p.proowner, 'USAGE') OR has_function_privilege(p.oid, 'EXECUTE');

CREATE VIEW information_schema.parameters (specific_catalog, specific_schema, specific_name, ordinal_position, parameter_mode, is_result, as_locator, parameter_name, data_type, udt_catalog, udt_schema, udt_name, dtd_identifier, parameter_default) AS
SELECT current_database(), n.nspname, nameconcatoid(p.proname, p.oid), a.n,
       CASE p.proargmodes[a.n] WHEN 'o' THEN 'OUT' WHEN 'b' THEN 'INOUT' WHEN 't' THEN 'OUT'
                               ELSE 'IN' END,
       'NO', 'NO', nullif(p.proargnames[a.n], ''),
       CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN tn.nspname = 'pg_catalog' THEN format_type(t.oid, NULL)
            ELSE 'USER-DEFINED' END,
       current_database(), tn.nspname, t.typname, a.n::text,
       CASE WHEN pg_has_role(p.proowner, 'USAGE')
            THEN pg_get_function_arg_default(p.oid, a.n) END
FROM pg_namespace n
JOIN pg_proc p ON n.oid = p.pronamespace
CROSS JOIN LATERAL
  information_schema._pg_expandarray(coalesce(p.proallargtypes, p.proargtypes::oid[])) a(x, n)
JOIN pg_type t ON t.oid = a.x
JOIN pg_namespace tn ON tn.oid = t.typnamespace
WHERE pg_has_role(p.proowner, 'USAGE') OR has_function_privilege(p.oid, 'EXECUTE');

CREATE VIEW information_schema.element_types (object_catalog, object_schema, object_name, object_type, collection_type_identifier, data_type, udt_catalog, udt_schema, udt_name, dtd_identifier) AS
SELECT current_database(), n.nspname, x.object_name, x.object_type, x.type_identifier,
       CASE WHEN en.nspname = 'pg_catalog' THEN format_type(et.oid, NULL)
            ELSE 'USER-DEFINED' END,
       current_database(), en.nspname, et.typname, 'a' || x.type_identifier
FROM (SELECT c.relnamespace AS schema_oid, c.relname AS object_name,
             CASE WHEN c.relkind = 'c' THEN 'USER-DEFINED TYPE' ELSE 'TABLE' END AS object_type,
             a.attnum::text AS type_identifier, a.atttypid AS type_oid
      FROM pg_class c
      JOIN pg_attribute a ON c.oid = a.attrelid
      WHERE c.relkind IN ('r', 'v', 'f', 'c', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        AND (pg_has_role(c.relowner, 'USAGE')
             OR has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))
      UNION ALL
      SELECT t.typnamespace, t.typname, 'DOMAIN', '1', t.typbasetype
      FROM pg_type t
      WHERE t.typtype = 'd') x
JOIN pg_namespace n ON n.oid = x.schema_oid
JOIN pg_type at ON at.oid = x.type_oid
JOIN pg_type et ON et.oid = at.typelem
JOIN pg_namespace en ON en.oid = et.typnamespace
WHERE at.typelem <> 0 AND at.typlen = -1;

CREATE VIEW information_schema.attributes (udt_catalog, udt_schema, udt_name, attribute_name, ordinal_position, is_nullable, data_type, numeric_precision, numeric_precision_radix, numeric_scale, attribute_udt_catalog, attribute_udt_schema, attribute_udt_name, dtd_identifier, is_derived_reference_attribute) AS
SELECT current_database(), n.nspname, c.relname, a.attname, a.attnum,
       CASE WHEN a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) THEN 'NO' ELSE 'YES' END,
       CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY'
            WHEN tn.nspname = 'pg_catalog' THEN format_type(a.atttypid, NULL)
            ELSE 'USER-DEFINED' END,
       information_schema._pg_numeric_precision(a.atttypid, a.atttypmod),
       information_schema._pg_numeric_precision_radix(a.atttypid, a.atttypmod),
       information_schema._pg_numeric_scale(a.atttypid, a.atttypmod),
       current_database(), tn.nspname, t.typname, a.attnum::text, 'NO'
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_namespace tn ON tn.oid = t.typnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'c';

CREATE VIEW information_schema.user_defined_types (user_defined_type_catalog, user_defined_type_schema, user_defined_type_name, user_defined_type_category, is_instantiable) AS
SELECT current_database(), n.nspname, c.relname, 'STRUCTURED', 'YES'
FROM pg_namespace n
JOIN pg_class c ON n.oid = c.relnamespace
JOIN pg_type t ON t.typrelid = c.oid
WHERE c.relkind = 'c'
  AND (pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE'));

CREATE VIEW information_schema.character_sets (character_set_name, character_repertoire, form_of_use, default_collate_catalog, default_collate_schema, default_collate_name) AS
SELECT 'UTF8', 'UCS', 'UTF8', current_database(), 'pg_catalog', 'C'
FROM pg_database d
WHERE d.datname = current_database();

CREATE VIEW information_schema.collations (collation_catalog, collation_schema, collation_name, pad_attribute) AS
SELECT current_database(), n.nspname, c.collname, 'NO PAD'
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, 6);

CREATE VIEW information_schema.collation_character_set_applicability (collation_catalog, collation_schema, collation_name, character_set_name) AS
SELECT current_database(), n.nspname, c.collname, 'UTF8'
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE c.collencoding IN (-1, 6);
