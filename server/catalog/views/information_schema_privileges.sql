-- Roles and privileges.

CREATE VIEW information_schema.enabled_roles (role_name) AS
SELECT a.rolname FROM pg_authid a WHERE pg_has_role(a.oid, 'USAGE');

CREATE VIEW information_schema.applicable_roles (grantee, role_name, is_grantable) AS
SELECT a.rolname, b.rolname, CASE WHEN m.admin_option THEN 'YES' ELSE 'NO' END
FROM (SELECT member, roleid, admin_option FROM pg_auth_members
      UNION
      SELECT d.datdba, o.oid, false
      FROM pg_database d, pg_authid o
      WHERE d.datname = current_database() AND o.rolname = 'pg_database_owner') m
JOIN pg_authid a ON a.oid = m.member
JOIN pg_authid b ON b.oid = m.roleid
WHERE pg_has_role(a.oid, 'USAGE');

CREATE VIEW information_schema.administrable_role_authorizations (grantee, role_name, is_grantable) AS
SELECT r.grantee, r.role_name, r.is_grantable
FROM information_schema.applicable_roles r
WHERE r.is_grantable = 'YES';

CREATE VIEW information_schema.table_privileges (grantor, grantee, table_catalog, table_schema, table_name, privilege_type, is_grantable, with_hierarchy) AS
SELECT g.rolname, coalesce(e.rolname, 'PUBLIC'), current_database(), n.nspname, c.relname,
       c.privilege_type,
       CASE WHEN pg_has_role(c.grantee, c.relowner, 'USAGE') OR c.is_grantable
            THEN 'YES' ELSE 'NO' END,
       CASE WHEN c.privilege_type = 'SELECT' THEN 'YES' ELSE 'NO' END
FROM (SELECT r.relname, r.relnamespace, r.relowner, x.grantor, x.grantee, x.privilege_type,
             x.is_grantable
      FROM pg_class r
      CROSS JOIN LATERAL aclexplode(coalesce(r.relacl, acldefault('r', r.relowner))) x
      WHERE r.relkind IN ('r', 'v', 'f', 'p')) c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_authid g ON g.oid = c.grantor
LEFT JOIN pg_authid e ON e.oid = c.grantee
WHERE (c.grantee = 0 OR e.oid IS NOT NULL)
  AND c.privilege_type IN ('INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
                           'TRIGGER')
  AND (pg_has_role(c.grantor, 'USAGE') OR pg_has_role(c.grantee, 'USAGE') OR c.grantee = 0);

CREATE VIEW information_schema.role_table_grants (grantor, grantee, table_catalog, table_schema, table_name, privilege_type, is_grantable, with_hierarchy) AS
SELECT p.grantor, p.grantee, p.table_catalog, p.table_schema, p.table_name, p.privilege_type,
       p.is_grantable, p.with_hierarchy
FROM information_schema.table_privileges p
WHERE p.grantor IN (SELECT role_name FROM information_schema.enabled_roles)
   OR p.grantee IN (SELECT role_name FROM information_schema.enabled_roles);

CREATE VIEW information_schema.column_privileges (grantor, grantee, table_catalog, table_schema, table_name, column_name, privilege_type, is_grantable) AS
SELECT g.rolname, coalesce(e.rolname, 'PUBLIC'), current_database(), n.nspname, c.relname,
       c.attname, c.privilege_type,
       CASE WHEN pg_has_role(c.grantee, c.relowner, 'USAGE') OR c.is_grantable
            THEN 'YES' ELSE 'NO' END
FROM (SELECT r.relname, r.relnamespace, r.relowner, a.attname, x.grantor, x.grantee,
             x.privilege_type, x.is_grantable
      FROM pg_class r
      JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      CROSS JOIN LATERAL aclexplode(coalesce(r.relacl, acldefault('r', r.relowner))) x
      WHERE r.relkind IN ('r', 'v', 'f', 'p')
      UNION
      SELECT r.relname, r.relnamespace, r.relowner, a.attname, x.grantor, x.grantee,
             x.privilege_type, x.is_grantable
      FROM pg_class r
      JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      CROSS JOIN LATERAL aclexplode(coalesce(a.attacl, acldefault('c', r.relowner))) x
      WHERE r.relkind IN ('r', 'v', 'f', 'p')) c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_authid g ON g.oid = c.grantor
LEFT JOIN pg_authid e ON e.oid = c.grantee
WHERE (c.grantee = 0 OR e.oid IS NOT NULL)
  AND c.privilege_type IN ('INSERT', 'SELECT', 'UPDATE', 'REFERENCES')
  AND (pg_has_role(c.grantor, 'USAGE') OR pg_has_role(c.grantee, 'USAGE') OR c.grantee = 0);

CREATE VIEW information_schema.role_column_grants (grantor, grantee, table_catalog, table_schema, table_name, column_name, privilege_type, is_grantable) AS
SELECT p.grantor, p.grantee, p.table_catalog, p.table_schema, p.table_name, p.column_name,
       p.privilege_type, p.is_grantable
FROM information_schema.column_privileges p
WHERE p.grantor IN (SELECT role_name FROM information_schema.enabled_roles)
   OR p.grantee IN (SELECT role_name FROM information_schema.enabled_roles);

CREATE VIEW information_schema.routine_privileges (grantor, grantee, specific_catalog, specific_schema, specific_name, routine_catalog, routine_schema, routine_name, privilege_type, is_grantable) AS
SELECT g.rolname, coalesce(e.rolname, 'PUBLIC'), current_database(), n.nspname,
       nameconcatoid(p.proname, p.oid), current_database(), n.nspname, p.proname, 'EXECUTE',
       CASE WHEN pg_has_role(p.grantee, p.proowner, 'USAGE') OR p.is_grantable
            THEN 'YES' ELSE 'NO' END
FROM (SELECT f.oid, f.proname, f.pronamespace, f.proowner, x.grantor, x.grantee,
             x.privilege_type, x.is_grantable
      FROM pg_proc f
      CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x) p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_authid g ON g.oid = p.grantor
LEFT JOIN pg_authid e ON e.oid = p.grantee
WHERE (p.grantee = 0 OR e.oid IS NOT NULL) AND p.privilege_type = 'EXECUTE'
  AND (pg_has_role(p.grantor, 'USAGE') OR pg_has_role(p.grantee, 'USAGE') OR p.grantee = 0);

CREATE VIEW information_schema.udt_privileges (grantor, grantee, udt_catalog, udt_schema, udt_name, privilege_type, is_grantable) AS
SELECT g.rolname, coalesce(e.rolname, 'PUBLIC'), current_database(), n.nspname, t.typname,
       'TYPE USAGE',
       CASE WHEN pg_has_role(t.grantee, t.typowner, 'USAGE') OR t.is_grantable
            THEN 'YES' ELSE 'NO' END
FROM (SELECT y.typname, y.typnamespace, y.typowner, x.grantor, x.grantee, x.is_grantable
      FROM pg_type y
      CROSS JOIN LATERAL aclexplode(coalesce(y.typacl, acldefault('T', y.typowner))) x
      WHERE y.typtype = 'c') t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_authid g ON g.oid = t.grantor
LEFT JOIN pg_authid e ON e.oid = t.grantee
WHERE (t.grantee = 0 OR e.oid IS NOT NULL)
  AND (pg_has_role(t.grantor, 'USAGE') OR pg_has_role(t.grantee, 'USAGE') OR t.grantee = 0);
