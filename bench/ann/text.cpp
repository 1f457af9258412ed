#include "bench/ann/text.h"

#include <cstdarg>
#include <cstdio>

namespace dvecdb::bench::ann {

std::string text(const char* format, ...) {
  va_list values;
  va_start(values, format);
  va_list again;
  va_copy(again, values);
  const int length = std::vsnprintf(nullptr, 0, format, values);
  va_end(values);
  std::string made(length > 0 ? static_cast<std::size_t>(length) : 0, '\0');
  std::vsnprintf(made.data(), made.size() + 1, format, again);
  va_end(again);
  return made;
}

}  // namespace dvecdb::bench::ann
