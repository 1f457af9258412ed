#!/bin/bash
# Writes the PostgreSQL rows of this folder again from a freshly initialised PostgreSQL 15:
#   refresh.sh postgresql://postgres@127.0.0.1:5432/template1
# References to functions are written as oids, expression trees as SQL text, and what is left out
# here (TOAST tables, PL/pgSQL, collations of the machine) does not exist in this server.
set -euo pipefail
url=$1
cd "$(dirname "$0")"
run() { psql -XAtq -v ON_ERROR_STOP=1 "$url" -c "$1"; }

# Which rows to leave out, by table.
declare -A keep=(
  [pg_class]="relkind <> 't' AND relnamespace <> 99"
  [pg_attribute]="attrelid NOT IN (SELECT oid FROM pg_class WHERE relkind = 't' OR relnamespace = 99)"
  [pg_index]="indexrelid NOT IN (SELECT oid FROM pg_class WHERE relnamespace = 99)"
  [pg_type]="typnamespace <> 99"
  [pg_collation]="collname IN ('default', 'C', 'POSIX', 'ucs_basic')"
  [pg_language]="lanname <> 'plpgsql'"
  [pg_proc]="proname NOT LIKE 'plpgsql%'"
  [pg_description]="NOT (classoid = 'pg_extension'::regclass) AND NOT (classoid = 'pg_language'::regclass AND objoid > 14) AND NOT (classoid = 'pg_collation'::regclass AND objoid > 951) AND NOT (classoid = 'pg_proc'::regclass AND objoid IN (SELECT oid FROM pg_proc WHERE proname LIKE 'plpgsql%'))"
  [pg_init_privs]="objoid < 16384"
  [pg_authid]="rolname = 'postgres' OR rolname LIKE 'pg\\_%'"
)
declare -A order=(
  [pg_attribute]="attrelid, attnum" [pg_aggregate]="aggfnoid::oid" [pg_index]=indexrelid
  [pg_description]="classoid, objoid, objsubid" [pg_range]=rngtypid
  [pg_ts_config_map]="mapcfg, maptokentype, mapseqno" [pg_init_privs]="classoid, objoid, objsubid"
  [pg_auth_members]="roleid, member" [pg_shdescription]="objoid, classoid"
)
expression() {  # table, column, type
  case "$1.$2.$3" in
    pg_class.reltoastrelid.*) echo 0 ;;
    pg_class.relpages.*) echo 0 ;;
    pg_class.reltuples.*) echo -1 ;;
    pg_class.relallvisible.*) echo 0 ;;
    pg_class.relhasrules.*) echo "(relkind = 'v')" ;;
    pg_authid.rolpassword.*) echo NULL ;;
    pg_proc.proargdefaults.*) echo "pg_get_expr(proargdefaults, 0)" ;;
    pg_proc.prosqlbody.*) echo "pg_get_function_sqlbody(oid)" ;;
    pg_constraint.conbin.*) echo "pg_get_expr(conbin, conrelid)" ;;
    *.pg_node_tree | *.anyarray) echo "NULL" ;;
    *.regproc) echo "$2::oid" ;;
    *) echo "$2" ;;
  esac
}
for table in aggregate am amop amproc attribute auth_members authid cast class collation constraint conversion \
  description index init_privs language namespace opclass operator opfamily proc range rewrite \
  shdescription tablespace ts_config \
  ts_config_map ts_dict ts_parser ts_template type; do
  table=pg_$table
  columns=
  while IFS='|' read -r column type; do
    columns+="${columns:+, }$(expression "$table" "$column" "$type")"
  done < <(run "SELECT attname, atttypid::regtype FROM pg_attribute
                WHERE attrelid = '$table'::regclass AND attnum > 0 ORDER BY attnum")
  run "COPY (SELECT $columns FROM $table WHERE ${keep[$table]:-true}
       ORDER BY ${order[$table]:-oid}) TO STDOUT" > "$table.tsv"
done
for table in sql_features sql_implementation_info sql_parts sql_sizing; do
  run "COPY (TABLE information_schema.$table) TO STDOUT" > "information_schema.$table.tsv"
done
run "COPY (SELECT * FROM pg_show_all_settings() ORDER BY name) TO STDOUT" > pg_settings.tsv
run "SELECT word, catcode, barelabel FROM pg_get_keywords() ORDER BY word COLLATE \"C\"" |
  tr '|' '\t' > keywords.tsv
