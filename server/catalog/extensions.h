// The extensions that CREATE EXTENSION can name. All that belongs to them is built in: an extension
// is a row of pg_extension, which tools look for and pg_dump writes out.
#pragma once

#include <string_view>

namespace dvecdb::server::catalog {

struct KnownExtension {
  std::string_view name, version, comment;
  bool is_relocatable;
};

inline constexpr KnownExtension known_extensions[] = {
    {"pgcrypto", "1.3", "cryptographic functions: digest, hmac, gen_random_bytes", true},
    {"plpgsql", "1.0", "PL/pgSQL procedural language: accepted for tools, runs nothing", false},
    {"uuid-ossp", "1.1", "generate universally unique identifiers (UUIDs)", true},
    {"vector", "0.8.0", "vector data types and hnsw access method", true},
};

}  // namespace dvecdb::server::catalog
