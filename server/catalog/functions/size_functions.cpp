#include <array>
#include <cmath>

#include "server/catalog/functions/families.h"
#include "server/catalog/table.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

std::int64_t indexes_bytes(const CatalogEnvironment& session, const RelationDesc& table) {
  std::int64_t bytes = 0;
  for (const IndexDesc* index : table.indexes) bytes += session.relation_bytes(index->oid);
  return bytes;
}

const RelationDesc* relation_argument(const FunctionContext& context, Arguments arguments) {
  return session_of(context).catalog().find_relation(oid_of(arguments[0]));
}

Value relation_size(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = relation_argument(context, arguments);
  if (relation == nullptr) return Value::null();
  const bool is_main = arguments.size() < 2 || arguments[1].as_bytes() == "main";
  return Value::integer(is_main ? session_of(context).relation_bytes(relation->oid) : 0);
}

Value table_size(const FunctionContext& context, Arguments arguments) {
  return relation_size(context, arguments.subspan(0, 1));
}

Value indexes_size(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = relation_argument(context, arguments);
  if (relation == nullptr) return Value::null();
  return Value::integer(indexes_bytes(session_of(context), *relation));
}

Value total_size(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = relation_argument(context, arguments);
  if (relation == nullptr) return Value::null();
  const CatalogEnvironment& session = session_of(context);
  return Value::integer(session.relation_bytes(relation->oid) + indexes_bytes(session, *relation));
}

Value database_size(const FunctionContext& context, Arguments arguments) {
  const CatalogEnvironment& session = session_of(context);
  const Snapshot& snapshot = session.catalog().snapshot();
  const bool is_oid = arguments[0].kind() == Value::Kind::integer;
  const DatabaseDesc* database = is_oid ? snapshot.find_database(oid_of(arguments[0]))
                                        : snapshot.find_database(arguments[0].as_bytes());
  if (database != nullptr) return Value::integer(session.database_bytes(database->oid));
  if (is_oid) return Value::null();
  throw types::SqlError(types::sqlstate::invalid_catalog_name,
                        "database \"" + string_of(arguments[0]) + "\" does not exist");
}

Value tablespace_size(const FunctionContext& context, Arguments) {
  const CatalogEnvironment& session = session_of(context);
  std::int64_t bytes = 0;
  for (const DatabaseDesc& database : session.catalog().snapshot().databases()) {
    bytes += session.database_bytes(database.oid);
  }
  return Value::integer(bytes);
}

constexpr std::array<std::string_view, 6> size_units = {"bytes", "kB", "MB", "GB", "TB", "PB"};

// A unit is used for up to 10240 (bytes) or 20479 halves of it.
std::string pretty(std::int64_t size) {
  constexpr std::int64_t byte_limit = 10 * 1024;
  constexpr std::int64_t half_limit = 20 * 1024 - 1;
  const auto magnitude = [](std::int64_t v) {
    return v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
  };
  if (magnitude(size) < static_cast<std::uint64_t>(byte_limit)) {
    return std::to_string(size) + " bytes";
  }
  size /= 512;  // from now on in halves of the unit
  std::size_t unit = 1;
  while (magnitude(size) >= static_cast<std::uint64_t>(half_limit) &&
         unit + 1 < size_units.size()) {
    size /= 1024;
    ++unit;
  }
  const std::int64_t rounded = size / 2 + size % 2;
  return std::to_string(rounded) + " " + std::string(size_units[unit]);
}

Value size_pretty(const FunctionContext&, Arguments arguments) {
  return Value::text(pretty(arguments[0].as_integer()));
}

Value size_pretty_numeric(const FunctionContext&, Arguments arguments) {
  return Value::text(pretty(std::llround(std::strtod(string_of(arguments[0]).c_str(), nullptr))));
}

Value size_bytes(const FunctionContext&, Arguments arguments) {
  const std::string text = string_of(arguments[0]);
  char* rest = nullptr;
  const double number = std::strtod(text.c_str(), &rest);
  const auto refuse = [&text] {
    throw types::SqlError(types::sqlstate::invalid_parameter_value,
                          "invalid size: \"" + text + "\"");
  };
  if (rest == text.c_str()) refuse();
  std::string unit;
  for (; *rest != '\0'; ++rest) {
    if (*rest != ' ') unit.push_back(static_cast<char>(std::tolower(*rest)));
  }
  double factor = 1;
  if (!unit.empty() && unit != "b") {
    for (std::size_t i = 0;; ++i) {
      if (i == size_units.size()) refuse();
      std::string name(size_units[i]);
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      if (name == unit) break;
      factor *= 1024;
    }
  }
  return Value::integer(std::llround(number * factor));
}

// Bytes of a value as PostgreSQL's documentation describes it: fixed types their length, others a
// header and their bytes.
Value column_size(const FunctionContext& context, Arguments arguments) {
  const TypeDesc* type = session_of(context).catalog().find_type(context.call.arguments.at(0).oid);
  if (type != nullptr && type->length > 0) return Value::integer(type->length);
  const bool has_bytes =
      arguments[0].kind() == Value::Kind::text || arguments[0].kind() == Value::Kind::blob;
  if (!has_bytes) return Value::integer(8);
  constexpr std::size_t longest_with_short_header = 126;
  const std::size_t bytes = arguments[0].as_bytes().size();
  return Value::integer(
      static_cast<std::int64_t>(bytes + (bytes <= longest_with_short_header ? 1 : 4)));
}

Value no_text(const FunctionContext&, Arguments) {
  return Value::null();
}

Value file_node(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = relation_argument(context, arguments);
  if (relation == nullptr || relation->store_name.empty()) return Value::null();
  return oid_value(relation->oid);
}

Value file_path(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = relation_argument(context, arguments);
  if (relation == nullptr || relation->store_name.empty()) return Value::null();
  return Value::text("base/" + std::to_string(session_of(context).current_database_oid()) +
                     "/rows.db");
}

constexpr ScalarEntry entries[] = {
    {"pg_column_compression", no_text},
    {"pg_column_size", column_size, true},
    {"pg_database_size_name", database_size},
    {"pg_database_size_oid", database_size},
    {"pg_indexes_size", indexes_size},
    {"pg_relation_filenode", file_node},
    {"pg_relation_filepath", file_path},
    {"pg_relation_size", relation_size},
    {"pg_relation_size_main", relation_size},
    {"pg_size_bytes", size_bytes},
    {"pg_size_pretty", size_pretty},
    {"pg_size_pretty_numeric", size_pretty_numeric},
    {"pg_table_size", table_size},
    {"pg_tablespace_size_name", tablespace_size},
    {"pg_tablespace_size_oid", tablespace_size},
    {"pg_total_relation_size", total_size},
};

}  // namespace

ScalarTable size_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
