#include "server/functions/families.h"

namespace dvecdb::server::functions {

AggregateTable array_aggregates() {
  return {};
}

}  // namespace dvecdb::server::functions
