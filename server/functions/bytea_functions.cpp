#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable bytea_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
