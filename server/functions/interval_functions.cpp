#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable interval_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
