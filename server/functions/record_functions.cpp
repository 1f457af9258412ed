#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable record_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
