#include "server/storage/knn_table.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <utility>

#include "server/storage/knn_search.h"
#include "server/storage/store_error.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

enum Column : int { id_column, distance_column, first_argument };
enum Argument : int { index_argument, query_argument, ef_argument, k_argument, filter_argument };
constexpr int required_arguments = k_argument + 1;
constexpr int filter_parameters = 100;
constexpr int argument_count = filter_argument + 1 + filter_parameters;

struct Module {
  Connection* connection;
  IndexFinder find;
};

struct Table : sqlite3_vtab {
  Module* module;
};

struct Cursor : sqlite3_vtab_cursor {
  std::unique_ptr<KnnSearch> search;
  bool is_at_end = true;
  std::int64_t row_number = 0;

  Module& module() const { return *static_cast<Table*>(pVtab)->module; }
};

Cursor& cursor_of(sqlite3_vtab_cursor* cursor) {
  return *static_cast<Cursor*>(cursor);
}

// No exception may pass through SQLite: it waits at the connection for step().
template <typename Work>
int guarded(Cursor& cursor, const Work& work) {
  try {
    work();
    return SQLITE_OK;
  } catch (...) {
    cursor.module().connection->set_pending_error(std::current_exception());
    return SQLITE_ERROR;
  }
}

int connect(sqlite3* handle, void* module, int, const char* const*, sqlite3_vtab** out, char**) {
  std::string declaration =
      "CREATE TABLE knn (id INTEGER, distance, index_oid HIDDEN, query HIDDEN, ef_search HIDDEN,"
      " k HIDDEN, filter_sql HIDDEN";
  for (int i = 1; i <= filter_parameters; ++i) declaration += fmt::format(", p{} HIDDEN", i);
  declaration += ")";
  const int code = sqlite3_declare_vtab(handle, declaration.c_str());
  if (code != SQLITE_OK) return code;
  auto* table = new Table();
  table->module = static_cast<Module*>(module);
  *out = table;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

// Arguments are equalities on the hidden columns; they are handed on in the order of columns, so
// their number tells which they are.
int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  std::array<int, argument_count> constraint_of;
  constraint_of.fill(-1);
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.iColumn < first_argument || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ)
      continue;
    if (!constraint.usable) return SQLITE_CONSTRAINT;
    constraint_of[static_cast<std::size_t>(constraint.iColumn - first_argument)] = i;
  }
  int given = 0;
  while (given < argument_count && constraint_of[static_cast<std::size_t>(given)] >= 0) {
    auto& usage = info->aConstraintUsage[constraint_of[static_cast<std::size_t>(given)]];
    usage.argvIndex = ++given;
    usage.omit = 1;
  }
  info->idxNum = given;
  info->estimatedCost = 100;
  info->estimatedRows = 100;
  const bool is_in_order = info->nOrderBy == 1 && info->aOrderBy[0].iColumn == distance_column &&
                           !info->aOrderBy[0].desc;
  info->orderByConsumed = is_in_order ? 1 : 0;
  return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  *out = new Cursor();
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete &cursor_of(cursor);
  return SQLITE_OK;
}

std::string bytes_of(sqlite3_value* value) {
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
  return {bytes, bytes == nullptr ? 0 : static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

Value value_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return Value::integer(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return Value::real(sqlite3_value_double(value));
    case SQLITE_TEXT:
      return Value::text(bytes_of(value));
    case SQLITE_BLOB:
      return Value::blob(bytes_of(value));
    default:
      return Value::null();
  }
}

std::size_t count_of(sqlite3_value* value) {
  return static_cast<std::size_t>(
      std::clamp<sqlite3_int64>(sqlite3_value_int64(value), 0, 1 << 20));
}

KnnRequest request_of(int argument_given, sqlite3_value** arguments) {
  KnnRequest request;
  request.query = value_of(arguments[query_argument]);
  if (sqlite3_value_type(arguments[ef_argument]) == SQLITE_FLOAT) {
    request.target_recall = sqlite3_value_double(arguments[ef_argument]);
  } else {
    request.ef_search = std::max<std::size_t>(1, count_of(arguments[ef_argument]));
  }
  request.k = count_of(arguments[k_argument]);
  if (argument_given > filter_argument) request.filter_sql = bytes_of(arguments[filter_argument]);
  for (int i = filter_argument + 1; i < argument_given; ++i) {
    request.parameters.push_back(value_of(arguments[i]));
  }
  return request;
}

void move_on(Cursor& cursor) {
  cursor.is_at_end = !cursor.search->next();
  ++cursor.row_number;
}

int filter(sqlite3_vtab_cursor* base, int given, const char*, int, sqlite3_value** arguments) {
  Cursor& cursor = cursor_of(base);
  return guarded(cursor, [&] {
    if (given < required_arguments) {
      throw SqlError(sqlstate::internal_error, "knn needs an index, a query, ef_search and k");
    }
    const Module& module = cursor.module();
    const auto oid = static_cast<Oid>(sqlite3_value_int64(arguments[index_argument]));
    cursor.search.reset();
    cursor.search = std::make_unique<KnnSearch>(*module.connection, module.find(oid),
                                                request_of(given, arguments));
    cursor.row_number = 0;
    move_on(cursor);
  });
}

int next(sqlite3_vtab_cursor* base) {
  Cursor& cursor = cursor_of(base);
  return guarded(cursor, [&] { move_on(cursor); });
}

int eof(sqlite3_vtab_cursor* cursor) {
  return cursor_of(cursor).is_at_end ? 1 : 0;
}

void result_distance(sqlite3_context* context, const Value& distance) {
  switch (distance.kind()) {
    case Value::Kind::null:
      sqlite3_result_null(context);
      return;
    case Value::Kind::real:
      sqlite3_result_double(context, distance.as_real());
      return;
    default:
      sqlite3_result_blob(context, distance.as_bytes().data(),
                          static_cast<int>(distance.as_bytes().size()), SQLITE_STATIC);
  }
}

int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  const Cursor& cursor = cursor_of(base);
  if (number == id_column) sqlite3_result_int64(context, cursor.search->id());
  if (number == distance_column) result_distance(context, cursor.search->distance());
  return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
  *out = cursor_of(cursor).row_number;
  return SQLITE_OK;
}

// Without xCreate the function needs no CREATE VIRTUAL TABLE and allows none.
constexpr sqlite3_module make_methods() {
  sqlite3_module methods{};
  methods.iVersion = 0;
  methods.xConnect = connect;
  methods.xBestIndex = best_index;
  methods.xDisconnect = disconnect;
  methods.xOpen = open;
  methods.xClose = close;
  methods.xFilter = filter;
  methods.xNext = next;
  methods.xEof = eof;
  methods.xColumn = column;
  methods.xRowid = rowid;
  return methods;
}

const sqlite3_module methods = make_methods();

}  // namespace

void register_knn(Connection& connection, IndexFinder find) {
  auto* module = new Module{&connection, std::move(find)};
  // SQLite deletes the module on failure too.
  const int code =
      sqlite3_create_module_v2(connection.handle(), "knn", &methods, module,
                               [](void* pointer) { delete static_cast<Module*>(pointer); });
  if (code != SQLITE_OK) throw_store_error(connection.handle(), code);
}

}  // namespace dvecdb::server::storage
