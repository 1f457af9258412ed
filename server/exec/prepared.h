// Analyzed statements kept for their next use: by name (PREPARE, Parse) and by text.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/catalog/snapshot.h"
#include "server/exec/session.h"
#include "server/query/parse.h"
#include "server/query/plan.h"

namespace dvecdb::server::exec {

// A plan and what it is good for. Immutable.
struct CachedPlan {
  catalog::SnapshotPtr catalog;  // keeps what the plan points to
  std::string key;               // SessionContext::plan_key() at planning
  bool reads_clock = false;      // holds the time of its making ('now'::timestamp)
  query::Plan plan;
};
using CachedPlanPtr = std::shared_ptr<const CachedPlan>;

// One statement of a text. Shared by prepared statements and portals.
struct Statement {
  std::shared_ptr<const std::string> text;  // the whole text that positions count in
  query::RawStatement raw;
  bool is_empty = false;
  std::vector<Oid> given_types;  // as the client declared them
  std::vector<Oid> parameters;   // after analysis
  bool takes_parameters = true;  // false: $1 is an error (simple queries)
  bool is_analyzed = false;
  CachedPlanPtr plan;  // of a query
  bool has_rows = false;
  std::vector<ResultColumn> columns;

  std::string_view source() const { return std::string_view(*text).substr(raw.begin, raw.length); }
};
using StatementPtr = std::shared_ptr<Statement>;

// The statements of a text, least recently used ones dropped.
class PlanCache {
 public:
  using Entry = std::shared_ptr<std::vector<StatementPtr>>;
  Entry find(std::string_view text);
  void add(std::string_view text, Entry entry);
  void clear();

 private:
  struct Slot {
    std::string text;
    Entry entry;
  };
  std::list<Slot> slots_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Slot>::iterator> by_text_;
};

struct PreparedStatement {
  StatementPtr statement;
  std::int64_t prepare_time = 0;
  bool from_sql = false;
};

class PreparedStatements {
 public:
  // Throws 42P05 when the name is taken; the unnamed one is replaced.
  void add(std::string_view name, PreparedStatement statement);
  PreparedStatement& get(std::string_view name);  // 26000
  void remove(std::string_view name) { named_.erase(std::string(name)); }
  bool contains(std::string_view name) const { return named_.count(std::string(name)) > 0; }
  void clear() { named_.clear(); }
  const std::map<std::string, PreparedStatement>& all() const { return named_; }

 private:
  std::map<std::string, PreparedStatement> named_;
};

}  // namespace dvecdb::server::exec
