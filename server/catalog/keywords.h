// PostgreSQL 15's key words. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::catalog {

struct Keyword {
  std::string_view word;
  char category = 'U';        // U unreserved, C column name, T type or function name, R reserved
  bool is_bare_label = true;  // may be a column label without AS
};

// In alphabetical order.
const std::vector<Keyword>& keywords();

}  // namespace dvecdb::server::catalog
