#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable float_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
