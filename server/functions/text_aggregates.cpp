#include "server/functions/families.h"

namespace dvecdb::server::functions {

AggregateTable text_aggregates() {
  return {};
}

}  // namespace dvecdb::server::functions
