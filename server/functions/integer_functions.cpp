#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable integer_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
