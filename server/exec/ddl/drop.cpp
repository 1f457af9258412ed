// DROP of relations, types, schemas and extensions.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "server/catalog/bootstrap.h"
#include "server/exec/ddl/ddl.h"
#include "server/exec/ddl/vector_index_actions.h"
#include "server/exec/privileges.h"
#include "server/exec/vector_index_definition.h"
#include "server/query/deparse.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using catalog::ObjectAddress;
using query::IndexDesc;
using query::RelationDesc;
using types::SqlError;
using types::TypeRef;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

struct RelationDrop {
  PgQuery__ObjectType type;
  char kind;
  std::string_view name;    // "table"
  std::string_view phrase;  // "a table"
};
constexpr std::array<RelationDrop, 5> relation_drops = {{
    {PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, 'r', "table", "a table"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, 'v', "view", "a view"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_INDEX, 'i', "index", "an index"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, 'S', "sequence", "a sequence"},
    {PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW, 'm', "materialized view", "a materialized view"},
}};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

std::string shown(const QualifiedName& name) {
  return name.name;
}

class Dropper {
 public:
  Dropper(Ddl& ddl, const PgQuery__DropStmt& statement) : ddl_(ddl), statement_(statement) {}

  void run() {
    for (const raw::Node* node : raw::list(statement_.n_objects, statement_.objects)) {
      collect(node);
    }
    if (objects_.empty()) return;
    drop_objects(ddl_, objects_, statement_.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
  }

 private:
  static QualifiedName name_from(const raw::Node* node) {
    if (raw::is(node, PG_QUERY__NODE__NODE_LIST)) {
      return name_of(raw::list(node->list->n_items, node->list->items));
    }
    if (raw::is(node, PG_QUERY__NODE__NODE_TYPE_NAME)) {
      return name_of(raw::list(node->type_name->n_names, node->type_name->names));
    }
    return {{}, std::string(raw::string_of(node))};
  }

  void collect(const raw::Node* node) {
    for (const RelationDrop& relation : relation_drops) {
      if (relation.type == statement_.remove_type) {
        collect_relation(relation, name_from(node));
        return;
      }
    }
    switch (statement_.remove_type) {
      case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
      case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
        collect_type(name_from(node));
        return;
      case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
        collect_schema(std::string(raw::string_of(node)));
        return;
      case PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION:
        collect_extension(std::string(raw::string_of(node)));
        return;
      case PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION:
      case PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE:
      case PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE:
      case PG_QUERY__OBJECT_TYPE__OBJECT_AGGREGATE:
        collect_function(*node);
        return;
      case PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER:
      case PG_QUERY__OBJECT_TYPE__OBJECT_RULE:
      case PG_QUERY__OBJECT_TYPE__OBJECT_POLICY:
        collect_table_part(*node);
        return;
      default:
        refuse_kind(node);
    }
  }

  void collect_relation(const RelationDrop& wanted, const QualifiedName& name) {
    if (!name.schema.empty() && ddl_.catalog().find_schema(name.schema) == nullptr &&
        name.schema != "pg_temp") {
      missing(fmt::format("schema \"{}\" does not exist", name.schema),
              sqlstate::invalid_schema_name);
      return;
    }
    const RelationDesc* relation = find_relation_or_null(ddl_.context(), name);
    if (relation == nullptr) {
      const bool is_index = wanted.kind == 'i';
      missing(fmt::format("{} \"{}\" does not exist", wanted.name, shown(name)),
              is_index ? sqlstate::undefined_object : sqlstate::undefined_table);
      return;
    }
    if (relation->kind != wanted.kind) {
      throw SqlError(sqlstate::wrong_object_type,
                     fmt::format("\"{}\" is not {}", relation->name, wanted.phrase))
          .hint(relation->kind == 'c'
                    ? std::string("Use DROP TYPE to remove a type.")
                    : fmt::format(
                          "Use DROP {} to remove {} {}.", upper(relation_kind_name(relation->kind)),
                          relation->kind == 'i' ? "an" : "a", relation_kind_name(relation->kind)));
    }
    require_not_system(relation->schema, relation->name);
    require_owner(ddl_.context(), relation->owner, wanted.name, relation->name);
    objects_.push_back(catalog::relation_address(relation->oid));
  }

  static void require_not_system(std::string_view schema, std::string_view name) {
    if (schema != "pg_catalog" && schema != "information_schema") return;
    throw SqlError(sqlstate::insufficient_privilege,
                   fmt::format("permission denied: \"{}\" is a system catalog", name));
  }

  void collect_type(const QualifiedName& name) {
    const types::TypeDesc* type = find_user_type(ddl_.context(), name);
    if (type == nullptr) {
      missing(fmt::format("type \"{}\" does not exist", shown(name)), sqlstate::undefined_object);
      return;
    }
    const bool wants_domain = statement_.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN;
    if (wants_domain && type->kind != types::TypeKind::domain) {
      throw SqlError(sqlstate::wrong_object_type,
                     fmt::format("\"{}\" is not a domain", shown(name)));
    }
    if (type->oid < catalog::first_user_oid) {
      throw SqlError(sqlstate::dependent_objects_still_exist,
                     fmt::format("cannot drop type {} because it is required by the database "
                                 "system",
                                 query::format_type(ddl_.catalog(), {type->oid, -1})));
    }
    if (type->relation != types::invalid_oid && type->kind == types::TypeKind::composite) {
      const RelationDesc* relation = ddl_.catalog().find_relation(type->relation);
      if (relation != nullptr && relation->kind != 'c') {
        throw SqlError(sqlstate::dependent_objects_still_exist,
                       fmt::format("cannot drop type {0} because {1} {0} requires it", type->name,
                                   relation_kind_name(relation->kind)))
            .hint(fmt::format("You can drop {1} {0} instead.", type->name,
                              relation_kind_name(relation->kind)));
      }
      if (relation != nullptr) require_owner(ddl_.context(), relation->owner, "type", type->name);
    }
    objects_.push_back(catalog::type_address(type->oid));
  }

  void collect_schema(const std::string& name) {
    const query::SchemaDesc* schema = ddl_.catalog().find_schema(name);
    if (schema == nullptr) {
      missing(fmt::format("schema \"{}\" does not exist", name), sqlstate::invalid_schema_name);
      return;
    }
    if (name == "pg_catalog" || name == "information_schema" || name == "pg_toast") {
      throw SqlError(
          sqlstate::dependent_objects_still_exist,
          fmt::format("cannot drop schema {} because it is required by the database system", name));
    }
    require_owner(ddl_.context(), schema->owner, "schema", name);
    objects_.push_back(catalog::schema_address(schema->oid));
  }

  void collect_extension(const std::string& name) {
    const catalog::ExtensionDesc* extension = ddl_.snapshot().find_extension(name);
    if (extension == nullptr) {
      missing(fmt::format("extension \"{}\" does not exist", name), sqlstate::undefined_object);
      return;
    }
    require_superuser(ddl_.context(), fmt::format("must be owner of extension {}", name));
    if (extension->oid == catalog::vector_extension_oid) {
      require_unused_vector_types();
      ddl_.context().notice("NOTICE", sqlstate::successful_completion,
                            fmt::format("extension \"{}\" is built in and stays", name));
      return;
    }
    objects_.push_back(catalog::extension_address(extension->oid));
  }

  // DROP EXTENSION undoes CREATE EXTENSION when migrations go back: no error where it would take no
  // column along.
  void require_unused_vector_types() const {
    for (const RelationDesc* relation : ddl_.catalog().relations()) {
      for (const query::ColumnDesc& column : relation->columns) {
        const Oid type = column.type.oid;
        const bool is_vector =
            type >= catalog::first_vector_oid && type < catalog::vector_extension_oid;
        if (column.is_dropped || !is_vector) continue;
        throw SqlError(sqlstate::dependent_objects_still_exist,
                       "cannot drop extension vector because other objects depend on it")
            .detail(fmt::format("column {} of table {} depends on type {}", column.name,
                                relation->name, query::format_type(ddl_.catalog(), {type, -1})))
            .hint("The types are built in: drop the columns that use them first.");
      }
    }
  }

  // There are no functions of users: one that is named is built in or missing.
  void collect_function(const raw::Node& node) {
    const PgQuery__ObjectWithArgs& object = *node.object_with_args;
    const QualifiedName name = name_of(raw::list(object.n_objname, object.objname));
    std::string arguments;
    for (const raw::Node* type : raw::list(object.n_objargs, object.objargs)) {
      if (!raw::is(type, PG_QUERY__NODE__NODE_TYPE_NAME)) continue;
      const TypeRef resolved = query::resolve_type_name(ddl_.analysis(), type->type_name);
      arguments += (arguments.empty() ? "" : ",") + query::format_type(ddl_.catalog(), resolved);
    }
    if (!ddl_.catalog().find_procs(name.name).empty()) {
      throw SqlError(sqlstate::dependent_objects_still_exist,
                     fmt::format("cannot drop function {}({}) because it is required by the "
                                 "database system",
                                 name.name, arguments));
    }
    missing(object.args_unspecified != 0
                ? fmt::format("could not find a function named \"{}\"", name.name)
                : fmt::format("function {}({}) does not exist", name.name, arguments),
            sqlstate::undefined_function);
  }

  void collect_table_part(const raw::Node& node) {
    const raw::NodeList parts = raw::list(node.list->n_items, node.list->items);
    const QualifiedName table = name_of(parts.first(parts.size() - 1));
    const std::string_view name = raw::string_of(parts.back());
    const std::string_view kind =
        statement_.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER ? "trigger"
        : statement_.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_RULE  ? "rule"
                                                                        : "policy";
    if (find_relation_or_null(ddl_.context(), table) == nullptr) {
      missing(fmt::format("relation \"{}\" does not exist", table.name), sqlstate::undefined_table);
      return;
    }
    missing(fmt::format("{} \"{}\" for {} \"{}\" does not exist", kind, name,
                        kind == "trigger" ? "table" : "relation", table.name),
            sqlstate::undefined_object);
  }

  // Kinds of which users cannot have any.
  void refuse_kind(const raw::Node* node) {
    if (statement_.missing_ok != 0) {
      notice_skip(ddl_.context(), fmt::format("\"{}\" does not exist", name_from(node).name));
      return;
    }
    throw SqlError(
        sqlstate::feature_not_supported,
        fmt::format("{} is not supported", query::command_tag(ddl_.call().statement.raw)));
  }

  void missing(std::string message, std::string_view state) {
    if (statement_.missing_ok == 0) throw SqlError(state, std::move(message));
    notice_skip(ddl_.context(), std::move(message));
  }

  Ddl& ddl_;
  const PgQuery__DropStmt& statement_;
  std::vector<ObjectAddress> objects_;
};

constexpr std::size_t max_named_cascades = 100;

void tell_cascade(SessionContext& context, const std::vector<std::string>& cascaded) {
  if (cascaded.empty()) return;
  if (cascaded.size() == 1) {
    context.notice("NOTICE", sqlstate::successful_completion,
                   fmt::format("drop cascades to {}", cascaded.front()));
    return;
  }
  std::string detail;
  for (std::size_t i = 0; i < cascaded.size() && i < max_named_cascades; ++i) {
    detail += fmt::format("{}drop cascades to {}", i > 0 ? "\n" : "", cascaded[i]);
  }
  context.notice("NOTICE", sqlstate::successful_completion,
                 fmt::format("drop cascades to {} other objects", cascaded.size()), detail);
}

}  // namespace

