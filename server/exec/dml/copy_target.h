// Where COPY FROM's rows go: the columns that the data gives, defaults for the others.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/exec/dml/foreign_keys.h"
#include "server/exec/dml/table_writer.h"
#include "server/query/raw_tree.h"

namespace dvecdb::server::exec {

class CopyTarget {
 public:
  // `numbers`: attnums of the given columns. `where`: COPY's WHERE or null; `text` its statement.
  CopyTarget(SessionContext& context, const query::RelationDesc& relation,
             const std::vector<std::int16_t>& numbers, const query::raw::Node* where,
             std::string_view text);

  // The type in which a given column is read (a domain's base).
  types::TypeRef input_type(std::size_t index) const { return input_types_[index]; }
  // False: WHERE left it out. The values are used up.
  bool add(std::vector<Value>& values);
  void finish() { foreign_keys_.finish(); }

 private:
  void plan_defaults(const std::vector<std::int16_t>& numbers);

  SessionContext& context_;
  ForeignKeys foreign_keys_;
  TableWriter writer_;
  std::vector<std::int16_t> numbers_;
  std::vector<types::TypeRef> input_types_;
  std::vector<Value> row_;
  // Turns the given values into the row when there are defaults or domains to see to.
  std::optional<storage::Statement> source_;
  std::vector<std::int16_t> source_columns_;
  CachedPlanPtr source_plan_;
  std::optional<storage::Statement> where_;
};

}  // namespace dvecdb::server::exec
