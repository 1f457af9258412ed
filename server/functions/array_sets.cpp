#include "server/functions/families.h"

namespace dvecdb::server::functions {

SetTable array_sets() {
  return {};
}

}  // namespace dvecdb::server::functions
