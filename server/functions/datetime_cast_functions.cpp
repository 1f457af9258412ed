#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable datetime_cast_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
