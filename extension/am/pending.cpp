#include "extension/am/methods.h"

namespace dvecdb::extension {
namespace {
[[noreturn]] void refuse(const char* what) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("hnsw: no %s yet", what)));
}
}  // namespace
[[gnu::weak]] IndexBuildResult* build_index(Relation, Relation, IndexInfo*) {
  refuse("build");
}
[[gnu::weak]] void build_empty_index(Relation) {
  refuse("build");
}
[[gnu::weak]] char* build_phase_name(int64) {
  return nullptr;
}
[[gnu::weak]] IndexBulkDeleteResult* delete_rows(IndexVacuumInfo*, IndexBulkDeleteResult*,
                                                 IndexBulkDeleteCallback, void*) {
  refuse("vacuum");
}
[[gnu::weak]] IndexBulkDeleteResult* clean_up(IndexVacuumInfo*, IndexBulkDeleteResult* stats) {
  return stats;
}
}  // namespace dvecdb::extension
