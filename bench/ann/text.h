// printf into a string.
#pragma once

#include <string>

namespace dvecdb::bench::ann {

__attribute__((format(printf, 1, 2))) std::string text(const char* format, ...);

}  // namespace dvecdb::bench::ann
