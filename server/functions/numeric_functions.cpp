#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable numeric_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
