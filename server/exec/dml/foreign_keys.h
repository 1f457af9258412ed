// Foreign keys of the rows that one statement writes: what must be checked at its end or at the
// transaction's, and what other rows follow (CASCADE, SET NULL, SET DEFAULT).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/exec/session_context.h"

namespace dvecdb::server::exec {

class TableWriter;

class ForeignKeys {
 public:
  explicit ForeignKeys(SessionContext& context);
  ~ForeignKeys();

  // A row of a table that refers to others was inserted or updated.
  void row_written(const query::RelationDesc& relation, std::int64_t rowid);
  // A row that others may refer to was changed or removed.
  void row_updated(const query::RelationDesc& relation, const std::vector<Value>& old_row,
                   const std::vector<Value>& new_row);
  void row_removed(const query::RelationDesc& relation, const std::vector<Value>& old_row);
  // At the statement's end: follows and checks what is not deferred. Throws 23503.
  void finish();

  // Checks all rows of a table against a constraint (ADD CONSTRAINT, VALIDATE).
  static void check_all(SessionContext& context, const query::RelationDesc& relation,
                        const query::ConstraintDesc& constraint);

 private:
  struct Written {
    const query::ConstraintDesc* constraint;
    const query::RelationDesc* relation;
    std::int64_t rowid;
  };
  struct Left {  // a key that was there and may be referred to
    const query::ConstraintDesc* constraint;
    const query::RelationDesc* referenced;
    std::vector<Value> key;
    std::vector<Value> new_key;  // of an update
    bool is_update = false;
  };

  void left(const query::RelationDesc& relation, const std::vector<Value>& old_row,
            const std::vector<Value>* new_row);
  void follow(const Left& change, char action);
  TableWriter& writer(const query::RelationDesc& relation);

  SessionContext& context_;
  std::deque<Left> left_;
  std::vector<Written> written_;
  std::map<types::Oid, std::unique_ptr<TableWriter>> writers_;
};

// SET CONSTRAINTS; no names: all.
void set_constraints(SessionContext& context, const std::vector<std::string>& names, bool deferred);

}  // namespace dvecdb::server::exec
