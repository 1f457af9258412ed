#include "dvecdb/label_set.h"

#include <roaring/roaring64map.hh>
#include <utility>

namespace roaring {}  // namespace roaring

namespace dvecdb::core {

using namespace roaring;  // NOLINT(google-build-using-namespace): see above

struct LabelSet::Bitmap {
  Roaring64Map labels;
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
  bitmap_->labels.add(label);
}

void LabelSet::add_range(std::uint64_t first, std::uint64_t past_last) {
  for (std::uint64_t label = first; label < past_last; ++label) bitmap_->labels.add(label);
}

void LabelSet::remove(std::uint64_t label) {
  bitmap_->labels.remove(label);
}
bool LabelSet::contains(std::uint64_t label) const {
  return bitmap_->labels.contains(label);
}
std::uint64_t LabelSet::size() const {
  return bitmap_->labels.cardinality();
}
bool LabelSet::empty() const {
  return bitmap_->labels.isEmpty();
}
void LabelSet::intersect(const LabelSet& other) {
  bitmap_->labels &= other.bitmap_->labels;
}
void LabelSet::unite(const LabelSet& other) {
  bitmap_->labels |= other.bitmap_->labels;
}
void LabelSet::subtract(const LabelSet& other) {
  bitmap_->labels -= other.bitmap_->labels;
}

void LabelSet::for_each(const std::function<bool(std::uint64_t)>& visit) const {
  struct Visit {
    const std::function<bool(std::uint64_t)>& function;
    bool goes_on = true;
  } state{visit};
  // Older releases of the library end only the present group of labels on false.
  bitmap_->labels.iterate(
      [](std::uint64_t label, void* context) {
        Visit& v = *static_cast<Visit*>(context);
        v.goes_on = v.goes_on && v.function(label);
        return v.goes_on;
      },
      &state);
}

}  // namespace dvecdb::core
