#include "server/functions/families.h"

namespace dvecdb::server::functions {

AggregateTable json_aggregates() {
  return {};
}

}  // namespace dvecdb::server::functions
