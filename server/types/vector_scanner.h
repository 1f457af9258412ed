// Reads the tokens of a vector's text form. Internal to the vector types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/types/error.h"

namespace dvecdb::server::types {

// Skips blanks before every token. Borrows `type` and `text`.
class VectorScanner {
 public:
  struct Number {
    float value = 0;
    std::string_view token;
  };

  VectorScanner(std::string_view type, std::string_view text);

  bool accept(char wanted);
  bool at_end();
  // Throws SqlError: 22P02 when there is no number, 22003 when it does not fit a float.
  Number read_float();
  // A decimal integer, clamped to the range of int32. Throws 22P02.
  std::int64_t read_integer();

  SqlError syntax_error(std::string_view detail = {}) const;

 private:
  void skip_blanks();

  std::string_view type_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace dvecdb::server::types
