#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable bit_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
