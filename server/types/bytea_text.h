// Text forms of bytes: hexadecimal and PostgreSQL's escape form. Pure; parsers throw SqlError.
#pragma once

#include <string>
#include <string_view>

namespace dvecdb::server::types {

void append_hex(std::string_view bytes, std::string& out);
// Blanks between digits are skipped. Errors are 22023.
std::string parse_hex(std::string_view text);

void append_escaped(std::string_view bytes, std::string& out);
std::string parse_escaped(std::string_view text);

// Either form, as bytea input takes it.
std::string parse_bytea(std::string_view text);

}  // namespace dvecdb::server::types
