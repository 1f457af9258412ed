#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable formatting_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
