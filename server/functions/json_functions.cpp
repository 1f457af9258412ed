#include "server/functions/families.h"
#include "server/functions/json_tables.h"

namespace dvecdb::server::functions {

ScalarTable json_functions() {
  static const std::vector<ScalarEntry> all = [] {
    std::vector<ScalarEntry> joined;
    for (ScalarTable table :
         {json_access_functions(), json_build_functions(), json_edit_functions(),
          json_record_functions(), json_path_functions()}) {
      joined.insert(joined.end(), table.begin(), table.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace dvecdb::server::functions
