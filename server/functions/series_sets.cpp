#include "server/functions/families.h"

namespace dvecdb::server::functions {

SetTable series_sets() {
  return {};
}

}  // namespace dvecdb::server::functions
