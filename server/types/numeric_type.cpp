#include "server/types/type_handler.h"

namespace dvecdb::server::types {

TypeHandlers numeric_types() {
  return {};
}

}  // namespace dvecdb::server::types
