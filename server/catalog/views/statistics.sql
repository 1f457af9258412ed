-- Counters of tables, indexes, sequences and databases.

CREATE VIEW pg_catalog.pg_stat_all_tables AS
SELECT c.oid AS relid, n.nspname AS schemaname, c.relname,
       pg_stat_get_numscans(c.oid) AS seq_scan,
       pg_stat_get_tuples_returned(c.oid) AS seq_tup_read,
       (SELECT sum(pg_stat_get_numscans(i.indexrelid))::bigint
        FROM pg_index i WHERE i.indrelid = c.oid) AS idx_scan,
       (SELECT sum(pg_stat_get_tuples_fetched(i.indexrelid))::bigint
        FROM pg_index i WHERE i.indrelid = c.oid)
        + pg_stat_get_tuples_fetched(c.oid) AS idx_tup_fetch,
       pg_stat_get_tuples_inserted(c.oid) AS n_tup_ins,
       pg_stat_get_tuples_updated(c.oid) AS n_tup_upd,
       pg_stat_get_tuples_deleted(c.oid) AS n_tup_del,
       pg_stat_get_tuples_hot_updated(c.oid) AS n_tup_hot_upd,
       pg_stat_get_live_tuples(c.oid) AS n_live_tup,
       pg_stat_get_dead_tuples(c.oid) AS n_dead_tup,
       pg_stat_get_mod_since_analyze(c.oid) AS n_mod_since_analyze,
       pg_stat_get_ins_since_vacuum(c.oid) AS n_ins_since_vacuum,
       pg_stat_get_last_vacuum_time(c.oid) AS last_vacuum,
       pg_stat_get_last_autovacuum_time(c.oid) AS last_autovacuum,
       pg_stat_get_last_analyze_time(c.oid) AS last_analyze,
       pg_stat_get_last_autoanalyze_time(c.oid) AS last_autoanalyze,
       pg_stat_get_vacuum_count(c.oid) AS vacuum_count,
       pg_stat_get_autovacuum_count(c.oid) AS autovacuum_count,
       pg_stat_get_analyze_count(c.oid) AS analyze_count,
       pg_stat_get_autoanalyze_count(c.oid) AS autoanalyze_count
FROM pg_class c
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm', 'p');

CREATE VIEW pg_catalog.pg_stat_xact_all_tables AS
SELECT c.oid AS relid, n.nspname AS schemaname, c.relname,
       pg_stat_get_xact_numscans(c.oid) AS seq_scan,
       pg_stat_get_xact_tuples_returned(c.oid) AS seq_tup_read,
       (SELECT sum(pg_stat_get_xact_numscans(i.indexrelid))::bigint
        FROM pg_index i WHERE i.indrelid = c.oid) AS idx_scan,
       (SELECT sum(pg_stat_get_xact_tuples_fetched(i.indexrelid))::bigint
        FROM pg_index i WHERE i.indrelid = c.oid)
        + pg_stat_get_xact_tuples_fetched(c.oid) AS idx_tup_fetch,
       pg_stat_get_xact_tuples_inserted(c.oid) AS n_tup_ins,
       pg_stat_get_xact_tuples_updated(c.oid) AS n_tup_upd,
       pg_stat_get_xact_tuples_deleted(c.oid) AS n_tup_del,
       pg_stat_get_xact_tuples_hot_updated(c.oid) AS n_tup_hot_upd
FROM pg_class c
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm', 'p');

CREATE VIEW pg_catalog.pg_stat_sys_tables AS
SELECT s.relid, s.schemaname, s.relname, s.seq_scan, s.seq_tup_read, s.idx_scan, s.idx_tup_fetch,
       s.n_tup_ins, s.n_tup_upd, s.n_tup_del, s.n_tup_hot_upd, s.n_live_tup, s.n_dead_tup,
       s.n_mod_since_analyze, s.n_ins_since_vacuum, s.last_vacuum, s.last_autovacuum,
       s.last_analyze, s.last_autoanalyze, s.vacuum_count, s.autovacuum_count, s.analyze_count,
       s.autoanalyze_count
