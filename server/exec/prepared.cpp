#include "server/exec/prepared.h"

#include <fmt/format.h>

#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t max_cached_texts = 256;
// A longer text is data more than a statement: it will hardly come again.
constexpr std::size_t max_cached_text_bytes = 4096;

}  // namespace

PlanCache::Entry PlanCache::find(std::string_view text) {
  const auto found = by_text_.find(text);
  if (found == by_text_.end()) return nullptr;
  slots_.splice(slots_.begin(), slots_, found->second);
  return found->second->entry;
}

void PlanCache::add(std::string_view text, Entry entry) {
  if (text.size() > max_cached_text_bytes || by_text_.count(text) > 0) return;
  slots_.push_front({std::string(text), std::move(entry)});
  by_text_.emplace(slots_.front().text, slots_.begin());
  if (slots_.size() <= max_cached_texts) return;
  by_text_.erase(slots_.back().text);
  slots_.pop_back();
}

void PlanCache::clear() {
  by_text_.clear();
  slots_.clear();
}

void PreparedStatements::add(std::string_view name, PreparedStatement statement) {
  if (!name.empty() && contains(name)) {
    throw SqlError(sqlstate::duplicate_prepared_statement,
                   fmt::format("prepared statement \"{}\" already exists", name));
  }
  named_[std::string(name)] = std::move(statement);
}

PreparedStatement& PreparedStatements::get(std::string_view name) {
  const auto found = named_.find(std::string(name));
  if (found != named_.end()) return found->second;
  if (name.empty()) {
    throw SqlError(sqlstate::invalid_sql_statement_name,
                   "unnamed prepared statement does not exist");
  }
  throw SqlError(sqlstate::invalid_sql_statement_name,
                 fmt::format("prepared statement \"{}\" does not exist", name));
}

}  // namespace dvecdb::server::exec
