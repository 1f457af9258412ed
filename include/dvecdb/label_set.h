#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace dvecdb::core {

/// A label set's members as plain bits: a test costs about a nanosecond. A view, valid until the
/// set is changed or destroyed.
class LabelBits {
 public:
  LabelBits() = default;
  LabelBits(const std::uint64_t* words, std::uint64_t end) : words_(words), end_(end) {}

  bool empty() const { return words_ == nullptr; }
  bool test(std::uint64_t label) const {
    const std::uint64_t within = label < end_ ? label : 0;
    return (label < end_) & ((words_[within / 64] >> (within % 64) & 1) != 0);
  }

 private:
  const std::uint64_t* words_ = nullptr;
  std::uint64_t end_ = 0;  // labels from here on are no members
};

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

  /// The set as plain bits, for who is about to test `tests` labels. Made once the tests of all
  /// calls so far pay for it, and kept until the set is changed. Empty as long as they do not, and
  /// when the labels are spread so thinly that the bits would take more than 32 bytes a label.
  LabelBits bits(std::uint64_t tests) const;

  /// A number for what the set holds now: sets with equal numbers, copies above all, hold the
  /// same. A change gives a new one.
  std::uint64_t content_number() const;

  std::uint64_t size() const;
  bool empty() const;

  void intersect(const LabelSet& other);
  void unite(const LabelSet& other);
  void subtract(const LabelSet& other);

  /// Calls `visit` with every label, ascending, until it returns false.
  void for_each(const std::function<bool(std::uint64_t)>& visit) const;

  /// The member that `rank` others are less than. Throws std::out_of_range when there is none.
  std::uint64_t at_rank(std::uint64_t rank) const;

 private:
  struct Bitmap;
  std::unique_ptr<Bitmap> bitmap_;
};

}  // namespace dvecdb::core
