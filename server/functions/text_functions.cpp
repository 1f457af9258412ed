#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable text_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
