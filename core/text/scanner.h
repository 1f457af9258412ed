#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dvecdb/vector_text.h"

namespace dvecdb::core {

/// Reads the tokens of a vector's text form, blanks before each left out. Borrows the text.
/// Refuses with InvalidInput.
class Scanner {
 public:
  struct Number {
    float value;
    std::string_view token;
  };

  Scanner(const VectorType& type, std::string_view text) : type_(type), text_(text) {}

  bool accept(char wanted);
  bool at_end();
  /// What strtof reads, "+1", "0x10", "inf" and "nan" included.
  Number read_float();
  /// A decimal integer, clamped to the range of int32.
  std::int32_t read_integer();
  [[noreturn]] void refuse_text(const char* detail = nullptr) const;

 private:
  void skip_blanks();

  const VectorType& type_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace dvecdb::core
