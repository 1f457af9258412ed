// INSERT, UPDATE, DELETE and TRUNCATE.
#pragma once

#include <vector>

#include "server/exec/session_context.h"

namespace dvecdb::server::exec {

class ForeignKeys;

// "INSERT", "UPDATE", "DELETE" or "SELECT"
std::string_view command_name(query::CommandKind command);

// Runs a plan that is not a SELECT, or one of several parts, on the transaction's writing
// connection; takes the right to write first. Rows of the result are kept in memory.
StatementResult run_dml(SessionContext& context, CachedPlanPtr plan,
                        const std::vector<Value>& parameters);

// Parts of run_dml: each answers the number of rows and fills `returned` (null without RETURNING).
struct DmlCall {
  SessionContext& context;
  const query::Plan& plan;
  const std::vector<Value>& parameters;
  storage::Connection& connection;
  ForeignKeys& foreign_keys;  // of the whole statement; finished by run_dml
  RowBuffer* returned = nullptr;
};
std::int64_t run_insert(DmlCall& call);
std::int64_t run_update(DmlCall& call);
std::int64_t run_delete(DmlCall& call);

// The result columns of RETURNING for a row and the extra values of an UPDATE.
class Returning {
 public:
  explicit Returning(DmlCall& call);
  void add(std::int64_t rowid, std::span<const Value> extra = {});

 private:
  DmlCall& call_;
  std::optional<storage::Statement> statement_;
};

// The columns of the current row of a store statement, from `first` on.
std::vector<Value> read_columns(const storage::Statement& statement, int first, int count);

}  // namespace dvecdb::server::exec
