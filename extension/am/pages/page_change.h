#pragma once

#include "extension/failure_point.h"
#include "extension/postgres.h"

extern "C" {
#include <access/generic_xlog.h>
#include <storage/bufmgr.h>
#include <utils/relcache.h>
}

namespace dvecdb::extension {

/// While this object lives, changes to one index are not logged: who builds it logs the whole of it
/// at the end. To be owned by the memory context of the build (make_owned), so that it ends with an
/// error, too. One at a time in a backend.
class UnloggedBuild {
 public:
  explicit UnloggedBuild(Oid index);
  ~UnloggedBuild();
  UnloggedBuild(const UnloggedBuild&) = delete;
  UnloggedBuild& operator=(const UnloggedBuild&) = delete;
};

/// Whether that is so now.
bool is_built_unlogged(Relation relation);

/// A change of up to four locked pages that is logged as one: PostgreSQL's generic records. Give
/// each page's new state to the page that page() returns. Trivially destructible.
class PageChange {
 public:
  explicit PageChange(Relation relation)
      : state_(is_built_unlogged(relation) ? nullptr : GenericXLogStart(relation)) {}

  /// `flags`: 0, or GENERIC_XLOG_FULL_IMAGE.
  Page page(Buffer buffer, int flags = 0) {
    if (state_ != nullptr) return GenericXLogRegisterBuffer(state_, buffer, flags);
    MarkBufferDirty(buffer);
    return BufferGetPage(buffer);
  }
  void finish() {
    failure_point("page change");
    if (state_ != nullptr) GenericXLogFinish(state_);
  }
  /// Only while nothing of the pages was changed.
  void abort() {
    if (state_ != nullptr) GenericXLogAbort(state_);
  }

 private:
  GenericXLogState* state_;
};

}  // namespace dvecdb::extension
