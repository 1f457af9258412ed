#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable network_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
