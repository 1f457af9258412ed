// Writes rows of one table and sees that its constraints hold. Lives for one statement, on the
// thread and connection of the transaction that writes.
//
// A row is one Value per column number (index attnum - 1; dropped columns are not looked at).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/exec/dml/table_shape.h"
#include "server/exec/session_context.h"

namespace dvecdb::server::exec {

class ForeignKeys;

class TableWriter {
 public:
  TableWriter(SessionContext& context, ForeignKeys& foreign_keys,
              const query::RelationDesc& relation);

  const query::RelationDesc& relation() const { return *shape_->relation; }
  const TableShape& shape() const { return *shape_; }

  // Fills generated columns and checks the row. Throws 23502, 23514, 23505.
  std::int64_t insert(std::vector<Value>& row);
  // nullopt: a unique index has such a row already.
  std::optional<std::int64_t> insert_or_ignore(std::vector<Value>& row);
  // `values` of `columns` (attnums).
  void update(std::int64_t rowid, std::span<const std::int16_t> columns,
              std::span<const Value> values);
  // False: there is no such row.
  bool remove(std::int64_t rowid);
  // The row that has the same key in a unique index.
  std::optional<std::int64_t> find_conflict(const query::IndexDesc& index,
                                            const std::vector<Value>& row);
  // Checks a row of the table as it is (ALTER TABLE).
  std::vector<Value> fetch(std::int64_t rowid);

 private:
  void prepare_row(std::vector<Value>& row);
  void check_not_null(const std::vector<Value>& row, std::span<const int> indexes);
  void check_checks(const std::vector<Value>& row);
  void bind_row(storage::Statement& statement, const std::vector<Value>& row) const;
  [[noreturn]] void throw_unique(const storage::ConstraintError& error,
                                 const std::vector<Value>& row);
  storage::Statement& lease(std::optional<storage::Statement>& slot, const std::string& sql);
  std::string update_sql(std::span<const std::int16_t> columns) const;
  std::string conflict_sql(const query::IndexDesc& index);

  SessionContext& context_;
  ForeignKeys& foreign_keys_;
  TableShapePtr shape_;
  storage::Connection& connection_;
  std::optional<storage::Statement> insert_, insert_or_ignore_, fetch_, delete_, generated_, check_;
  std::optional<storage::Statement> update_;
  std::vector<std::int16_t> update_columns_;
  std::vector<Value> scratch_;
};

// "(1, abc, null)": a row as errors print it.
std::string describe_row(SessionContext& context, const query::RelationDesc& relation,
                         const std::vector<Value>& row);
// "(a, b)=(1, x)"
std::string describe_key(SessionContext& context, const query::RelationDesc& relation,
                         const std::vector<std::int16_t>& columns, std::span<const Value> values);

}  // namespace dvecdb::server::exec
