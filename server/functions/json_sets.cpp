#include "server/functions/families.h"

namespace dvecdb::server::functions {

SetTable json_sets() {
  return {};
}

}  // namespace dvecdb::server::functions
