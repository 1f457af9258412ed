// The rows with which every database starts: PostgreSQL's own and those of the vector types.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/catalog/text_row.h"

namespace dvecdb::server::catalog {

struct BuiltinTable {
  Oid oid = types::invalid_oid;
  std::string name;    // "pg_class"
  std::string schema;  // "pg_catalog" or "information_schema"
  bool is_shared = false;
  std::vector<Oid> column_types;
  TextTable rows;
};

// Read once at the first use, then by any thread.
class BuiltinRows {
 public:
  static const BuiltinRows& instance();

  // Throws SqlError (XX000) when there is no such table.
  const BuiltinTable& table(Oid oid) const;
  const std::deque<BuiltinTable>& tables() const { return tables_; }

 private:
  BuiltinRows();
  void add_table(const TextRow& relation);
  void add_file(BuiltinTable& table, std::string_view file);
  void resolve_procs(BuiltinTable& table);

  std::deque<BuiltinTable> tables_;
  std::unordered_map<Oid, BuiltinTable*> by_oid_;
  std::unordered_map<std::string_view, std::string_view> proc_oids_;
};

}  // namespace dvecdb::server::catalog
