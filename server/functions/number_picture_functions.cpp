#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable number_picture_functions() {
  return {};
}

}  // namespace dvecdb::server::functions
