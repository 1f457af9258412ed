// The tables of functions over the catalog, one a family, in the .cpp file named after it.
// Internal to the room: register_functions() shows them to the others.
#pragma once

#include <span>
#include <string_view>

#include "server/catalog/environment.h"
#include "server/functions/function.h"

namespace dvecdb::server::catalog {

using functions::FunctionContext;
using functions::RowSource;
using functions::ScalarEntry;
using functions::SetEntry;
using types::Value;

using ScalarTable = std::span<const ScalarEntry>;
using SetTable = std::span<const SetEntry>;
using Arguments = std::span<const Value>;

ScalarTable name_functions();
ScalarTable definition_functions();
ScalarTable function_description_functions();
ScalarTable comment_functions();
ScalarTable privilege_functions();
ScalarTable acl_functions();
ScalarTable size_functions();
ScalarTable server_functions();
ScalarTable setting_functions();
ScalarTable lock_functions();
ScalarTable statistics_functions();
ScalarTable type_facts_functions();
ScalarTable sequence_functions();
ScalarTable api_key_functions();
SetTable catalog_sets();
SetTable server_sets();
SetTable acl_sets();
SetTable api_key_sets();

// The session's environment. Throws SqlError (XX000) where there is none.
CatalogEnvironment& session_of(const FunctionContext& context);

// The rows of a set-returning function, made at once.
class Rows final : public RowSource {
 public:
  explicit Rows(std::vector<std::vector<Value>> rows) : rows_(std::move(rows)) {}
  bool next(const FunctionContext&, std::vector<Value>& row) override {
    if (next_ == rows_.size()) return false;
    row = rows_[next_++];
    return true;
  }

 private:
  std::vector<std::vector<Value>> rows_;
  std::size_t next_ = 0;
};

inline std::unique_ptr<RowSource> rows(std::vector<std::vector<Value>> all) {
  return std::make_unique<Rows>(std::move(all));
}

inline Oid oid_of(const Value& value) {
  return static_cast<Oid>(value.as_integer());
}
inline std::string string_of(const Value& value) {
  return std::string(value.as_bytes());
}
// NULL for "".
inline Value text_or_null(std::string text) {
  return text.empty() ? Value::null() : Value::text(std::move(text));
}

}  // namespace dvecdb::server::catalog
