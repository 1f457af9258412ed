#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable regex_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
