#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "extension/postgres.h"

extern "C" {
#include <storage/buf.h>
#include <storage/bufpage.h>
#include <utils/relcache.h>
}

namespace dvecdb::extension {

/// A small change of up to four pages that is logged as one record.
///
/// It writes the same records as PostgreSQL's generic_xlog.h, which replays them: for each page
/// pieces of (offset, length, bytes). But where that copies whole pages and compares them byte by
/// byte to find the pieces, which takes 10 us a page, here the caller says what it writes.
///
/// The pages are locked exclusively by the caller, in the order that pages are locked in
/// (format.h), and stay as they are until finish(). Trivially destructible; 36 KB.
class PagePatch {
 public:
  static constexpr std::size_t kMaxPages = 4;

  void begin(Relation relation);

  /// The page that the writes to come go to.
  void add_page(Buffer buffer);
  bool is_full() const { return count_ == kMaxPages; }

  /// `at`: in the page added last.
  void write(const void* at, const void* bytes, std::size_t size);

  template <class T>
  void write(const T* at, const T& value) {
    write(at, &value, sizeof value);
  }

  /// cover() of the page added last.
  void cover(const void* end);

  /// Changes the pages and logs it. Nothing happens to pages that nothing was written to.
  void finish();

 private:
  static constexpr std::size_t kMaxBytes = BLCKSZ + 1024;

  struct Delta {
    Buffer buffer;
    std::size_t size;
    std::array<char, kMaxBytes> bytes;
  };

  static void apply(const Delta& delta);
  void log();

  Relation relation_;
  std::size_t count_;
  std::array<Delta, kMaxPages> deltas_;
};

}  // namespace dvecdb::extension
