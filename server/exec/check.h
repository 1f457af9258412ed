// Whether what is stored is whole: the row stores, the tables that the catalogs name, and each
// vector index against the rows of its table. Repairs nothing.
#pragma once

#include <functional>
#include <string>

#include "server/exec/open_database.h"

namespace dvecdb::server::exec {

struct Finding {
  std::string database;
  std::string object;
  std::string status;  // "ok", "note" or "damage"
  std::string detail;
};

using Report = std::function<void(const Finding&)>;

// One open database. `cancelled` ends it with 57014.
void check_database(OpenDatabase& database, const std::atomic<bool>* cancelled,
                    const Report& report);

// All databases of a folder that no server uses. Throws SqlError: 55006 when one does, 58030 when
// it is no data folder.
void check_folder(const std::string& data_dir, const Report& report);

}  // namespace dvecdb::server::exec
