#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace dvecdb::core {

/// A compressed set of labels, as filters use it. Const calls are safe from any number of
/// threads; a writer needs the set for itself.
class LabelSet {
 public:
  LabelSet();
  ~LabelSet();
  LabelSet(const LabelSet& other);
  LabelSet& operator=(const LabelSet& other);
  LabelSet(LabelSet&&) noexcept;
  LabelSet& operator=(LabelSet&&) noexcept;

  void add(std::uint64_t label);
  void add_range(std::uint64_t first, std::uint64_t past_last);
  void remove(std::uint64_t label);
  bool contains(std::uint64_t label) const;
  std::uint64_t size() const;
  bool empty() const;

  void intersect(const LabelSet& other);
  void unite(const LabelSet& other);
  void subtract(const LabelSet& other);

  /// Calls `visit` with every label, ascending, until it returns false.
  void for_each(const std::function<bool(std::uint64_t)>& visit) const;

 private:
  struct Bitmap;
  std::unique_ptr<Bitmap> bitmap_;
};

}  // namespace dvecdb::core
