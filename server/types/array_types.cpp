#include "server/types/type_handler.h"

namespace dvecdb::server::types {

const TypeHandler& array_handler() {
  static constexpr TypeHandler handler{};
  return handler;
}

}  // namespace dvecdb::server::types
