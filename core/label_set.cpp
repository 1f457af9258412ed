#include "dvecdb/label_set.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <roaring/roaring.hh>
#include <stdexcept>
#include <utility>
#include <vector>

namespace roaring {}  // namespace roaring

namespace dvecdb::core {

using namespace roaring;  // NOLINT(google-build-using-namespace): see above

namespace {

// What a test of a member costs more than one of a bit, and what it costs to make a bit: only
// their ratio matters.
constexpr std::uint64_t kTestCost = 8;
constexpr std::uint64_t kBitCost = 2;
constexpr std::uint64_t kMaxBitsPerLabel = 256;

constexpr std::uint32_t high_of(std::uint64_t label) {
  return static_cast<std::uint32_t>(label >> 32);
}
constexpr std::uint32_t low_of(std::uint64_t label) {
  return static_cast<std::uint32_t>(label);
}
constexpr std::uint64_t label_of(std::uint32_t high, std::uint32_t low) {
  return std::uint64_t{high} << 32 | low;
}

}  // namespace

/// A bitmap for each value of the labels' high halves, none empty. (The library's own class for 64
/// bits copies its bitmaps to count or visit them, in the release that Debian 12 has.)
struct LabelSet::Bitmap {
  using Words = std::vector<std::uint64_t>;
  using Parts = std::map<std::uint32_t, Roaring>;

  Bitmap() = default;
  Bitmap(const Bitmap& other) : parts(other.parts), number(other.number) {}
  ~Bitmap() { forget_bits(); }

  /// To change it.
  Parts& changed() {
    forget_bits();
    number = next_number();
    return parts;
  }

  void forget_bits() {
    asked.store(0, std::memory_order_relaxed);
    if (bits.load(std::memory_order_relaxed) != nullptr) delete bits.exchange(nullptr);
  }

  std::uint64_t size() const {
    std::uint64_t count = 0;
    for (const auto& part : parts) count += part.second.cardinality();
    return count;
  }

  std::uint64_t largest() const {
    return parts.empty() ? 0 : label_of(parts.rbegin()->first, parts.rbegin()->second.maximum());
  }

  void drop_empty_parts() {
    std::erase_if(parts, [](const auto& part) { return part.second.isEmpty(); });
  }

  /// Calls `visit(label)` for every label, ascending, until it returns false.
  template <class Visit>
  void for_each(Visit visit) const {
    struct State {
      Visit& visit;
      std::uint32_t high;
      bool goes_on;
    } state{visit, 0, true};
    for (const auto& part : parts) {
      state.high = part.first;
      // The library may go on to the end of a group of labels after false.
      part.second.iterate(
          [](std::uint32_t low, void* context) {
            State& s = *static_cast<State*>(context);
            s.goes_on = s.goes_on && s.visit(label_of(s.high, low));
            return s.goes_on;
          },
          &state);
      if (!state.goes_on) return;
    }
  }

  const Words* make_bits() const {
    auto made = std::make_unique<Words>(largest() / 64 + 1);
    for_each([&words = *made](std::uint64_t label) {
      words[label / 64] |= std::uint64_t{1} << label % 64;
      return true;
    });
    Words* none = nullptr;  // unless another thread was first
    return bits.compare_exchange_strong(none, made.get()) ? made.release() : none;
  }

  static std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
  }

  Parts parts;
  std::uint64_t number = next_number();
  mutable std::atomic<Words*> bits{nullptr};
  mutable std::atomic<std::uint64_t> asked{0};  ///< of how many tests bits() was told
};

LabelSet::LabelSet() : bitmap_(std::make_unique<Bitmap>()) {}
LabelSet::~LabelSet() = default;
LabelSet::LabelSet(const LabelSet& other) : bitmap_(std::make_unique<Bitmap>(*other.bitmap_)) {}
LabelSet::LabelSet(LabelSet&&) noexcept = default;
LabelSet& LabelSet::operator=(LabelSet&&) noexcept = default;

