#include "extension/types/toast_cursor.h"

#include <algorithm>

namespace dvecdb::extension {
namespace {

constexpr int most_misses = 16;

}  // namespace

bool ToastCursor::fetch(const varatt_external& pointer, char* out) {
  if (misses_ >= most_misses) return false;
  reader_.expect_order(true);
  if (has_place_ && reader_.read(pointer, next_, out, next_)) {
    misses_ = std::max(misses_ - 1, 0);
    return true;
  }
  ++misses_;
  has_place_ = reader_.find(pointer, &next_);
  return has_place_ && reader_.read(pointer, next_, out, next_);
}

}  // namespace dvecdb::extension
