#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable comparison_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
