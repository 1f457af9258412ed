#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable array_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
