// SQL as the handlers write it: a statement with parameters in text form, answered by rows of
// text. Over an exec::Session, so rights, transactions and limits are SQL's.
//
// Used by one thread at a time. Members throw types::SqlError.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/exec/session.h"

namespace dvecdb::server::http::rest {

using Text = std::optional<std::string>;  // nullopt: NULL
using Row = std::vector<Text>;

class Sql {
 public:
  // `check` is called before each statement; what it throws, the statement throws.
  explicit Sql(exec::Session& session, std::function<void()> check = nullptr)
      : session_(session), check_(std::move(check)) {}

  std::vector<Row> rows(std::string_view text, const std::vector<Text>& parameters = {});
  // Rows that an INSERT, UPDATE or DELETE changed.
  std::int64_t change(std::string_view text, const std::vector<Text>& parameters = {});
  // Statements without parameters or answer, as many as there are in `text`.
  void run(std::string_view text);

  // COPY ... TO STDOUT: `take` gets the pieces as they come.
  void copy_out(std::string_view text, const std::function<void(std::string_view)>& take);
  // COPY ... FROM STDIN: `next` gives pieces, "" at the end. What it throws ends the statement.
  std::int64_t copy_in(std::string_view text, const std::function<std::string()>& next);

  exec::TransactionStatus status() const { return session_.status(); }

 private:
  exec::Session& checked_session();

  exec::Session& session_;
  std::function<void()> check_;
};

// BEGIN at its making; ROLLBACK at its end unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Sql& sql, std::string_view modes = "") : sql_(sql) {
    sql_.run("BEGIN " + std::string(modes));
  }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() { sql_.run("COMMIT"); }

 private:
  Sql& sql_;
};
inline constexpr std::string_view one_snapshot = "ISOLATION LEVEL REPEATABLE READ READ ONLY";

// Values of a statement under way; each gets its place, "$3::jsonb".
class Parameters {
 public:
  std::string add(Text value, std::string_view type);
  const std::vector<Text>& values() const { return values_; }

 private:
  std::vector<Text> values_;
};

// "name" for use in SQL.
std::string quote_name(std::string_view name);
// 'text' for use in SQL, where it cannot be a parameter.
std::string quote_text(std::string_view text);
// {"a","b"}: an array in text form.
std::string array_text(const std::vector<std::string>& items);

}  // namespace dvecdb::server::http::rest
