#include "server/exec/store_sets.h"

#include <fmt/format.h>

#include <optional>

#include "server/exec/store_sets_rows_from.h"
#include "server/exec/store_sets_table.h"
#include "server/types/array.h"

namespace dvecdb::server::exec {

std::string declare_table(int columns, const std::string& after, int arguments) {
  std::string out = "CREATE TABLE x(";
  for (int i = 1; i <= columns; ++i) out += fmt::format("c{},", i);
  out += after;
  for (int i = 0; i < arguments; ++i) out += fmt::format("p{} HIDDEN,", i);
  out.back() = ')';
  return out;
}

namespace {

class ArrayElements {
 public:
  static constexpr int columns = 2;
  static constexpr int arguments = 1;
  static std::string declaration() { return declare_table(0, "value,ordinality,", arguments); }

  explicit ArrayElements(StoreContext&) {}

  void filter(int count, sqlite3_value** values) {
    position_ = 0;
    array_.elements.clear();
    bytes_ = count == 0 ? Value() : to_value(values[0]);
    if (bytes_.is_null()) {
      array_.elements.emplace_back();
      return;
    }
    bytes_.own();
    array_ = types::decode_array(bytes_.as_bytes());
  }
  bool next() { return position_++ < array_.elements.size(); }
  void column(sqlite3_context* context, int index) {
    if (index == 0) {
      set_result(context, array_.elements[position_ - 1]);
    } else {
      sqlite3_result_int64(context, static_cast<sqlite3_int64>(position_));
    }
  }

 private:
  Value bytes_;  // what the elements borrow from
  types::Array array_;
  std::size_t position_ = 0;
};

class Lateral {
 public:
  static constexpr int columns = lateral_columns;
  static constexpr int arguments = 101;
  static std::string declaration() { return declare_table(columns, "", arguments); }

  explicit Lateral(StoreContext& store) : store_(store) {}

  void filter(int count, sqlite3_value** values) {
    const std::string_view sql = to_value(values[0]).as_bytes();
    if (!statement_ || sql != sql_) {
      statement_.reset();
      sql_ = sql;
      statement_.emplace(store_.connection().prepare(sql_));
    }
    statement_->reset();
    for (int i = 1; i < count; ++i) statement_->bind(i, to_value(values[i]));
  }
  bool next() { return statement_->step(); }
  void column(sqlite3_context* context, int index) {
    if (index >= statement_->column_count()) return;
    sqlite3_result_value(context, sqlite3_column_value(statement_->handle(), index));
  }

 private:
  StoreContext& store_;
  std::string sql_;
  std::optional<storage::Statement> statement_;
};

}  // namespace

void register_store_sets(StoreContext& store) {
  TableFunction<ArrayElements>::add(store, "array_elements");
  TableFunction<Lateral>::add(store, "lateral");
  register_rows_from(store);
}

}  // namespace dvecdb::server::exec
