#include <algorithm>

#include "server/functions/families.h"
#include "server/functions/function.h"

namespace dvecdb::server::functions {

namespace {

std::string_view key_of(const ScalarEntry& entry) {
  return entry.symbol;
}
std::string_view key_of(const AggregateEntry& entry) {
  return entry.name;
}
std::string_view key_of(const SetEntry& entry) {
  return entry.symbol;
}

template <typename Entry>
auto position_of(const std::vector<Entry>& sorted, std::string_view key) {
  return std::lower_bound(
      sorted.begin(), sorted.end(), key,
      [](const Entry& entry, std::string_view wanted) { return key_of(entry) < wanted; });
}

template <typename Entry>
const Entry* find(const std::vector<Entry>& sorted, std::string_view key) {
  auto at = position_of(sorted, key);
  return at != sorted.end() && key_of(*at) == key ? &*at : nullptr;
}

// A symbol that is there already gets the new implementation: the last one added wins.
template <typename Entry>
void merge(std::vector<Entry>& sorted, std::span<const Entry> added) {
  // Newer entries must come first among equals to survive unique().
  sorted.insert(sorted.begin(), added.rbegin(), added.rend());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Entry& a, const Entry& b) { return key_of(a) < key_of(b); });
  sorted.erase(std::unique(sorted.begin(), sorted.end(),
                           [](const Entry& a, const Entry& b) { return key_of(a) == key_of(b); }),
               sorted.end());
}

}  // namespace

Registry& Registry::instance() {
  static Registry registry;
  return registry;
}

Registry::Registry() {
  for (ScalarTable table : {comparison_functions(),
                            integer_functions(),
                            float_functions(),
                            numeric_functions(),
                            number_cast_functions(),
                            hash_functions(),
                            math_functions(),
                            datetime_functions(),
                            datetime_field_functions(),
                            datetime_truncation_functions(),
                            datetime_cast_functions(),
                            interval_functions(),
                            clock_functions(),
                            date_printing_functions(),
                            date_reading_functions(),
                            number_picture_functions(),
                            text_functions(),
                            regex_functions(),
                            bytea_functions(),
                            array_functions(),
                            record_functions(),
                            json_functions(),
                            vector_functions(),
                            bit_functions(),
                            network_functions(),
                            uuid_functions(),
                            enum_functions()}) {
    merge(scalars_, table);
  }
  for (AggregateTable table :
       {number_aggregates(), statistics_aggregates(), ordered_set_aggregates(), text_aggregates(),
        array_aggregates(), json_aggregates(), vector_aggregates()}) {
    merge(aggregates_, table);
  }
  for (SetTable table : {series_sets(), text_sets(), array_sets(), json_sets()}) {
    merge(sets_, table);
  }
}

const ScalarEntry* Registry::find_scalar(std::string_view symbol) const {
  return find(scalars_, symbol);
}
const AggregateEntry* Registry::find_aggregate(std::string_view name) const {
  return find(aggregates_, name);
}
const SetEntry* Registry::find_set(std::string_view symbol) const {
  return find(sets_, symbol);
}

void Registry::add(std::span<const ScalarEntry> entries) {
  merge(scalars_, entries);
}
void Registry::add(std::span<const AggregateEntry> entries) {
  merge(aggregates_, entries);
}
void Registry::add(std::span<const SetEntry> entries) {
  merge(sets_, entries);
}

}  // namespace dvecdb::server::functions