LabelSet& LabelSet::operator=(const LabelSet& other) {
  if (this != &other) bitmap_ = std::make_unique<Bitmap>(*other.bitmap_);
  return *this;
}

void LabelSet::add(std::uint64_t label) {
  bitmap_->changed()[high_of(label)].add(low_of(label));
}

void LabelSet::add_range(std::uint64_t first, std::uint64_t past_last) {
  Bitmap::Parts& parts = bitmap_->changed();
  for (std::uint64_t at = first; at < past_last;) {
    const std::uint64_t next_part = label_of(high_of(at), 0) + (std::uint64_t{1} << 32);
    const bool is_last = next_part == 0 || past_last <= next_part;
    const std::uint64_t last = (is_last ? past_last : next_part) - 1;
    Roaring& part = parts[high_of(at)];
    part.addRange(low_of(at), std::uint64_t{low_of(last)} + 1);
    if (is_last) return;
    at = next_part;
  }
}

void LabelSet::remove(std::uint64_t label) {
  Bitmap::Parts& parts = bitmap_->changed();
  const auto part = parts.find(high_of(label));
  if (part == parts.end()) return;
  part->second.remove(low_of(label));
  if (part->second.isEmpty()) parts.erase(part);
}

bool LabelSet::contains(std::uint64_t label) const {
  const auto part = bitmap_->parts.find(high_of(label));
  return part != bitmap_->parts.end() && part->second.contains(low_of(label));
}

LabelBits LabelSet::bits(std::uint64_t tests) const {
  const Bitmap::Words* made = bitmap_->bits.load();
  if (made == nullptr) {
    const std::uint64_t count = size();
    const std::uint64_t asked = tests + bitmap_->asked.fetch_add(tests, std::memory_order_relaxed);
    const bool pays = count > 0 && asked * kTestCost > count * kBitCost;
    if (!pays || bitmap_->largest() / kMaxBitsPerLabel >= count) return {};
    made = bitmap_->make_bits();
  }
  return {made->data(), 64 * made->size()};
}

std::uint64_t LabelSet::content_number() const {
  return bitmap_->number;
}

std::uint64_t LabelSet::size() const {
  return bitmap_->size();
}

bool LabelSet::empty() const {
  return bitmap_->parts.empty();
}

void LabelSet::intersect(const LabelSet& other) {
  Bitmap::Parts& parts = bitmap_->changed();
  const Bitmap::Parts& others = other.bitmap_->parts;
  std::erase_if(parts, [&](const auto& part) { return others.count(part.first) == 0; });
  for (auto& [high, part] : parts) part &= others.at(high);
  bitmap_->drop_empty_parts();
}

void LabelSet::unite(const LabelSet& other) {
  Bitmap::Parts& parts = bitmap_->changed();
  for (const auto& [high, part] : other.bitmap_->parts) parts[high] |= part;
}

void LabelSet::subtract(const LabelSet& other) {
  Bitmap::Parts& parts = bitmap_->changed();
  for (const auto& [high, part] : other.bitmap_->parts) {
    const auto found = parts.find(high);
    if (found != parts.end()) found->second -= part;
  }
  bitmap_->drop_empty_parts();
}

void LabelSet::for_each(const std::function<bool(std::uint64_t)>& visit) const {
  bitmap_->for_each([&](std::uint64_t label) { return visit(label); });
}

std::uint64_t LabelSet::at_rank(std::uint64_t rank) const {
  for (const auto& [high, part] : bitmap_->parts) {
    std::uint32_t low = 0;
    const std::uint64_t count = part.cardinality();
    if (rank < count && part.select(static_cast<std::uint32_t>(rank), &low)) {
      return label_of(high, low);
    }
    rank -= std::min(rank, count);
  }
  throw std::out_of_range("no label of that rank");
}

}  // namespace dvecdb::core
