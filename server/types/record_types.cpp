#include "server/types/type_handler.h"

namespace dvecdb::server::types {

const TypeHandler& record_handler() {
  static constexpr TypeHandler handler{};
  return handler;
}

}  // namespace dvecdb::server::types
