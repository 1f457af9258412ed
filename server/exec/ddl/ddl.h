// Statements that define things. Each runs inside the transaction that holds the right to write.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/catalog/writer.h"
#include "server/exec/utility/utility.h"

namespace dvecdb::server::exec {

// Null when the statement is none of DDL's.
UtilityFunction find_ddl(PgQuery__Node__NodeCase node);

// One DDL statement at work: takes the right to write, makes catalog writers and keeps alive what
// was looked up before the catalog changed under it.
class Ddl {
 public:
  // `command` is named when the transaction is read-only.
  Ddl(UtilityCall& call, std::string_view command);

  SessionContext& context() { return call_.context; }
  UtilityCall& call() { return call_; }
  storage::Connection& connection() { return context().transaction.writing_connection(); }
  const catalog::SessionCatalog& catalog() { return context().catalog(); }
  const catalog::Snapshot& snapshot() { return context().snapshot(); }
  const query::AnalyzeContext& analysis() { return *analysis_; }
  // Good until the next changed().
  catalog::Writer& writer() { return *writer_; }
  // After writer() changed the catalog: looks at it anew.
  void changed();
  Oid owner() { return context().role().oid; }

 private:
  void renew();

  UtilityCall& call_;
  std::vector<catalog::SnapshotPtr> kept_;
  std::unique_ptr<query::AnalyzeContext> analysis_;
  std::unique_ptr<catalog::Writer> writer_;
};

// ---- names (ddl_names.cpp)
struct QualifiedName {
  std::string schema;  // "" when not given
  std::string name;
  int location = -1;  // in the statement's text
};
QualifiedName name_of(const PgQuery__RangeVar& range);
QualifiedName name_of(query::raw::NodeList parts);
const query::RelationDesc* find_relation_or_null(SessionContext& context,
                                                 const QualifiedName& name);
// Throws 42P01.
const query::RelationDesc& find_relation(UtilityCall& call, const PgQuery__RangeVar& range);
// Throws 3F000 for an unknown schema, 42501 without the right to create in it.
const query::SchemaDesc& creation_schema(Ddl& ddl, const QualifiedName& name, bool is_temporary);
const query::SchemaDesc& get_schema(SessionContext& context, std::string_view name);
const types::TypeDesc* find_user_type(SessionContext& context, const QualifiedName& name);
const catalog::RoleDesc& get_role(SessionContext& context, std::string_view name);
const catalog::RoleDesc& get_role(SessionContext& context, const PgQuery__RoleSpec& spec);
const query::ColumnDesc* find_column(const query::RelationDesc& relation, std::string_view name);
const query::ColumnDesc& get_column(const query::RelationDesc& relation, std::string_view name);
// "table", "view", "index", "sequence" by relkind
std::string_view relation_kind_name(char kind);
// The text of a DefElem's argument.
std::string definition_text(const query::raw::Node* arg);
bool definition_flag(const PgQuery__DefElem& element);
catalog::Options parse_rel_options(query::raw::NodeList options);
// An error's position from a byte offset in the statement's text; 0 when unknown.
int position_of(const UtilityCall& call, int location);
void notice_skip(SessionContext& context, std::string message);

// Whether a relation of that name is there: with `if_not_exists` a notice and true, else 42P07.
bool skip_existing(Ddl& ddl, const QualifiedName& name, const query::SchemaDesc& schema,
                   bool if_not_exists);

// ---- indexes (index.cpp)
// Makes a btree index; rows that break its uniqueness are 23505.
Oid create_unique_index(Ddl& ddl, const catalog::IndexDefinition& index);
void copy_indexes(Ddl& ddl, Oid table, const query::RelationDesc& source);

// ---- drop (drop.cpp)
// Drops, tells what else went and lets vector indexes and sequences go.
void drop_objects(Ddl& ddl, const std::vector<catalog::ObjectAddress>& objects, bool cascade);
void drop_temp_objects(SessionContext& context);
// ON COMMIT of a new table: notes what its commits do; throws 42P16 for one that is not temporary.
void remember_on_commit(SessionContext& context, Oid table, bool is_temporary,
                        PgQuery__OnCommitAction action);
// Before the commit of a transaction that writes: does what temporary tables were made to.
void follow_on_commit(SessionContext& context);

// ---- the statements
StatementResult run_create_table(UtilityCall& call);
StatementResult run_create_table_as(UtilityCall& call);
StatementResult run_select_into(UtilityCall& call);
StatementResult run_alter_table(UtilityCall& call);
StatementResult run_truncate(UtilityCall& call);
StatementResult run_create_index(UtilityCall& call);
StatementResult run_reindex(UtilityCall& call);
StatementResult run_drop(UtilityCall& call);
StatementResult run_rename(UtilityCall& call);
StatementResult run_set_schema(UtilityCall& call);
StatementResult run_set_owner(UtilityCall& call);
StatementResult run_create_view(UtilityCall& call);
StatementResult run_create_sequence(UtilityCall& call);
StatementResult run_alter_sequence(UtilityCall& call);
StatementResult run_create_enum(UtilityCall& call);
StatementResult run_alter_enum(UtilityCall& call);
StatementResult run_create_composite(UtilityCall& call);
StatementResult run_create_domain(UtilityCall& call);
StatementResult run_alter_domain(UtilityCall& call);
StatementResult run_create_schema(UtilityCall& call);
StatementResult run_create_extension(UtilityCall& call);
StatementResult run_alter_extension(UtilityCall& call);
StatementResult run_comment(UtilityCall& call);
StatementResult run_create_role(UtilityCall& call);
StatementResult run_alter_role(UtilityCall& call);
StatementResult run_alter_role_set(UtilityCall& call);
StatementResult run_drop_role(UtilityCall& call);
StatementResult run_grant(UtilityCall& call);
StatementResult run_grant_role(UtilityCall& call);
StatementResult run_alter_default_privileges(UtilityCall& call);
StatementResult run_create_database(UtilityCall& call);
StatementResult run_alter_database(UtilityCall& call);
StatementResult run_alter_database_set(UtilityCall& call);
StatementResult run_drop_database(UtilityCall& call);
StatementResult run_vacuum(UtilityCall& call);
StatementResult run_cluster(UtilityCall& call);

}  // namespace dvecdb::server::exec
