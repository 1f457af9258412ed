// What the readers of COPY's two line formats share: lines, header and the count of fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/exec/copy/copy_format.h"

namespace dvecdb::server::exec {

class CopyLineReader : public CopyReader {
 public:
  CopyLineReader(const CopyOptions& options, std::vector<std::string> names, CopySource source);

  bool next(std::vector<CopyField>& fields) override;
  std::int64_t line_number() const final { return line_number_; }
  std::string_view line() const final { return line_; }

 protected:
  // Finds the line at the buffer's position and takes it; false when the data ends before any.
  virtual bool find_line() = 0;
  // Appends the fields of line(). Up to the line's length of bytes can be added to unescaped()
  // without moving those that are there.
  virtual void split(std::vector<CopyField>& fields) = 0;

  const CopyOptions& options() const { return options_; }
  CopyBuffer& buffer() { return buffer_; }
  std::string& unescaped() { return unescaped_; }
  void count_line() { ++line_number_; }

  // Takes `length` bytes as the line and steps over its end. False when it marks the end of data.
  bool take_line(std::size_t length, std::size_t end_length);
  // Takes what is left as the last line, which may lack its end. False when nothing is left.
  bool take_last_line(bool may_end_in_return);

 private:
  bool read_line();
  void split_line(std::vector<CopyField>& fields);
  void check_count(std::size_t count) const;

  const CopyOptions options_;
  const std::vector<std::string> names_;
  CopyBuffer buffer_;
  std::string_view line_;
  std::string unescaped_;
  std::size_t consumed_ = 0;
  std::int64_t line_number_ = 0;
  bool at_end_ = false;
};

}  // namespace dvecdb::server::exec
