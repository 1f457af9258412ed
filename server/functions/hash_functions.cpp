#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable hash_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
