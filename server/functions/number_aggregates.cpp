#include "server/functions/families.h"

namespace dvecdb::server::functions {

AggregateTable number_aggregates() {
  return {};
}

}  // namespace dvecdb::server::functions
