#include <sqlite3.h>

#include <cmath>

#include "server/storage/connection.h"
#include "server/storage/store_error.h"

namespace dvecdb::server::storage {

Statement::Statement(Connection* connection, sqlite3_stmt* handle)
    : connection_(connection), handle_(handle) {}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_), handle_(other.handle_) {
  other.handle_ = nullptr;
}

Statement::~Statement() {
  if (handle_ != nullptr) connection_->give_back(handle_);
}

namespace {

int bind_value(sqlite3_stmt* statement, int parameter, const Value& value,
               sqlite3_destructor_type life) {
  switch (value.kind()) {
    case Value::Kind::null:
      return sqlite3_bind_null(statement, parameter);
    case Value::Kind::integer:
      return sqlite3_bind_int64(statement, parameter, value.as_integer());
    case Value::Kind::real:
      if (std::isnan(value.as_real())) {
        return sqlite3_bind_blob64(statement, parameter, Value::nan_blob.data(),
                                   Value::nan_blob.size(), SQLITE_STATIC);
      }
      return sqlite3_bind_double(statement, parameter, value.as_real());
    case Value::Kind::text:
    case Value::Kind::blob:
      break;
  }
  // A null pointer would bind NULL where an empty string is meant.
  const std::string_view bytes = value.as_bytes();
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  if (value.kind() == Value::Kind::blob) {
    return sqlite3_bind_blob64(statement, parameter, data, bytes.size(), life);
  }
  return sqlite3_bind_text64(statement, parameter, data, bytes.size(), life, SQLITE_UTF8);
}

}  // namespace

void Statement::bind(int parameter, const Value& value, bool copy) {
  const int code = bind_value(handle_, parameter, value, copy ? SQLITE_TRANSIENT : SQLITE_STATIC);
  if (code != SQLITE_OK) throw_store_error(connection_->handle(), code);
}

int Statement::parameter_count() const {
  return sqlite3_bind_parameter_count(handle_);
}

bool Statement::step() {
  const bool is_start = sqlite3_stmt_busy(handle_) == 0;
  if (is_start && connection_->depth_ == 0) connection_->interrupted_ = false;
  if (connection_->cancel_requested()) {
    reset();
    throw_store_error(connection_->handle(), SQLITE_INTERRUPT);
  }
  const int code = connection_->step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  connection_->fail(sqlite3_reset(handle_));
}

int Statement::column_count() const {
  return sqlite3_column_count(handle_);
}

Value Statement::column(int index) const {
  switch (sqlite3_column_type(handle_, index)) {
    case SQLITE_INTEGER:
      return Value::integer(sqlite3_column_int64(handle_, index));
    case SQLITE_FLOAT:
      return Value::real(sqlite3_column_double(handle_, index));
    case SQLITE_TEXT: {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, index));
      return Value::text_view(
          {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, index))});
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, index));
      return Value::blob_view(
          {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, index))});
    }
    default:
      return Value::null();
  }
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() {
  sqlite3_reset(handle_);
}

bool Statement::is_read_only() const {
  return sqlite3_stmt_readonly(handle_) != 0;
}

}  // namespace dvecdb::server::storage
