// The prepared statements of one connection that nobody uses just now, by their text. The least
// recently used goes when there are too many. Not thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <string_view>
#include <unordered_map>

struct sqlite3_stmt;

namespace dvecdb::server::storage {

class StatementCache {
 public:
  explicit StatementCache(std::size_t capacity) : capacity_(capacity) {}
  ~StatementCache();
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;

  // The statement of that text, now the caller's; nullptr when there is none.
  sqlite3_stmt* take(std::string_view sql);
  // The cache owns `statement` from now on.
  void put(sqlite3_stmt* statement);
  void clear();

 private:
  // The key is the text that the statement itself holds.
  using Entry = std::list<sqlite3_stmt*>::iterator;
  std::size_t capacity_;
  std::list<sqlite3_stmt*> by_use_;  // most recent first
  std::unordered_multimap<std::string_view, Entry> by_text_;
};

}  // namespace dvecdb::server::storage
