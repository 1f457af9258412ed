// Tokens of JSON text. Internal to json.cpp.
#pragma once

#include <string>
#include <string_view>

#include "server/types/error.h"

namespace dvecdb::server::types {

class JsonLexer {
 public:
  enum class Token : unsigned char {
    string,
    number,
    object_start,
    object_end,
    array_start,
    array_end,
    comma,
    colon,
    true_word,
    false_word,
    null_word,
    end,
  };

  // `decodes`: strings are decoded into text(). Borrows `input`.
  JsonLexer(std::string_view input, bool decodes) : input_(input), decodes_(decodes) {}

  // Moves to the next token. Throws SqlError for what is none.
  void next();

  Token token() const { return token_; }
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  std::string_view source() const { return input_.substr(begin_, end_ - begin_); }
  std::string& text() { return text_; }

  // The token is not what was expected: "<expected>, but found ...".
  SqlError unexpected(std::string_view expected) const;
  SqlError error(std::string detail) const;

 private:
  void read_string();
  void read_escape();
  void read_unicode_escape();
  void append_code(std::uint32_t code);
  void read_number();
  void read_word();
  SqlError invalid_token() const;

  std::string_view input_;
  bool decodes_;
  Token token_ = Token::end;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint32_t high_surrogate_ = 0;
  std::string text_;
};

}  // namespace dvecdb::server::types
