// Objects of one kind, found by oid and by name. Filled once, then read by any thread; pointers to
// the objects stay valid as long as the shelf.
#pragma once

#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::catalog {

template <typename Desc>
class Shelf {
 public:
  // The object's oid and name must not change afterwards.
  Desc& add(Desc desc) {
    Desc& kept = items_.emplace_back(std::move(desc));
    by_oid_[kept.oid] = &kept;
    by_name_[kept.name].push_back(&kept);
    return kept;
  }

  const Desc* find(types::Oid oid) const {
    const auto found = by_oid_.find(oid);
    return found == by_oid_.end() ? nullptr : found->second;
  }
  Desc* find(types::Oid oid) {
    const auto found = by_oid_.find(oid);
    return found == by_oid_.end() ? nullptr : found->second;
  }
  void collect(std::string_view name, std::vector<const Desc*>& out) const {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) out.insert(out.end(), found->second.begin(), found->second.end());
  }
  const Desc* find_first(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second.front();
  }
  // For objects that live in schemas.
  const Desc* find(std::string_view schema, std::string_view name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return nullptr;
    for (const Desc* desc : found->second) {
      if (desc->schema == schema) return desc;
    }
    return nullptr;
  }

  const std::deque<Desc>& items() const { return items_; }
  std::deque<Desc>& items() { return items_; }
  bool is_empty() const { return items_.empty(); }

 private:
  std::deque<Desc> items_;
  std::unordered_map<types::Oid, Desc*> by_oid_;
  std::unordered_map<std::string_view, std::vector<const Desc*>> by_name_;
};

}  // namespace dvecdb::server::catalog
