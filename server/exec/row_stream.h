// What a statement answers: rows pulled one by one, and a command tag.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/exec/session.h"

namespace dvecdb::server::exec {

// Used by the session's thread alone.
class RowStream {
 public:
  virtual ~RowStream() = default;
  // True: `row` holds the next row, borrowed until the next call. False: the end.
  virtual bool next(std::vector<Value>& row) = 0;
};

// Rows kept in memory.
class RowBuffer : public RowStream {
 public:
  // Copies what the values borrow.
  void add(const std::vector<Value>& row);
  void add(std::vector<Value>&& row);
  bool next(std::vector<Value>& row) override;
  std::size_t size() const { return rows_.size(); }
  const std::vector<Value>& at(std::size_t index) const { return rows_[index]; }

 private:
  std::vector<std::vector<Value>> rows_;
  std::size_t position_ = 0;
};

// Reads the rest of a stream into memory.
std::unique_ptr<RowBuffer> buffer_rows(RowStream& stream);

struct StatementResult {
  // Without rows: nothing to describe, `tag` is complete.
  bool has_rows = false;
  std::vector<ResultColumn> columns;
  std::unique_ptr<RowStream> rows;
  // With `tag_counts_rows` the number of rows sent is appended ("SELECT 3").
  std::string tag;
  bool tag_counts_rows = false;
};

// A result of text columns, for SHOW, EXPLAIN and the like.
class TextResult {
 public:
  TextResult(std::vector<std::string> names, std::string tag);
  void add(std::vector<std::string> row);
  StatementResult take();

 private:
  StatementResult result_;
  std::unique_ptr<RowBuffer> buffer_;
};

StatementResult tag_result(std::string tag);

}  // namespace dvecdb::server::exec
