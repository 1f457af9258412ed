#include "server/functions/families.h"

namespace dvecdb::server::functions {

AggregateTable ordered_set_aggregates() {
  return {};
}

}  // namespace dvecdb::server::functions
