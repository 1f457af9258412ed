#include "server/exec/copy/copy_line_reader.h"

#include <fmt/format.h>

#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

CopyLineReader::CopyLineReader(const CopyOptions& options, std::vector<std::string> names,
                               CopySource source)
    : options_(options), names_(std::move(names)), buffer_(std::move(source)) {}

bool CopyLineReader::next(std::vector<CopyField>& fields) {
  if (line_number_ == 0 && options_.header != CopyHeader::none) {
    if (!read_line()) return false;
    if (options_.header == CopyHeader::match) {
      split_line(fields);
      check_copy_header(names_, fields);
    }
  }
  if (!read_line()) return false;
  split_line(fields);
  check_count(fields.size());
  return true;
}

void CopyLineReader::split_line(std::vector<CopyField>& fields) {
  check_utf8(line_);
  fields.clear();
  unescaped_.clear();
  unescaped_.reserve(line_.size());  // so that views into it stay valid
  split(fields);
}

bool CopyLineReader::read_line() {
  line_ = {};
  buffer_.skip(consumed_);
  consumed_ = 0;
  if (at_end_) return false;
  ++line_number_;
  return find_line();
}

bool CopyLineReader::take_line(std::size_t length, std::size_t end_length) {
  line_ = buffer_.unread().substr(0, length);
  consumed_ = length + end_length;
  if (line_ != "\\.") return true;
  buffer_.drain();
  line_ = {};
  consumed_ = 0;
  at_end_ = true;
  return false;
}

bool CopyLineReader::take_last_line(bool may_end_in_return) {
  at_end_ = true;
  const std::string_view rest = buffer_.unread();
  if (rest.empty()) return false;
  const std::size_t end_length = may_end_in_return && rest.back() == '\r' ? 1 : 0;
  return take_line(rest.size() - end_length, end_length);
}

void CopyLineReader::check_count(std::size_t count) const {
  if (count > names_.size() && !(names_.empty() && line_.empty())) {
    throw SqlError(sqlstate::bad_copy_file_format, "extra data after last expected column");
  }
  if (count < names_.size()) {
    throw SqlError(sqlstate::bad_copy_file_format,
                   fmt::format("missing data for column \"{}\"", names_[count]));
  }
}

}  // namespace dvecdb::server::exec
