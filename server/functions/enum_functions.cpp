#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable enum_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
