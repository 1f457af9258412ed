// Rows in COPY text form, read in place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/catalog/row.h"

namespace dvecdb::server::catalog {

// Borrows the file's bytes. The form is our own files': getters trust it.
class TextRow final : public Row {
 public:
  explicit TextRow(const std::string_view* fields) : fields_(fields) {}

  bool is_null(int column) const override { return raw(column) == "\\N"; }
  std::string text(int column) const override;
  char character(int column) const override;
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::vector<std::string> texts(int column) const override;
  std::vector<std::int64_t> integers(int column) const override;
  std::string_view raw(int column) const { return fields_[column - 1]; }

 private:
  const std::string_view* fields_;
};

// The rows of one table.
class TextTable {
 public:
  TextTable() = default;
  explicit TextTable(int columns) : columns_(columns) {}

  // `bytes` must outlive the table.
  void append(std::string_view bytes);
  int columns() const { return columns_; }
  std::size_t size() const { return columns_ == 0 ? 0 : fields_.size() / columns_; }
  TextRow row(std::size_t index) const { return TextRow(&fields_[index * columns_]); }
  void replace(std::size_t index, int column, std::string_view field) {
    fields_[index * columns_ + column - 1] = field;
  }

 private:
  int columns_ = 0;
  std::vector<std::string_view> fields_;
};

// Undoes COPY's backslash escapes.
std::string unescape_copy_text(std::string_view field);

}  // namespace dvecdb::server::catalog
