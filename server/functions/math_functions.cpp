#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable math_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
