#include "server/catalog/session_catalog.h"

#include "server/catalog/reg_names.h"

namespace dvecdb::server::catalog {

std::optional<Oid> SessionCatalog::resolve_reg(Oid reg_type, std::string_view name) const {
  return catalog::resolve_reg(snapshot(), *this, reg_type, name);
}

std::string SessionCatalog::reg_name(Oid reg_type, Oid value) const {
  return print_reg(snapshot(), *this, reg_type, value);
}

}  // namespace dvecdb::server::catalog
