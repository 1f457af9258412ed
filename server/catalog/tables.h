// The columns of the catalog tables that this room reads and writes, numbered as in PostgreSQL 15.
#pragma once

#include <string_view>

#include "server/types/value.h"

namespace dvecdb::server::catalog {

// A catalog table: its pg_class oid, its name in the row store and how many columns it has.
struct CatalogTable {
  types::Oid oid;
  std::string_view store_name;
  int columns;
};

namespace pg_aggregate {
inline constexpr CatalogTable table{2600, "t2600", 22};
enum Column : int {
  aggfnoid = 1,
  aggkind,
  aggnumdirectargs,
  aggtransfn,
  aggfinalfn,
  aggcombinefn,
  aggserialfn,
  aggdeserialfn,
  aggmtransfn,
  aggminvtransfn,
  aggmfinalfn,
  aggfinalextra,
  aggmfinalextra,
  aggfinalmodify,
  aggmfinalmodify,
  aggsortop,
  aggtranstype,
  aggtransspace,
  aggmtranstype,
  aggmtransspace,
  agginitval,
  aggminitval,
};
}  // namespace pg_aggregate

namespace pg_am {
inline constexpr CatalogTable table{2601, "t2601", 4};
enum Column : int {
  oid = 1,
  amname,
  amhandler,
  amtype,
};
}  // namespace pg_am

namespace pg_amop {
inline constexpr CatalogTable table{2602, "t2602", 9};
enum Column : int {
  oid = 1,
  amopfamily,
  amoplefttype,
  amoprighttype,
  amopstrategy,
  amoppurpose,
  amopopr,
  amopmethod,
  amopsortfamily,
};
}  // namespace pg_amop

namespace pg_attrdef {
inline constexpr CatalogTable table{2604, "t2604", 4};
enum Column : int {
  oid = 1,
  adrelid,
  adnum,
  adbin,
};
}  // namespace pg_attrdef

namespace pg_attribute {
inline constexpr CatalogTable table{1249, "t1249", 26};
enum Column : int {
  attrelid = 1,
  attname,
  atttypid,
  attstattarget,
  attlen,
  attnum,
  attndims,
  attcacheoff,
  atttypmod,
  attbyval,
  attalign,
  attstorage,
  attcompression,
  attnotnull,
  atthasdef,
  atthasmissing,
  attidentity,
  attgenerated,
  attisdropped,
  attislocal,
  attinhcount,
  attcollation,
  attacl,
  attoptions,
  attfdwoptions,
  attmissingval,
};
}  // namespace pg_attribute

namespace pg_auth_members {
inline constexpr CatalogTable table{1261, "global.t1261", 4};
enum Column : int {
  roleid = 1,
  member,
  grantor,
  admin_option,
};
}  // namespace pg_auth_members

namespace pg_authid {
inline constexpr CatalogTable table{1260, "global.t1260", 12};
enum Column : int {
  oid = 1,
  rolname,
  rolsuper,
  rolinherit,
  rolcreaterole,
  rolcreatedb,
  rolcanlogin,
  rolreplication,
  rolbypassrls,
  rolconnlimit,
  rolpassword,
  rolvaliduntil,
};
}  // namespace pg_authid

namespace pg_cast {
inline constexpr CatalogTable table{2605, "t2605", 6};
enum Column : int {
  oid = 1,
  castsource,
  casttarget,
  castfunc,
  castcontext,
  castmethod,
};
}  // namespace pg_cast

namespace pg_class {
inline constexpr CatalogTable table{1259, "t1259", 33};
enum Column : int {
  oid = 1,
  relname,
  relnamespace,
  reltype,
  reloftype,
  relowner,
  relam,
  relfilenode,
  reltablespace,
  relpages,
  reltuples,
  relallvisible,
  reltoastrelid,
  relhasindex,
  relisshared,
  relpersistence,
  relkind,
  relnatts,
  relchecks,
  relhasrules,
  relhastriggers,
  relhassubclass,
  relrowsecurity,
  relforcerowsecurity,
  relispopulated,
  relreplident,
  relispartition,
  relrewrite,
  relfrozenxid,
  relminmxid,
  relacl,
  reloptions,
  relpartbound,
};
}  // namespace pg_class

namespace pg_collation {
inline constexpr CatalogTable table{3456, "t3456", 11};
enum Column : int {
  oid = 1,
  collname,
  collnamespace,
  collowner,
  collprovider,
  collisdeterministic,
  collencoding,
  collcollate,
  collctype,
  colliculocale,
  collversion,
};
}  // namespace pg_collation

namespace pg_constraint {
inline constexpr CatalogTable table{2606, "t2606", 26};
enum Column : int {
  oid = 1,
  conname,
  connamespace,
  contype,
  condeferrable,
  condeferred,
  convalidated,
  conrelid,
  contypid,
  conindid,
  conparentid,
  confrelid,
  confupdtype,
  confdeltype,
  confmatchtype,
  conislocal,
  coninhcount,
  connoinherit,
  conkey,
  confkey,
  conpfeqop,
  conppeqop,
  conffeqop,
  confdelsetcols,
  conexclop,
  conbin,
};
}  // namespace pg_constraint

namespace pg_database {
inline constexpr CatalogTable table{1262, "global.t1262", 16};
enum Column : int {
  oid = 1,
  datname,
  datdba,
  encoding,
  datlocprovider,
  datistemplate,
  datallowconn,
  datconnlimit,
  datfrozenxid,
  datminmxid,
  dattablespace,
  datcollate,
  datctype,
  daticulocale,
  datcollversion,
  datacl,
};
}  // namespace pg_database

namespace pg_db_role_setting {
inline constexpr CatalogTable table{2964, "global.t2964", 3};
enum Column : int {
  setdatabase = 1,
  setrole,
  setconfig,
};
}  // namespace pg_db_role_setting

namespace pg_default_acl {
inline constexpr CatalogTable table{826, "t826", 5};
enum Column : int {
  oid = 1,
  defaclrole,
  defaclnamespace,
  defaclobjtype,
  defaclacl,
};
}  // namespace pg_default_acl

namespace pg_depend {
inline constexpr CatalogTable table{2608, "t2608", 7};
enum Column : int {
  classid = 1,
  objid,
  objsubid,
  refclassid,
  refobjid,
  refobjsubid,
  deptype,
};
}  // namespace pg_depend

namespace pg_description {
inline constexpr CatalogTable table{2609, "t2609", 4};
enum Column : int {
  objoid = 1,
  classoid,
  objsubid,
  description,
};
}  // namespace pg_description

namespace pg_enum {
inline constexpr CatalogTable table{3501, "t3501", 4};
enum Column : int {
  oid = 1,
  enumtypid,
  enumsortorder,
  enumlabel,
};
}  // namespace pg_enum

namespace pg_extension {
inline constexpr CatalogTable table{3079, "t3079", 8};
enum Column : int {
  oid = 1,
  extname,
  extowner,
  extnamespace,
  extrelocatable,
  extversion,
  extconfig,
  extcondition,
};
}  // namespace pg_extension

namespace pg_index {
inline constexpr CatalogTable table{2610, "t2610", 21};
enum Column : int {
  indexrelid = 1,
  indrelid,
  indnatts,
  indnkeyatts,
  indisunique,
  indnullsnotdistinct,
  indisprimary,
  indisexclusion,
  indimmediate,
  indisclustered,
  indisvalid,
  indcheckxmin,
  indisready,
  indislive,
  indisreplident,
  indkey,
  indcollation,
  indclass,
  indoption,
  indexprs,
  indpred,
};
}  // namespace pg_index

namespace pg_inherits {
inline constexpr CatalogTable table{2611, "t2611", 4};
enum Column : int {
  inhrelid = 1,
  inhparent,
  inhseqno,
  inhdetachpending,
};
}  // namespace pg_inherits

namespace pg_language {
inline constexpr CatalogTable table{2612, "t2612", 9};
enum Column : int {
  oid = 1,
  lanname,
  lanowner,
  lanispl,
  lanpltrusted,
  lanplcallfoid,
  laninline,
  lanvalidator,
  lanacl,
};
}  // namespace pg_language

namespace pg_namespace {
inline constexpr CatalogTable table{2615, "t2615", 4};
enum Column : int {
  oid = 1,
  nspname,
  nspowner,
  nspacl,
};
}  // namespace pg_namespace

namespace pg_opclass {
inline constexpr CatalogTable table{2616, "t2616", 9};
enum Column : int {
  oid = 1,
  opcmethod,
  opcname,
  opcnamespace,
  opcowner,
  opcfamily,
  opcintype,
  opcdefault,
  opckeytype,
};
}  // namespace pg_opclass

namespace pg_operator {
inline constexpr CatalogTable table{2617, "t2617", 15};
enum Column : int {
  oid = 1,
  oprname,
  oprnamespace,
  oprowner,
  oprkind,
  oprcanmerge,
  oprcanhash,
  oprleft,
  oprright,
  oprresult,
  oprcom,
  oprnegate,
  oprcode,
  oprrest,
  oprjoin,
};
}  // namespace pg_operator

namespace pg_opfamily {
inline constexpr CatalogTable table{2753, "t2753", 5};
enum Column : int {
  oid = 1,
  opfmethod,
  opfname,
  opfnamespace,
  opfowner,
};
}  // namespace pg_opfamily

namespace pg_proc {
inline constexpr CatalogTable table{1255, "t1255", 30};
enum Column : int {
  oid = 1,
  proname,
  pronamespace,
  proowner,
  prolang,
  procost,
  prorows,
  provariadic,
  prosupport,
  prokind,
  prosecdef,
  proleakproof,
  proisstrict,
  proretset,
  provolatile,
  proparallel,
  pronargs,
  pronargdefaults,
  prorettype,
  proargtypes,
  proallargtypes,
  proargmodes,
  proargnames,
  proargdefaults,
  protrftypes,
  prosrc,
  probin,
  prosqlbody,
  proconfig,
  proacl,
};
}  // namespace pg_proc

namespace pg_rewrite {
inline constexpr CatalogTable table{2618, "t2618", 8};
enum Column : int {
  oid = 1,
  rulename,
  ev_class,
  ev_type,
  ev_enabled,
  is_instead,
  ev_qual,
  ev_action,
};
}  // namespace pg_rewrite

namespace pg_sequence {
inline constexpr CatalogTable table{2224, "t2224", 8};
enum Column : int {
  seqrelid = 1,
  seqtypid,
  seqstart,
  seqincrement,
  seqmax,
  seqmin,
  seqcache,
  seqcycle,
};
}  // namespace pg_sequence

namespace pg_shdescription {
inline constexpr CatalogTable table{2396, "global.t2396", 3};
enum Column : int {
  objoid = 1,
  classoid,
  description,
};
}  // namespace pg_shdescription

namespace pg_tablespace {
inline constexpr CatalogTable table{1213, "global.t1213", 5};
enum Column : int {
  oid = 1,
  spcname,
  spcowner,
  spcacl,
  spcoptions,
};
}  // namespace pg_tablespace

namespace pg_trigger {
inline constexpr CatalogTable table{2620, "t2620", 19};
enum Column : int {
  oid = 1,
  tgrelid,
  tgparentid,
  tgname,
  tgfoid,
  tgtype,
  tgenabled,
  tgisinternal,
  tgconstrrelid,
  tgconstrindid,
  tgconstraint,
  tgdeferrable,
  tginitdeferred,
  tgnargs,
  tgattr,
  tgargs,
  tgqual,
  tgoldtable,
  tgnewtable,
};
}  // namespace pg_trigger

namespace pg_type {
inline constexpr CatalogTable table{1247, "t1247", 32};
enum Column : int {
  oid = 1,
  typname,
  typnamespace,
  typowner,
  typlen,
  typbyval,
  typtype,
  typcategory,
  typispreferred,
  typisdefined,
  typdelim,
  typrelid,
  typsubscript,
  typelem,
  typarray,
  typinput,
  typoutput,
  typreceive,
  typsend,
  typmodin,
  typmodout,
  typanalyze,
  typalign,
  typstorage,
  typnotnull,
  typbasetype,
  typtypmod,
  typndims,
  typcollation,
  typdefaultbin,
  typdefault,
  typacl,
};
}  // namespace pg_type

}  // namespace dvecdb::server::catalog
