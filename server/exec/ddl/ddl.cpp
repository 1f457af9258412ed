#include "server/exec/ddl/ddl.h"

#include <array>

namespace dvecdb::server::exec {

namespace {

struct DdlEntry {
  PgQuery__Node__NodeCase node;
  UtilityFunction function;
};

#define DVECDB_NODE(name) PG_QUERY__NODE__NODE_##name##_STMT
constexpr std::array entries = {
    DdlEntry{DVECDB_NODE(CREATE), run_create_table},
    DdlEntry{DVECDB_NODE(CREATE_TABLE_AS), run_create_table_as},
    DdlEntry{DVECDB_NODE(ALTER_TABLE), run_alter_table},
    DdlEntry{DVECDB_NODE(TRUNCATE), run_truncate},
    DdlEntry{DVECDB_NODE(INDEX), run_create_index},
    DdlEntry{DVECDB_NODE(REINDEX), run_reindex},
    DdlEntry{DVECDB_NODE(DROP), run_drop},
    DdlEntry{DVECDB_NODE(RENAME), run_rename},
    DdlEntry{DVECDB_NODE(ALTER_OBJECT_SCHEMA), run_set_schema},
    DdlEntry{DVECDB_NODE(ALTER_OWNER), run_set_owner},
    DdlEntry{DVECDB_NODE(VIEW), run_create_view},
    DdlEntry{DVECDB_NODE(CREATE_SEQ), run_create_sequence},
    DdlEntry{DVECDB_NODE(ALTER_SEQ), run_alter_sequence},
    DdlEntry{DVECDB_NODE(CREATE_ENUM), run_create_enum},
    DdlEntry{DVECDB_NODE(ALTER_ENUM), run_alter_enum},
    DdlEntry{DVECDB_NODE(COMPOSITE_TYPE), run_create_composite},
    DdlEntry{DVECDB_NODE(CREATE_DOMAIN), run_create_domain},
    DdlEntry{DVECDB_NODE(ALTER_DOMAIN), run_alter_domain},
    DdlEntry{DVECDB_NODE(CREATE_SCHEMA), run_create_schema},
    DdlEntry{DVECDB_NODE(CREATE_EXTENSION), run_create_extension},
    DdlEntry{DVECDB_NODE(ALTER_EXTENSION), run_alter_extension},
    DdlEntry{DVECDB_NODE(COMMENT), run_comment},
    DdlEntry{DVECDB_NODE(CREATE_ROLE), run_create_role},
    DdlEntry{DVECDB_NODE(ALTER_ROLE), run_alter_role},
    DdlEntry{DVECDB_NODE(ALTER_ROLE_SET), run_alter_role_set},
    DdlEntry{DVECDB_NODE(DROP_ROLE), run_drop_role},
    DdlEntry{DVECDB_NODE(GRANT), run_grant},
    DdlEntry{DVECDB_NODE(GRANT_ROLE), run_grant_role},
    DdlEntry{DVECDB_NODE(ALTER_DEFAULT_PRIVILEGES), run_alter_default_privileges},
    DdlEntry{DVECDB_NODE(CREATEDB), run_create_database},
    DdlEntry{DVECDB_NODE(ALTER_DATABASE), run_alter_database},
    DdlEntry{DVECDB_NODE(ALTER_DATABASE_SET), run_alter_database_set},
    DdlEntry{DVECDB_NODE(DROPDB), run_drop_database},
    DdlEntry{DVECDB_NODE(VACUUM), run_vacuum},
    DdlEntry{DVECDB_NODE(CLUSTER), run_cluster},
};
#undef DVECDB_NODE

}  // namespace

UtilityFunction find_ddl(PgQuery__Node__NodeCase node) {
  for (const DdlEntry& entry : entries) {
    if (entry.node == node) return entry.function;
  }
  return nullptr;
}

Ddl::Ddl(UtilityCall& call, std::string_view command) : call_(call) {
  storage::Connection& connection = call.context.transaction.writer(command);
  call.context.environment.set_connection(&connection);
  renew();
}

void Ddl::renew() {
  kept_.push_back(context().transaction.catalog());
  analysis_ = std::make_unique<query::AnalyzeContext>(context().analyze_context(call_.text()));
  writer_ = std::make_unique<catalog::Writer>(connection(), snapshot(), *analysis_);
}

void Ddl::changed() {
  context().transaction.catalog_changed();
  renew();
}

}  // namespace dvecdb::server::exec
