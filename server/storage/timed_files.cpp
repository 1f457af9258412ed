#include "server/storage/timed_files.h"

#include <sqlite3.h>

#include <chrono>

#include "server/storage/store_counters.h"

namespace dvecdb::server::storage {

namespace {

constexpr const char* layer_name = "dvecdb";

// All files of the usual layer that we open have one table of methods. A file with another is left
// as it is, and not counted.
sqlite3_vfs* usual_layer = nullptr;
const sqlite3_io_methods* usual_methods = nullptr;
sqlite3_io_methods timed_methods;

int timed_sync(sqlite3_file* file, int flags) {
  const auto start = std::chrono::steady_clock::now();
  const int code = usual_methods->xSync(file, flags);
  store_counters().syncs.add(std::chrono::steady_clock::now() - start);
  return code;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  const int code = usual_layer->xOpen(usual_layer, name, file, flags, flags_out);
  if (file->pMethods == nullptr) return code;
  // The initialization of a static: once, and safe between threads.
  static const bool is_known = [file] {
    usual_methods = file->pMethods;
    timed_methods = *usual_methods;
    timed_methods.xSync = timed_sync;
    return true;
  }();
  if (is_known && file->pMethods == usual_methods) file->pMethods = &timed_methods;
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
