// The files of data/ and views/ as they are in the binary. Thread-safe.
#pragma once

#include <string_view>
#include <vector>

namespace dvecdb::server::catalog {

// By file name ("pg_type.tsv"); empty when there is none.
std::string_view embedded_file(std::string_view name);
std::vector<std::string_view> embedded_file_names();

}  // namespace dvecdb::server::catalog
