#include <algorithm>

#include "server/catalog/bootstrap.h"
#include "server/catalog/drop_plan.h"
#include "server/catalog/object_description.h"
#include "server/catalog/session_catalog.h"
#include "server/catalog/writer_rows.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

namespace sqlstate = types::sqlstate;
using types::SqlError;

[[noreturn]] void refuse_part(const query::Catalog& catalog, storage::Connection& connection,
                              const DropPlan& plan) {
  const std::string part = describe_object(catalog, connection, plan.part);
  const std::string whole = describe_object(catalog, connection, plan.whole);
  throw SqlError(sqlstate::dependent_objects_still_exist,
                 "cannot drop " + part + " because " + whole + " requires it")
      .hint("You can drop " + whole + " instead.");
}

[[noreturn]] void refuse_dependents(const query::Catalog& catalog, storage::Connection& connection,
                                    const std::vector<ObjectAddress>& asked, const DropPlan& plan) {
  std::string detail;
  for (const DropPlan::Dependent& dependent : plan.dependents) {
    if (!detail.empty()) detail += "\n";
    detail += describe_object(catalog, connection, dependent.object) + " depends on " +
              describe_object(catalog, connection, dependent.referenced);
  }
  const std::string what =
      asked.size() == 1 ? describe_object(catalog, connection, asked.front()) : "";
  throw SqlError(sqlstate::dependent_objects_still_exist,
                 asked.size() == 1
                     ? "cannot drop " + what + " because other objects depend on it"
                     : "cannot drop desired object(s) because other objects depend on them")
      .detail(detail)
      .hint("Use DROP ... CASCADE to drop the dependent objects too.");
}

bool is_built_in(const ObjectAddress& object) {
  constexpr Oid public_schema = 2200;
  return (object.object < first_user_oid && object != schema_address(public_schema)) ||
         object == extension_address(vector_extension_oid);
}

class Dropper {
 public:
  explicit Dropper(storage::Connection& connection) : connection_(connection) {}

  void drop(const ObjectAddress& object) {
    if (object.catalog == pg_class::table.oid && object.column != 0) {
      drop_column(object);
    } else if (object.catalog == pg_class::table.oid) {
      drop_relation(object.object);
    } else if (object.catalog == pg_constraint::table.oid) {
      drop_constraint(object.object);
    } else if (object.catalog == pg_attrdef::table.oid) {
      drop_default(object.object);
    } else {
      drop_plain(object);
    }
    forget(object);
  }

 private:
  // Comments, dependencies and the like of an object or column.
  void forget(const ObjectAddress& object) {
    ColumnValues dependency = {{pg_depend::classid, oid_value(object.catalog)},
                               {pg_depend::objid, oid_value(object.object)}};
    ColumnValues comment = {{pg_description::classoid, oid_value(object.catalog)},
                            {pg_description::objoid, oid_value(object.object)}};
    if (object.column != 0) {
      dependency.push_back({pg_depend::objsubid, Value::integer(object.column)});
      comment.push_back({pg_description::objsubid, Value::integer(object.column)});
    }
    delete_rows(connection_, pg_depend::table, dependency);
    delete_rows(connection_, pg_description::table, comment);
  }

