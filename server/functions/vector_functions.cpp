#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable vector_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
