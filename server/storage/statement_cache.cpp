#include "server/storage/statement_cache.h"

#include <sqlite3.h>

#include "server/storage/store_counters.h"

namespace dvecdb::server::storage {

StatementCache::~StatementCache() {
  clear();
}

sqlite3_stmt* StatementCache::take(std::string_view sql) {
  const auto found = by_text_.find(sql);
  const bool is_known = found != by_text_.end();
  store_counters().statements.add(is_known);
  if (!is_known) return nullptr;
  sqlite3_stmt* statement = *found->second;
  by_use_.erase(found->second);
  by_text_.erase(found);
  return statement;
}

void StatementCache::put(sqlite3_stmt* statement) {
  by_use_.push_front(statement);
  by_text_.emplace(sqlite3_sql(statement), by_use_.begin());
  if (by_use_.size() <= capacity_) return;
  sqlite3_stmt* oldest = by_use_.back();
  auto [entry, end] = by_text_.equal_range(sqlite3_sql(oldest));
  while (entry != end && *entry->second != oldest) ++entry;
  by_text_.erase(entry);
  by_use_.pop_back();
  sqlite3_finalize(oldest);
}

void StatementCache::clear() {
  by_text_.clear();
  for (sqlite3_stmt* statement : by_use_) sqlite3_finalize(statement);
  by_use_.clear();
}

}  // namespace dvecdb::server::storage
