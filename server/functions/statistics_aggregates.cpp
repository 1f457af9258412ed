#include "server/functions/families.h"

namespace dvecdb::server::functions {

AggregateTable statistics_aggregates() {
  return {};
}

}  // namespace dvecdb::server::functions
