#include "server/functions/families.h"

namespace dvecdb::server::functions {

AggregateTable vector_aggregates() {
  return {};
}

}  // namespace dvecdb::server::functions
