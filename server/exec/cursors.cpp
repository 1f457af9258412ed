#include "server/exec/cursors.h"

#include <fmt/format.h>

#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

PortalPtr Cursors::add(std::string_view name) {
  if (!name.empty() && portals_.count(std::string(name)) > 0) {
    throw SqlError(sqlstate::duplicate_cursor, fmt::format("cursor \"{}\" already exists", name));
  }
  auto portal = std::make_shared<Portal>();
  portals_[std::string(name)] = portal;
  return portal;
}

PortalPtr Cursors::find(std::string_view name) const {
  const auto found = portals_.find(std::string(name));
  return found == portals_.end() ? nullptr : found->second;
}

PortalPtr Cursors::get_portal(std::string_view name) const {
  PortalPtr portal = find(name);
  if (portal) return portal;
  throw SqlError(sqlstate::invalid_cursor_name, fmt::format("portal \"{}\" does not exist", name));
}

PortalPtr Cursors::get_cursor(std::string_view name) const {
  PortalPtr portal = find(name);
  if (portal) return portal;
  throw SqlError(sqlstate::invalid_cursor_name, fmt::format("cursor \"{}\" does not exist", name));
}

void Cursors::end_transaction() {
  for (auto next = portals_.begin(); next != portals_.end();) {
    next = next->second->is_held ? std::next(next) : portals_.erase(next);
  }
}

}  // namespace dvecdb::server::exec
