// Enums, composite types and domains.
#include "server/catalog/state.h"
#include "server/catalog/writer_rows.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

namespace sqlstate = types::sqlstate;
using types::SqlError;

constexpr std::size_t max_name_bytes = 63;

void check_label(std::string_view label) {
  if (label.size() > max_name_bytes) {
    throw SqlError(sqlstate::invalid_name, "invalid enum label \"" + std::string(label) + "\"")
        .detail("Labels must be 63 bytes or less.");
  }
}

void add_label(storage::Connection& connection, Oid type, std::string_view label, int position) {
  using namespace pg_enum;
  check_label(label);
  const bool is_taken =
      !find_rows(connection, table, {{enumtypid, oid_value(type)}, {enumlabel, text_value(label)}})
           .empty();
  if (is_taken) {
    throw SqlError(sqlstate::duplicate_object,
                   "enum label \"" + std::string(label) + "\" already exists");
  }
  insert_row(connection, table,
             {{pg_enum::oid, oid_value(allocate_oid(connection, false))},
              {enumtypid, oid_value(type)},
              {enumsortorder, Value::real(position)},
              {enumlabel, text_value(label)}});
}

}  // namespace

Oid Writer::create_enum(std::string_view name, Oid schema, Oid owner,
                        const std::vector<std::string>& labels) {
  const Oid array = allocate_oid(connection_, false);
  TypeRow row;
  row.oid = allocate_oid(connection_, false);
  row.name = name;
  row.schema = schema;
  row.owner = owner;
  row.length = 4;
  row.by_value = true;
  row.kind = 'e';
  row.category = 'E';
  row.array = array;
  row.input = "enum_in";
  row.output = "enum_out";
  row.receive = "enum_recv";
  row.send = "enum_send";
  row.storage = 'p';
  add_type(connection_, row);
  add_dependency(connection_, type_address(row.oid), schema_address(schema),
                 DependencyType::normal);
  add_array_type(connection_, row, array);
  int position = 0;
  for (const std::string& label : labels) add_label(connection_, row.oid, label, ++position);
  changed();
  return row.oid;
}

void Writer::add_enum_label(Oid type, std::string_view label) {
  const auto labels =
      find_rows(connection_, pg_enum::table, {{pg_enum::enumtypid, oid_value(type)}});
  add_label(connection_, type, label, static_cast<int>(labels.size()) + 1);
  changed();
}

void Writer::rename_enum_label(Oid type, std::string_view from, std::string_view to) {
  using namespace pg_enum;
  check_label(to);
  const ColumnValues old = {{enumtypid, oid_value(type)}, {enumlabel, text_value(from)}};
  if (find_rows(connection_, table, old).empty()) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "\"" + std::string(from) + "\" is not an existing enum label");
  }
  if (!find_rows(connection_, table, {{enumtypid, oid_value(type)}, {enumlabel, text_value(to)}})
           .empty()) {
    throw SqlError(sqlstate::duplicate_object,
                   "enum label \"" + std::string(to) + "\" already exists");
  }
  update_rows(connection_, table, old, {{enumlabel, text_value(to)}});
  changed();
}

Oid Writer::create_composite(const TableDefinition& type) {
  ClassRow row;
  row.oid = allocate_oid(connection_, false);
  const Oid array = allocate_oid(connection_, false);
  row.row_type = allocate_oid(connection_, false);
  row.name = type.name;
  row.schema = type.schema;
  row.owner = type.owner;
  row.kind = 'c';
  row.columns = static_cast<int>(type.columns.size());
  add_class(connection_, row);
  add_row_types(connection_, row, array);
  write_columns(row.oid, type.columns);
  changed();
  return row.row_type;
}

Oid Writer::create_domain(const DomainDefinition& domain) {
  const StoreRow base = row_of(connection_, pg_type::table, domain.base.oid);
  const Oid array = allocate_oid(connection_, false);
  TypeRow row;
  row.oid = allocate_oid(connection_, false);
  row.name = domain.name;
  row.schema = domain.schema;
  row.owner = domain.owner;
  row.length = static_cast<int>(base.integer(pg_type::typlen));
  row.by_value = base.boolean(pg_type::typbyval);
  row.kind = 'd';
  row.category = base.character(pg_type::typcategory);
  row.array = array;
  row.input = "domain_in";
  row.output_oid = base.oid(pg_type::typoutput);
  row.receive = "domain_recv";
  row.send_oid = base.oid(pg_type::typsend);
  row.alignment = base.character(pg_type::typalign);
  row.storage = base.character(pg_type::typstorage);
  row.not_null = domain.not_null;
  row.base = domain.base;
  row.collation = domain.collation != 0 ? domain.collation : base.oid(pg_type::typcollation);
  if (domain.default_value != nullptr)
    row.default_text = stored_text(*domain.default_value, nullptr);
  add_type(connection_, row);
  const ObjectAddress self = type_address(row.oid);
  add_dependency(connection_, self, schema_address(domain.schema), DependencyType::normal);
  add_dependency(connection_, self, type_address(domain.base.oid), DependencyType::normal);
  add_array_type(connection_, row, array);
  for (const DomainDefinition::Check& check : domain.checks) add_domain_check(row.oid, check);
  changed();
  return row.oid;
}

Oid Writer::add_domain_check(Oid domain, const DomainDefinition::Check& check) {
  using namespace pg_constraint;
  const StoreRow type = row_of(connection_, pg_type::table, domain);
  const Oid schema = type.oid(pg_type::typnamespace);
  const std::string domain_name = type.text(pg_type::typname);
  const std::string name =
      check.name.empty() ? choose_name(domain_name, "", "check", schema) : check.name;
  if (!find_rows(connection_, table,
                 {{conrelid, oid_value(types::invalid_oid)},
                  {contypid, oid_value(domain)},
                  {conname, text_value(name)}})
           .empty()) {
    throw SqlError(sqlstate::duplicate_object,
                   "constraint \"" + name + "\" for domain " + domain_name + " already exists");
  }
  const Oid constraint = allocate_oid(connection_, false);
  insert_row(connection_, table,
             {{pg_constraint::oid, oid_value(constraint)},
              {conname, text_value(name)},
              {connamespace, oid_value(schema)},
              {contype, char_value('c')},
              {convalidated, Value::boolean(true)},
              {contypid, oid_value(domain)},
              {confupdtype, char_value(' ')},
              {confdeltype, char_value(' ')},
              {confmatchtype, char_value(' ')},
              {conislocal, Value::boolean(true)},
              {conbin, text_value(check.text)}});
  add_dependency(connection_, constraint_address(constraint), type_address(domain),
                 DependencyType::automatic);
  changed();
  return constraint;
}

void Writer::set_domain_not_null(Oid domain, bool not_null) {
  update_rows(connection_, pg_type::table, {{pg_type::oid, oid_value(domain)}},
              {{pg_type::typnotnull, Value::boolean(not_null)}});
  changed();
}

void Writer::set_domain_default(Oid domain, const query::Expr* value) {
  const Value text = value == nullptr ? Value::null() : text_value(stored_text(*value, nullptr));
  update_rows(connection_, pg_type::table, {{pg_type::oid, oid_value(domain)}},
              {{pg_type::typdefault, text}, {pg_type::typdefaultbin, text}});
  changed();
}

}  // namespace dvecdb::server::catalog
