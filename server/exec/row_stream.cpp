#include "server/exec/row_stream.h"

#include "server/types/oids.h"

namespace dvecdb::server::exec {

void RowBuffer::add(const std::vector<Value>& row) {
  add(std::vector<Value>(row));
}

void RowBuffer::add(std::vector<Value>&& row) {
  for (Value& value : row) value.own();
  rows_.push_back(std::move(row));
}

bool RowBuffer::next(std::vector<Value>& row) {
  if (position_ >= rows_.size()) return false;
  row = std::move(rows_[position_++]);
  return true;
}

std::unique_ptr<RowBuffer> buffer_rows(RowStream& stream) {
  auto buffer = std::make_unique<RowBuffer>();
  std::vector<Value> row;
  while (stream.next(row)) buffer->add(row);
  return buffer;
}

TextResult::TextResult(std::vector<std::string> names, std::string tag)
    : buffer_(std::make_unique<RowBuffer>()) {
  result_.has_rows = true;
  result_.tag = std::move(tag);
  for (std::string& name : names) {
    result_.columns.push_back({std::move(name), {types::oids::text, -1}, types::invalid_oid, 0});
  }
}

void TextResult::add(std::vector<std::string> row) {
  std::vector<Value> values;
  values.reserve(row.size());
  for (std::string& text : row) values.push_back(Value::text(std::move(text)));
  buffer_->add(std::move(values));
}

StatementResult TextResult::take() {
  result_.rows = std::move(buffer_);
  return std::move(result_);
}

StatementResult tag_result(std::string tag) {
  StatementResult result;
  result.tag = std::move(tag);
  return result;
}

}  // namespace dvecdb::server::exec
