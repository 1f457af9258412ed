#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable datetime_field_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
