#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable json_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
