#include "extension/am/methods.h"

namespace dvecdb::extension {
namespace {
[[noreturn]] void refuse(const char* what) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("hnsw: no %s yet", what)));
}
}  // namespace
[[gnu::weak]] IndexBulkDeleteResult* delete_rows(IndexVacuumInfo*, IndexBulkDeleteResult*,
                                                 IndexBulkDeleteCallback, void*) {
  refuse("vacuum");
}
[[gnu::weak]] IndexBulkDeleteResult* clean_up(IndexVacuumInfo*, IndexBulkDeleteResult* stats) {
  return stats;
}
}  // namespace dvecdb::extension
