#include "server/types/type_handler.h"

namespace dvecdb::server::types {

TypeHandlers vector_types() {
  return {};
}

}  // namespace dvecdb::server::types
