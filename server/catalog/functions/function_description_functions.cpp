// pg_get_function_*: the arguments and results of functions in words.
#include "server/catalog/functions/families.h"
#include "server/catalog/names.h"
#include "server/catalog/sql_functions.h"
#include "server/catalog/table.h"
#include "server/catalog/type_names.h"

namespace dvecdb::server::catalog {

namespace {

struct Argument {
  std::string name;
  char mode = 'i';
  Oid type = types::invalid_oid;
  std::string default_text;
};

bool is_input(char mode) {
  return mode == 'i' || mode == 'b' || mode == 'v';
}

std::optional<StoreRow> proc_row(const FunctionContext& context, const Value& oid) {
  auto found = find_rows(session_of(context).connection(), pg_proc::table,
                         {{pg_proc::oid, oid_value(oid_of(oid))}});
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<Argument> arguments_of(const StoreRow& row) {
  using namespace pg_proc;
  const std::vector<std::string> names = row.texts(proargnames);
  const std::vector<std::string> modes = row.texts(proargmodes);
  const std::vector<std::int64_t> argument_types =
      row.integers(row.is_null(proallargtypes) ? proargtypes : proallargtypes);
  std::vector<Argument> out;
  for (std::size_t i = 0; i < argument_types.size(); ++i) {
    Argument argument;
    if (i < names.size()) argument.name = names[i];
    if (i < modes.size() && !modes[i].empty()) argument.mode = modes[i].front();
    argument.type = static_cast<Oid>(argument_types[i]);
    out.push_back(std::move(argument));
  }
  std::vector<std::string> defaults = split_expressions(row.text(proargdefaults));
  for (auto argument = out.rbegin(); argument != out.rend() && !defaults.empty(); ++argument) {
    if (!is_input(argument->mode)) continue;
    argument->default_text = defaults.back();
    defaults.pop_back();
  }
  return out;
}

std::string print_argument(const SessionCatalog& catalog, const Argument& argument,
                           bool with_default) {
  std::string out;
  if (argument.mode == 'o') out = "OUT ";
  if (argument.mode == 'b') out = "INOUT ";
  if (argument.mode == 'v') out = "VARIADIC ";
  if (!argument.name.empty()) out += quote_name(argument.name) + " ";
  out += type_text(catalog, {argument.type, -1});
  if (with_default && !argument.default_text.empty()) out += " DEFAULT " + argument.default_text;
  return out;
}

std::string print_arguments(const FunctionContext& context, const StoreRow& row,
                            bool with_defaults) {
  const SessionCatalog& catalog = session_of(context).catalog();
  const auto aggregates = find_rows(session_of(context).connection(), pg_aggregate::table,
                                    {{pg_aggregate::aggfnoid, row.value(pg_proc::oid)}});
  const bool is_ordered_set =
      !aggregates.empty() && aggregates.front().character(pg_aggregate::aggkind) != 'n';
  const std::int64_t direct =
      is_ordered_set ? aggregates.front().integer(pg_aggregate::aggnumdirectargs) : -1;
  std::string out;
  std::int64_t printed = 0;
  for (const Argument& argument : arguments_of(row)) {
    if (argument.mode == 't') continue;
    if (printed == direct) {
      out += out.empty() ? "ORDER BY " : " ORDER BY ";
    } else if (!out.empty()) {
      out += ", ";
    }
    out += print_argument(catalog, argument, with_defaults);
    ++printed;
  }
  return out;
}

std::string print_result(const FunctionContext& context, const StoreRow& row) {
  const SessionCatalog& catalog = session_of(context).catalog();
  std::string table;
  for (const Argument& argument : arguments_of(row)) {
    if (argument.mode != 't') continue;
    Argument column = argument;
    column.mode = 'i';
    table += (table.empty() ? "" : ", ") + print_argument(catalog, column, false);
  }
  if (!table.empty()) return "TABLE(" + table + ")";
  const std::string type = type_text(catalog, {row.oid(pg_proc::prorettype), -1});
  return row.boolean(pg_proc::proretset) ? "SETOF " + type : type;
}

Value function_arguments(const FunctionContext& context, Arguments arguments) {
  const auto row = proc_row(context, arguments[0]);
  return row ? Value::text(print_arguments(context, *row, true)) : Value::null();
}

Value function_identity_arguments(const FunctionContext& context, Arguments arguments) {
  const auto row = proc_row(context, arguments[0]);
  return row ? Value::text(print_arguments(context, *row, false)) : Value::null();
}

Value function_result(const FunctionContext& context, Arguments arguments) {
  const auto row = proc_row(context, arguments[0]);
  if (!row || row->character(pg_proc::prokind) == 'p') return Value::null();
  return Value::text(print_result(context, *row));
}

Value function_argument_default(const FunctionContext& context, Arguments arguments) {
  const auto row = proc_row(context, arguments[0]);
  if (!row) return Value::null();
  std::int64_t wanted = arguments[1].as_integer();
  for (const Argument& argument : arguments_of(*row)) {
    if (is_input(argument.mode) && --wanted == 0) return text_or_null(argument.default_text);
  }
  return Value::null();
}

Value function_sql_body(const FunctionContext& context, Arguments arguments) {
  const auto row = proc_row(context, arguments[0]);
  return row ? text_or_null(row->text(pg_proc::prosqlbody)) : Value::null();
}

std::string_view volatility_word(char volatility) {
  return volatility == 'i' ? " IMMUTABLE" : (volatility == 's' ? " STABLE" : "");
}

Value function_definition(const FunctionContext& context, Arguments arguments) {
  using namespace pg_proc;
  CatalogEnvironment& session = session_of(context);
  const auto row = proc_row(context, arguments[0]);
  if (!row) return Value::null();
  const SchemaDesc* schema = session.catalog().find_schema(row->oid(pronamespace));
  const std::string name = row->text(proname);
  std::string out = "CREATE OR REPLACE FUNCTION " +
                    qualified_name(schema == nullptr ? "" : schema->name, name) + "(" +
                    print_arguments(context, *row, true) + ")\n RETURNS " +
                    print_result(context, *row) + "\n";
  const auto languages = find_rows(session.connection(), pg_language::table,
                                   {{pg_language::oid, row->value(prolang)}});
  out += " LANGUAGE " +
         (languages.empty() ? std::string("internal")
                            : quote_name(languages.front().text(pg_language::lanname))) +
         "\n";
  std::string properties(volatility_word(row->character(provolatile)));
  const char parallel = row->character(proparallel);
  if (parallel == 's') properties += " PARALLEL SAFE";
  if (parallel == 'r') properties += " PARALLEL RESTRICTED";
  if (row->boolean(proisstrict)) properties += " STRICT";
  if (row->boolean(prosecdef)) properties += " SECURITY DEFINER";
  if (row->boolean(proleakproof)) properties += " LEAKPROOF";
  if (!properties.empty()) out += properties + "\n";
  if (!row->is_null(prosqlbody)) return Value::text(out + row->text(prosqlbody) + "\n");
  const std::string quote = "$function$";
  return Value::text(out + "AS " + quote + row->text(prosrc) + quote + "\n");
}

constexpr ScalarEntry entries[] = {
    {"pg_get_function_arg_default", function_argument_default},
    {"pg_get_function_arguments", function_arguments},
    {"pg_get_function_identity_arguments", function_identity_arguments},
    {"pg_get_function_result", function_result},
    {"pg_get_function_sqlbody", function_sql_body},
    {"pg_get_functiondef", function_definition},
};

}  // namespace

ScalarTable function_description_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
