// The definitions of the built-in views, from views/*.sql.
#pragma once

#include <string>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::catalog {

struct ViewText {
  types::Oid oid = types::invalid_oid;
  std::string text;  // a SELECT without semicolon
};

// In no particular order. A file holds statements "CREATE VIEW schema.name AS SELECT ...;", each
// starting at the beginning of a line, with "--" comments between them.
const std::vector<ViewText>& builtin_view_texts();

}  // namespace dvecdb::server::catalog