FROM pg_stat_all_tables s
WHERE (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_stat_user_tables AS
SELECT s.relid, s.schemaname, s.relname, s.seq_scan, s.seq_tup_read, s.idx_scan, s.idx_tup_fetch,
       s.n_tup_ins, s.n_tup_upd, s.n_tup_del, s.n_tup_hot_upd, s.n_live_tup, s.n_dead_tup,
       s.n_mod_since_analyze, s.n_ins_since_vacuum, s.last_vacuum, s.last_autovacuum,
       s.last_analyze, s.last_autoanalyze, s.vacuum_count, s.autovacuum_count, s.analyze_count,
       s.autoanalyze_count
FROM pg_stat_all_tables s
WHERE NOT (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_stat_xact_sys_tables AS
SELECT s.relid, s.schemaname, s.relname, s.seq_scan, s.seq_tup_read, s.idx_scan, s.idx_tup_fetch,
       s.n_tup_ins, s.n_tup_upd, s.n_tup_del, s.n_tup_hot_upd
FROM pg_stat_xact_all_tables s
WHERE (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_stat_xact_user_tables AS
SELECT s.relid, s.schemaname, s.relname, s.seq_scan, s.seq_tup_read, s.idx_scan, s.idx_tup_fetch,
       s.n_tup_ins, s.n_tup_upd, s.n_tup_del, s.n_tup_hot_upd
FROM pg_stat_xact_all_tables s
WHERE NOT (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_statio_all_tables AS
SELECT c.oid AS relid, n.nspname AS schemaname, c.relname,
       pg_stat_get_blocks_fetched(c.oid) - pg_stat_get_blocks_hit(c.oid) AS heap_blks_read,
       pg_stat_get_blocks_hit(c.oid) AS heap_blks_hit,
       (SELECT sum(pg_stat_get_blocks_fetched(i.indexrelid)
                   - pg_stat_get_blocks_hit(i.indexrelid))::bigint
        FROM pg_index i WHERE i.indrelid = c.oid) AS idx_blks_read,
       (SELECT sum(pg_stat_get_blocks_hit(i.indexrelid))::bigint
        FROM pg_index i WHERE i.indrelid = c.oid) AS idx_blks_hit,
       NULL::bigint AS toast_blks_read,
       NULL::bigint AS toast_blks_hit,
       NULL::bigint AS tidx_blks_read,
       NULL::bigint AS tidx_blks_hit
FROM pg_class c
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm');

CREATE VIEW pg_catalog.pg_statio_sys_tables AS
SELECT s.relid, s.schemaname, s.relname, s.heap_blks_read, s.heap_blks_hit, s.idx_blks_read,
       s.idx_blks_hit, s.toast_blks_read, s.toast_blks_hit, s.tidx_blks_read, s.tidx_blks_hit
FROM pg_statio_all_tables s
WHERE (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_statio_user_tables AS
SELECT s.relid, s.schemaname, s.relname, s.heap_blks_read, s.heap_blks_hit, s.idx_blks_read,
       s.idx_blks_hit, s.toast_blks_read, s.toast_blks_hit, s.tidx_blks_read, s.tidx_blks_hit
FROM pg_statio_all_tables s
WHERE NOT (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_stat_all_indexes AS
SELECT c.oid AS relid, i.oid AS indexrelid, n.nspname AS schemaname, c.relname,
       i.relname AS indexrelname,
       pg_stat_get_numscans(i.oid) AS idx_scan,
       pg_stat_get_tuples_returned(i.oid) AS idx_tup_read,
       pg_stat_get_tuples_fetched(i.oid) AS idx_tup_fetch
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm');

CREATE VIEW pg_catalog.pg_stat_sys_indexes AS
SELECT s.relid, s.indexrelid, s.schemaname, s.relname, s.indexrelname, s.idx_scan,
       s.idx_tup_read, s.idx_tup_fetch
FROM pg_stat_all_indexes s
WHERE (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_stat_user_indexes AS
SELECT s.relid, s.indexrelid, s.schemaname, s.relname, s.indexrelname, s.idx_scan,
       s.idx_tup_read, s.idx_tup_fetch
FROM pg_stat_all_indexes s
WHERE NOT (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_statio_all_indexes AS
SELECT c.oid AS relid, i.oid AS indexrelid, n.nspname AS schemaname, c.relname,
       i.relname AS indexrelname,
       pg_stat_get_blocks_fetched(i.oid) - pg_stat_get_blocks_hit(i.oid) AS idx_blks_read,
       pg_stat_get_blocks_hit(i.oid) AS idx_blks_hit
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 't', 'm');

CREATE VIEW pg_catalog.pg_statio_sys_indexes AS
SELECT s.relid, s.indexrelid, s.schemaname, s.relname, s.indexrelname, s.idx_blks_read,
       s.idx_blks_hit
FROM pg_statio_all_indexes s
WHERE (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_statio_user_indexes AS
SELECT s.relid, s.indexrelid, s.schemaname, s.relname, s.indexrelname, s.idx_blks_read,
       s.idx_blks_hit
FROM pg_statio_all_indexes s
WHERE NOT (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_statio_all_sequences AS
SELECT c.oid AS relid, n.nspname AS schemaname, c.relname,
       pg_stat_get_blocks_fetched(c.oid) - pg_stat_get_blocks_hit(c.oid) AS blks_read,
       pg_stat_get_blocks_hit(c.oid) AS blks_hit
FROM pg_class c
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S';

CREATE VIEW pg_catalog.pg_statio_sys_sequences AS
SELECT s.relid, s.schemaname, s.relname, s.blks_read, s.blks_hit
FROM pg_statio_all_sequences s
WHERE (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_statio_user_sequences AS
SELECT s.relid, s.schemaname, s.relname, s.blks_read, s.blks_hit
FROM pg_statio_all_sequences s
WHERE NOT (s.schemaname IN ('pg_catalog', 'information_schema') OR s.schemaname LIKE 'pg\_toast%');

CREATE VIEW pg_catalog.pg_stat_database AS
SELECT d.oid AS datid, d.datname,
       pg_stat_get_db_numbackends(d.oid) AS numbackends,
       pg_stat_get_db_xact_commit(d.oid) AS xact_commit,
       pg_stat_get_db_xact_rollback(d.oid) AS xact_rollback,
       pg_stat_get_db_blocks_fetched(d.oid) - pg_stat_get_db_blocks_hit(d.oid) AS blks_read,
       pg_stat_get_db_blocks_hit(d.oid) AS blks_hit,
       pg_stat_get_db_tuples_returned(d.oid) AS tup_returned,
       pg_stat_get_db_tuples_fetched(d.oid) AS tup_fetched,
       pg_stat_get_db_tuples_inserted(d.oid) AS tup_inserted,
       pg_stat_get_db_tuples_updated(d.oid) AS tup_updated,
       pg_stat_get_db_tuples_deleted(d.oid) AS tup_deleted,
       pg_stat_get_db_conflict_all(d.oid) AS conflicts,
       pg_stat_get_db_temp_files(d.oid) AS temp_files,
       pg_stat_get_db_temp_bytes(d.oid) AS temp_bytes,
       pg_stat_get_db_deadlocks(d.oid) AS deadlocks,
       pg_stat_get_db_checksum_failures(d.oid) AS checksum_failures,
       pg_stat_get_db_checksum_last_failure(d.oid) AS checksum_last_failure,
       pg_stat_get_db_blk_read_time(d.oid) AS blk_read_time,
       pg_stat_get_db_blk_write_time(d.oid) AS blk_write_time,
       pg_stat_get_db_session_time(d.oid) AS session_time,
       pg_stat_get_db_active_time(d.oid) AS active_time,
       pg_stat_get_db_idle_in_transaction_time(d.oid) AS idle_in_transaction_time,
       pg_stat_get_db_sessions(d.oid) AS sessions,
       pg_stat_get_db_sessions_abandoned(d.oid) AS sessions_abandoned,
       pg_stat_get_db_sessions_fatal(d.oid) AS sessions_fatal,
       pg_stat_get_db_sessions_killed(d.oid) AS sessions_killed,
       pg_stat_get_db_stat_reset_time(d.oid) AS stats_reset
FROM pg_database d;

CREATE VIEW pg_catalog.pg_stat_database_conflicts AS
SELECT d.oid AS datid, d.datname,
       pg_stat_get_db_conflict_tablespace(d.oid) AS confl_tablespace,
       pg_stat_get_db_conflict_lock(d.oid) AS confl_lock,
       pg_stat_get_db_conflict_snapshot(d.oid) AS confl_snapshot,
       pg_stat_get_db_conflict_bufferpin(d.oid) AS confl_bufferpin,
       pg_stat_get_db_conflict_startup_deadlock(d.oid) AS confl_deadlock
FROM pg_database d;

CREATE VIEW pg_catalog.pg_stat_bgwriter AS
SELECT pg_stat_get_bgwriter_timed_checkpoints() AS checkpoints_timed,
       pg_stat_get_bgwriter_requested_checkpoints() AS checkpoints_req,
       pg_stat_get_checkpoint_write_time() AS checkpoint_write_time,
       pg_stat_get_checkpoint_sync_time() AS checkpoint_sync_time,
       pg_stat_get_bgwriter_buf_written_checkpoints() AS buffers_checkpoint,
       pg_stat_get_bgwriter_buf_written_clean() AS buffers_clean,
       pg_stat_get_bgwriter_maxwritten_clean() AS maxwritten_clean,
       pg_stat_get_buf_written_backend() AS buffers_backend,
       pg_stat_get_buf_fsync_backend() AS buffers_backend_fsync,
       pg_stat_get_buf_alloc() AS buffers_alloc,
       pg_stat_get_bgwriter_stat_reset_time() AS stats_reset;

CREATE VIEW pg_catalog.pg_stat_archiver AS
SELECT 0::bigint AS archived_count, NULL::text AS last_archived_wal,
       NULL::timestamptz AS last_archived_time, 0::bigint AS failed_count,
       NULL::text AS last_failed_wal, NULL::timestamptz AS last_failed_time,
       NULL::timestamptz AS stats_reset;

CREATE VIEW pg_catalog.pg_stat_wal AS
SELECT 0::bigint AS wal_records, 0::bigint AS wal_fpi, 0::numeric AS wal_bytes,
       0::bigint AS wal_buffers_full, 0::bigint AS wal_write, 0::bigint AS wal_sync,
       0::double precision AS wal_write_time, 0::double precision AS wal_sync_time,
       NULL::timestamptz AS stats_reset;
