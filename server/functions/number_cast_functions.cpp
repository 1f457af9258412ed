#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable number_cast_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
