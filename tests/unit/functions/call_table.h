// Tables of calls as text, one a line:
//   symbol | result type | type value | type value => answer
// Types are pg_type names, a value NULL stands for null. Rows of an aggregate are apart by " ; ".
// Expected answers in the tests are PostgreSQL 15's.
#pragma once

#include <string_view>

namespace dvecdb::server::functions::testing {

void expect_calls(std::string_view table);
void expect_aggregates(std::string_view table);
void expect_sets(std::string_view table);

}  // namespace dvecdb::server::functions::testing
