-- The running server: settings, sessions, statements, extensions.

CREATE VIEW pg_catalog.pg_settings AS
SELECT s.name, s.setting, s.unit, s.category, s.short_desc, s.extra_desc, s.context, s.vartype,
       s.source, s.min_val, s.max_val, s.enumvals, s.boot_val, s.reset_val, s.sourcefile,
       s.sourceline, s.pending_restart
FROM pg_show_all_settings() s;

CREATE VIEW pg_catalog.pg_stat_activity AS
SELECT s.datid, d.datname, s.pid, s.leader_pid, s.usesysid, u.rolname AS usename,
       s.application_name, s.client_addr, s.client_hostname, s.client_port, s.backend_start,
       s.xact_start, s.query_start, s.state_change, s.wait_event_type, s.wait_event, s.state,
       s.backend_xid, s.backend_xmin, s.query_id, s.query, s.backend_type
FROM pg_stat_get_activity(NULL) s
LEFT JOIN pg_database d ON d.oid = s.datid
LEFT JOIN pg_authid u ON u.oid = s.usesysid;

CREATE VIEW pg_catalog.pg_stat_ssl AS
SELECT s.pid, s.ssl, s.sslversion AS version, s.sslcipher AS cipher, s.sslbits AS bits,
       s.ssl_client_dn AS client_dn, s.ssl_client_serial AS client_serial,
       s.ssl_issuer_dn AS issuer_dn
FROM pg_stat_get_activity(NULL) s
WHERE s.client_port IS NOT NULL;

CREATE VIEW pg_catalog.pg_stat_gssapi AS
SELECT s.pid, s.gss_auth AS gss_authenticated, s.gss_princ AS principal, s.gss_enc AS encrypted
FROM pg_stat_get_activity(NULL) s
WHERE s.client_port IS NOT NULL;

CREATE VIEW pg_catalog.pg_prepared_statements AS
SELECT s.name, s.statement, s.prepare_time, s.parameter_types, s.from_sql, s.generic_plans,
       s.custom_plans
FROM pg_prepared_statement() s;

CREATE VIEW pg_catalog.pg_cursors AS
SELECT c.name, c.statement, c.is_holdable, c.is_binary, c.is_scrollable, c.creation_time
FROM pg_cursor() c;

CREATE VIEW pg_catalog.pg_locks AS
SELECT l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid,
       l.classid, l.objid, l.objsubid, l.virtualtransaction, l.pid, l.mode, l.granted, l.fastpath,
       l.waitstart
FROM pg_lock_status() l;

CREATE VIEW pg_catalog.pg_available_extensions AS
SELECT e.name, e.default_version, x.extversion AS installed_version, e.comment
FROM pg_available_extensions() e
LEFT JOIN pg_extension x ON x.extname = e.name;

CREATE VIEW pg_catalog.pg_available_extension_versions AS
SELECT e.name, e.version, (x.extname IS NOT NULL) AS installed, e.superuser, e.trusted,
       e.relocatable, e.schema, e.requires, e.comment
FROM pg_available_extension_versions() e
LEFT JOIN pg_extension x ON x.extname = e.name AND x.extversion = e.version;

CREATE VIEW pg_catalog.pg_timezone_names AS
SELECT z.name, z.abbrev, z.utc_offset, z.is_dst
FROM pg_timezone_names() z;

CREATE VIEW pg_catalog.pg_timezone_abbrevs AS
SELECT z.abbrev, z.utc_offset, z.is_dst
FROM pg_timezone_abbrevs() z;
