#include "server/storage/dimension_check.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cctype>

#include "server/storage/store_error.h"
#include "server/storage/vector_distance.h"

namespace dvecdb::server::storage::dimension_check {

namespace {

constexpr const char* function_name = "dv_check_dimensions";
constexpr std::string_view events[] = {"INSERT", "UPDATE"};

std::string trigger_name(Oid index, std::string_view event) {
  return fmt::format("dv_check_{}_{}", index, event);
}

bool is_column(std::string_view expression) {
  return std::all_of(expression.begin(), expression.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '"' || c == '.';
  });
}

// dv_check_dimensions(vector, element, dimensions)
void check_value(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(arguments[0]));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(arguments[0]));
  try {
    check(static_cast<VectorElement>(sqlite3_value_int(arguments[1])),
          sqlite3_value_int64(arguments[2]), {bytes, size});
  } catch (...) {
    static_cast<Connection*>(sqlite3_user_data(context))
        ->set_pending_error(std::current_exception());
    sqlite3_result_error(context, "wrong dimensions", -1);
  }
}

}  // namespace

void check(VectorElement element, std::int64_t expected, std::string_view bytes) {
  const std::int64_t dimensions = stored_dimensions(element, bytes);
  if (dimensions == expected) return;
  throw types::SqlError(types::sqlstate::data_exception,
                        fmt::format("expected {} dimensions, not {}", expected, dimensions));
}

void register_function(Connection& connection) {
  const int code = sqlite3_create_function(connection.handle(), function_name, 3,
                                           SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                           &connection, check_value, nullptr, nullptr);
  if (code != SQLITE_OK) throw_store_error(connection.handle(), code);
}

void add(Connection& writer, const VectorIndexDefinition& definition) {
  if (is_column(definition.expression)) return;
  for (const std::string_view event : events) {
    writer.execute(fmt::format(
        "CREATE TRIGGER {} AFTER {} ON \"{}\" BEGIN SELECT {}(({}), {}, {}) FROM \"{}\""
        " WHERE rowid = NEW.rowid AND ({}); END",
        trigger_name(definition.index, event), event, definition.table, function_name,
        definition.expression, static_cast<int>(definition.element), definition.dimensions,
        definition.table, definition.predicate.empty() ? "1" : definition.predicate));
  }
}

void remove(Connection& writer, Oid index) {
  for (const std::string_view event : events) {
    writer.execute("DROP TRIGGER IF EXISTS " + trigger_name(index, event));
  }
}

}  // namespace dvecdb::server::storage::dimension_check