  void drop_relation(Oid oid) {
    const std::vector<StoreRow> rows =
        find_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(oid)}});
    if (rows.empty()) return;
    const std::string number = std::to_string(oid);
    switch (rows.front().character(pg_class::relkind)) {
      case 'r':
        connection_.execute("DROP TABLE main.t" + number);
        break;
      case 'i':
        drop_index(oid);
        break;
      case 'S':
        connection_.execute("DROP VIEW main.t" + number +
                            "; DELETE FROM main.sequence_state WHERE sequence = " + number);
        delete_rows(connection_, pg_sequence::table, {{pg_sequence::seqrelid, oid_value(oid)}});
        break;
      default:
        break;
    }
    delete_rows(connection_, pg_attribute::table, {{pg_attribute::attrelid, oid_value(oid)}});
    delete_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(oid)}});
  }

  void drop_index(Oid oid) {
    connection_.execute("DROP INDEX IF EXISTS main.i" + std::to_string(oid));
    using namespace pg_index;
    const std::vector<StoreRow> rows =
        find_rows(connection_, table, {{indexrelid, oid_value(oid)}});
    delete_rows(connection_, table, {{indexrelid, oid_value(oid)}});
    if (rows.empty()) return;
    const Value owner = rows.front().value(indrelid);
    const bool has_more = !find_rows(connection_, table, {{indrelid, owner}}).empty();
    update_rows(connection_, pg_class::table, {{pg_class::oid, owner}},
                {{pg_class::relhasindex, Value::boolean(has_more)}});
  }

  void drop_column(const ObjectAddress& object) {
    using namespace pg_attribute;
    const ColumnValues self = {{attrelid, oid_value(object.object)},
                               {attnum, Value::integer(object.column)}};
    const std::string name = "........pg.dropped." + std::to_string(object.column) + "........";
    update_rows(connection_, table, self,
                {{attname, text_value(name)},
                 {atttypid, oid_value(types::invalid_oid)},
                 {attnotnull, Value::boolean(false)},
                 {atthasdef, Value::boolean(false)},
                 {attidentity, char_value('\0')},
                 {attgenerated, char_value('\0')},
                 {attisdropped, Value::boolean(true)},
                 {attacl, Value::null()}});
  }

  void drop_constraint(Oid oid) {
    using namespace pg_constraint;
    const std::vector<StoreRow> rows =
        find_rows(connection_, table, {{pg_constraint::oid, oid_value(oid)}});
    if (rows.empty()) return;
    const StoreRow& row = rows.front();
    delete_rows(connection_, table, {{pg_constraint::oid, oid_value(oid)}});
    const auto relations =
        find_rows(connection_, pg_class::table, {{pg_class::oid, row.value(conrelid)}});
    if (row.character(contype) != 'c' || relations.empty()) return;
    const std::int64_t checks = relations.front().integer(pg_class::relchecks);
    update_rows(connection_, pg_class::table, {{pg_class::oid, row.value(conrelid)}},
                {{pg_class::relchecks, Value::integer(checks - 1)}});
  }

  void drop_default(Oid oid) {
    using namespace pg_attrdef;
    for (const StoreRow& row : find_rows(connection_, table, {{pg_attrdef::oid, oid_value(oid)}})) {
      update_rows(
          connection_, pg_attribute::table,
          {{pg_attribute::attrelid, row.value(adrelid)}, {pg_attribute::attnum, row.value(adnum)}},
          {{pg_attribute::atthasdef, Value::boolean(false)}});
    }
    delete_rows(connection_, table, {{pg_attrdef::oid, oid_value(oid)}});
  }

  // Objects that are one row.
  void drop_plain(const ObjectAddress& object) {
    constexpr CatalogTable tables[] = {pg_namespace::table, pg_type::table,      pg_rewrite::table,
                                       pg_proc::table,      pg_extension::table, pg_trigger::table,
                                       pg_operator::table,  pg_cast::table};
    for (const CatalogTable& table : tables) {
      if (table.oid != object.catalog) continue;
      delete_rows(connection_, table, {{1, oid_value(object.object)}});
    }
    if (object.catalog == pg_type::table.oid) {
      delete_rows(connection_, pg_enum::table, {{pg_enum::enumtypid, oid_value(object.object)}});
    }
  }

  storage::Connection& connection_;
};

}  // namespace

DropResult Writer::drop(const std::vector<ObjectAddress>& objects, bool cascade) {
  for (const ObjectAddress& object : objects) {
    if (!is_built_in(object)) continue;
    throw SqlError(sqlstate::dependent_objects_still_exist,
                   "cannot drop " + describe_object(context_.catalog, connection_, object) +
                       " because it is required by the database system");
  }
  const DropPlan plan = plan_drop(connection_, objects);
  if (plan.part.catalog != types::invalid_oid) refuse_part(context_.catalog, connection_, plan);
  if (!cascade && !plan.dependents.empty()) {
    refuse_dependents(context_.catalog, connection_, objects, plan);
  }
  DropResult result;
  result.objects = plan.objects;
  for (const DropPlan::Dependent& dependent : plan.dependents) {
    result.cascaded.push_back(describe_object(context_.catalog, connection_, dependent.object));
  }
  // Columns and defaults of a table that goes need no work of their own.
  const auto is_part_of_dropped = [&](const ObjectAddress& object) {
    const ObjectAddress whole = {object.catalog, object.object, 0};
    return object.column != 0 &&
           std::find(plan.objects.begin(), plan.objects.end(), whole) != plan.objects.end();
  };
  Dropper dropper(connection_);
  for (const ObjectAddress& object : plan.objects) {
    if (!is_part_of_dropped(object)) dropper.drop(object);
  }
  changed();
  return result;
}

}  // namespace dvecdb::server::catalog
