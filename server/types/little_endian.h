// Numbers in stored values. Both supported machines are little-endian: the stored form is the
// memory form.
#pragma once

#include <cstring>
#include <string>

namespace dvecdb::server::types {

template <typename T>
void append_little_endian(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

template <typename T>
T read_little_endian(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

}  // namespace dvecdb::server::types