void drop_objects(Ddl& ddl, const std::vector<ObjectAddress>& objects, bool cascade) {
  SessionContext& context = ddl.context();
  const catalog::DropResult result = ddl.writer().drop(objects, cascade);
  std::set<Oid> dropped;
  for (const ObjectAddress& object : result.objects) {
    if (object.catalog == catalog::pg_class::table.oid && object.column == 0) {
      dropped.insert(object.object);
    }
  }
  for (const Oid oid : dropped) {
    if (const IndexDesc* index = ddl.catalog().find_index(oid)) {
      if (!is_vector_index(*index)) continue;
      storage::VectorIndexes& indexes = context.database->store().vector_indexes();
      // Triggers go with their table.
      if (dropped.count(index->table) == 0) {
        drop_vector_index(ddl, *index);
      } else {
        context.transaction.at_end([&indexes, oid](bool committed) {
          if (committed) indexes.forget(oid);
        });
      }
    } else if (const RelationDesc* relation = ddl.catalog().find_relation(oid)) {
      if (relation->kind != 'S') continue;
      context.forget_sequence(oid);
    }
  }
  ddl.changed();
  tell_cascade(context, result.cascaded);
}

namespace {

// Drops without a statement of the client's, and without notices.
void drop_quietly(SessionContext& context, const std::vector<catalog::ObjectAddress>& objects) {
  auto statement = std::make_shared<Statement>();
  statement->text = std::make_shared<const std::string>("DROP TABLE temporary");
  statement->raw = query::parse(*statement->text).front();
  const std::vector<Value> none;
  UtilityCall call{context, *statement, none, static_cast<const raw::Node*>(statement->raw.node)};
  ResultSink* sink = std::exchange(context.sink, nullptr);  // nobody wants to hear of it
  try {
    Ddl ddl(call, "DROP TABLE");
    drop_objects(ddl, objects, true);
  } catch (...) {
    context.sink = sink;
    throw;
  }
  context.sink = sink;
}

}  // namespace

void drop_temp_objects(SessionContext& context) {
  const query::SchemaDesc* schema = context.catalog().find_schema(context.temp_schema());
  if (schema != nullptr) drop_quietly(context, {catalog::schema_address(schema->oid)});
}

void follow_on_commit(SessionContext& context) {
  std::vector<catalog::ObjectAddress> dropped;
  for (const auto& [oid, is_dropped] : context.on_commit_tables) {
    const RelationDesc* relation = context.catalog().find_relation(oid);
    if (relation == nullptr) continue;
    if (is_dropped) {
      dropped.push_back(catalog::relation_address(oid));
    } else {
      context.transaction.writing_connection().execute(
          fmt::format("DELETE FROM {}", relation->store_name));
    }
  }
  if (!dropped.empty()) drop_quietly(context, dropped);
}

StatementResult run_drop(UtilityCall& call) {
  const PgQuery__DropStmt& statement = *call.node->drop_stmt;
  const std::string tag(query::command_tag(call.statement.raw));
  Ddl ddl(call, tag);
  Dropper(ddl, statement).run();
  return tag_result(tag);
}

}  // namespace dvecdb::server::exec
