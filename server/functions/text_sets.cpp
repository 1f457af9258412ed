#include "server/functions/families.h"

namespace dvecdb::server::functions {

SetTable text_sets() {
  return {};
}

}  // namespace dvecdb::server::functions
