#include <vector>

#include "server/functions/text_tables.h"

namespace dvecdb::server::functions {

ScalarTable text_functions() {
  static const std::vector<ScalarEntry> all = [] {
    std::vector<ScalarEntry> joined;
    for (ScalarTable table :
         {text_comparison_functions(), text_edit_functions(), text_format_functions(),
          text_array_functions(), encoding_functions()}) {
      joined.insert(joined.end(), table.begin(), table.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace dvecdb::server::functions
