#include "server/storage/timed_files.h"

#include <sqlite3.h>

#include <chrono>

#include "server/storage/store_counters.h"

namespace dvecdb::server::storage {

namespace {

constexpr const char* layer_name = "dvecdb";

sqlite3_vfs* usual_layer = nullptr;

// Databases have one table of methods, their logs another, without locks.
enum Kind { database_file, other_file };

template <Kind kind>
struct Methods {
  static inline const sqlite3_io_methods* usual = nullptr;
  static inline sqlite3_io_methods timed;

  static int sync(sqlite3_file* file, int flags) {
    const auto start = std::chrono::steady_clock::now();
    const int code = usual->xSync(file, flags);
    store_counters().syncs.add(std::chrono::steady_clock::now() - start);
    return code;
  }

  // A file with other methods than the first of its kind is left as it is, and not counted.
  static void take_over(sqlite3_file* file) {
    // The initialization of a static: once, and safe between threads.
    static const bool is_known = [file] {
      usual = file->pMethods;
      timed = *usual;
      timed.xSync = sync;
      return true;
    }();
    if (is_known && file->pMethods == usual) file->pMethods = &timed;
  }
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  const int code = usual_layer->xOpen(usual_layer, name, file, flags, flags_out);
  if (file->pMethods == nullptr) return code;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    Methods<database_file>::take_over(file);
  } else {
    Methods<other_file>::take_over(file);
  }
  return code;
}

}  // namespace

const char* timed_files() {
  static const bool is_registered = [] {
    usual_layer = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs layer = *usual_layer;
    layer.zName = layer_name;
    layer.xOpen = open_file;
    return sqlite3_vfs_register(&layer, 0) == SQLITE_OK;
  }();
  return is_registered ? layer_name : nullptr;
}

}  // namespace dvecdb::server::storage
