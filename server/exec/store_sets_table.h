// A table-valued function of SQLite as a C++ cursor class. Internal to store_sets*.cpp.
//
// Cursor must have: explicit Cursor(StoreContext&); void filter(int count, sqlite3_value** args);
// bool next(); void column(sqlite3_context*, int index); and
//   static constexpr int columns;    visible ones
//   static constexpr int arguments;  hidden ones, at most
//   static std::string declaration();
// All may throw. next() moves on from the row before (or, first, from nothing) and says whether
// there is a row.
#pragma once

#include <sqlite3.h>

#include <string>

#include "server/exec/store_functions_call.h"

namespace dvecdb::server::exec {

template <typename Cursor>
class TableFunction {
 public:
  static void add(StoreContext& store, const char* name) {
    check_registered(store.connection(), sqlite3_create_module_v2(store.connection().handle(), name,
                                                                  &module(), &store, nullptr));
  }

 private:
  struct Table : sqlite3_vtab {
    explicit Table(StoreContext& s) : sqlite3_vtab{}, store(s) {}
    StoreContext& store;
  };
  struct OpenCursor : sqlite3_vtab_cursor {
    explicit OpenCursor(StoreContext& store) : sqlite3_vtab_cursor{}, cursor(store) {}
    Cursor cursor;
    bool has_row = false;
    sqlite3_int64 row = 0;
  };

  static OpenCursor& open_cursor(sqlite3_vtab_cursor* c) { return *static_cast<OpenCursor*>(c); }

  template <typename Body>
  static int guarded_step(sqlite3_vtab* base, Body&& body) {
    const Table& table = *static_cast<Table*>(base);
    try {
      body();
      return SQLITE_OK;
    } catch (const std::bad_alloc&) {
      return SQLITE_NOMEM;
    } catch (const std::exception& error) {
      table.store.keep_error();
      sqlite3_free(base->zErrMsg);
      base->zErrMsg = sqlite3_mprintf("%s", error.what());
      return SQLITE_ERROR;
    }
  }

  static int connect(sqlite3* handle, void* store, int, const char* const*, sqlite3_vtab** out,
                     char**) {
    const int code = sqlite3_declare_vtab(handle, Cursor::declaration().c_str());
    if (code != SQLITE_OK) return code;
    sqlite3_vtab_config(handle, SQLITE_VTAB_INNOCUOUS);
    *out = new Table(*static_cast<StoreContext*>(store));
    return SQLITE_OK;
  }
  static int disconnect(sqlite3_vtab* table) {
    delete static_cast<Table*>(table);
    return SQLITE_OK;
  }

  // Every argument must be known before the rows can be made; conditions on the visible columns
  // are left to SQLite.
  static int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
    int count = 0;
    for (int i = 0; i < info->nConstraint; ++i) {
      const auto& constraint = info->aConstraint[i];
      const bool is_argument =
          constraint.iColumn >= Cursor::columns && constraint.op == SQLITE_INDEX_CONSTRAINT_EQ;
      if (!is_argument) continue;
      if (!constraint.usable) return SQLITE_CONSTRAINT;
      info->aConstraintUsage[i].argvIndex = constraint.iColumn - Cursor::columns + 1;
      info->aConstraintUsage[i].omit = 1;
      ++count;
    }
    info->idxNum = count;
    info->estimatedCost = 20;
    info->estimatedRows = 20;
    return SQLITE_OK;
  }

  static int open(sqlite3_vtab* base, sqlite3_vtab_cursor** out) {
    return guarded_step(base, [&] { *out = new OpenCursor(static_cast<Table*>(base)->store); });
  }
  static int close(sqlite3_vtab_cursor* c) {
    delete static_cast<OpenCursor*>(c);
    return SQLITE_OK;
  }
  static int filter(sqlite3_vtab_cursor* c, int, const char*, int count, sqlite3_value** values) {
    return guarded_step(c->pVtab, [&] {
      OpenCursor& open = open_cursor(c);
      open.row = 1;
      open.has_row = false;
      open.cursor.filter(count, values);
      open.has_row = open.cursor.next();
    });
  }
  static int next(sqlite3_vtab_cursor* c) {
    return guarded_step(c->pVtab, [&] {
      OpenCursor& open = open_cursor(c);
      ++open.row;
      open.has_row = open.cursor.next();
    });
  }
  static int eof(sqlite3_vtab_cursor* c) { return open_cursor(c).has_row ? 0 : 1; }
  static int column(sqlite3_vtab_cursor* c, sqlite3_context* context, int index) {
    return guarded_step(c->pVtab, [&] { open_cursor(c).cursor.column(context, index); });
  }
  static int rowid(sqlite3_vtab_cursor* c, sqlite3_int64* out) {
    *out = open_cursor(c).row;
    return SQLITE_OK;
  }

  static const sqlite3_module& module() {
    // No xCreate: the module is eponymous, it can only be used by its name in FROM.
    static const sqlite3_module shared = [] {
      sqlite3_module m{};
      m.iVersion = 1;
      m.xConnect = connect;
      m.xBestIndex = best_index;
      m.xDisconnect = disconnect;
      m.xDestroy = disconnect;
      m.xOpen = open;
      m.xClose = close;
      m.xFilter = filter;
      m.xNext = next;
      m.xEof = eof;
      m.xColumn = column;
      m.xRowid = rowid;
      return m;
    }();
    return shared;
  }
};

// "CREATE TABLE x(c1, c2, ..., <after>, p0 HIDDEN, ...)"
std::string declare_table(int columns, const std::string& after, int arguments);

}  // namespace dvecdb::server::exec
