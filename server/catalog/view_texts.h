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

// One of every built-in view, in no particular order. views/README.md tells how the files are read.
const std::vector<ViewText>& builtin_view_texts();

}  // namespace dvecdb::server::catalog
