// Files that are part of the binary: the console's, and the document of the REST API.
#pragma once

#include <string_view>
#include <vector>

namespace dvecdb::server::http {

// The bytes of the file of that name; "" when there is none.
std::string_view embedded_file(std::string_view name);
std::vector<std::string_view> embedded_file_names();

}  // namespace dvecdb::server::http
