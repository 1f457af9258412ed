#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable clock_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
