// PostgreSQL's own grammar (libpg_query) behind a C++ face.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::query {

// One statement of a (possibly longer) text. `node` is a PgQuery__Node* (protobuf-c tree), kept
// alive by `owner`. Text offsets in the tree count bytes from the start of the whole text.
struct RawStatement {
  std::shared_ptr<const void> owner;
  const void* node = nullptr;
  std::size_t begin = 0;  // this statement's part of the text, without the semicolon
  std::size_t length = 0;
  // True for SELECT, VALUES, INSERT, UPDATE, DELETE (also as the body of WITH): analyze() takes it.
  bool is_query = false;
};

// Limits, also stated in docs/sql.md.
inline constexpr std::size_t max_statement_bytes = 64u << 20;
inline constexpr int max_expression_depth = 2000;

// Throws SqlError: 42601 with position for a syntax error, 54001 for a statement that nests too
// deeply, 54000 for one that is too long. libpg_query does not check its stack: call it on a
// thread with at least parse_stack_bytes of it. Thread-safe.
std::vector<RawStatement> parse(std::string_view text);
inline constexpr std::size_t parse_stack_bytes = 256u << 20;

// "SELECT", "CREATE TABLE" ...: the command tag without counts, and the name used in messages.
std::string_view command_tag(const RawStatement& raw);

// Byte offset -> 1-based character position of a client's error field.
int character_position(std::string_view text, std::size_t byte_offset);

}  // namespace dvecdb::server::query
