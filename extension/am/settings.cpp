#include "extension/am/settings.h"

#include "extension/postgres.h"

extern "C" {
#include <utils/guc.h>
}

#include <climits>

namespace dvecdb::extension {
namespace {

Settings current;

const config_enum_entry iterative_scans[] = {
    {"off", static_cast<int>(IterativeScan::off), false},
    {"relaxed_order", static_cast<int>(IterativeScan::relaxed_order), false},
    {"strict_order", static_cast<int>(IterativeScan::strict_order), false},
    {nullptr, 0, false},
};

/// PostgreSQL's own message for a setting that is defined twice names neither side. A value that
/// postgresql.conf or SET gave before anybody defined the setting is only a placeholder.
void check_undefined(const char* name) {
  const char* value = GetConfigOption(name, true, false);
  if (value != nullptr && (GetConfigOptionFlags(name, true) & GUC_CUSTOM_PLACEHOLDER) == 0) {
    ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
            errmsg("setting \"%s\" is already defined by another library in this session", name),
            errdetail("d-vecDB and pgvector define the same settings, so one session can use only "
                      "one of them."),
            errhint("Connect anew, and use databases of one of the two alone; "
                    "shared_preload_libraries must not name the other."));
  }
}

}  // namespace

const Settings& settings() {
  return current;
}

void register_settings() {
  check_undefined("hnsw.ef_search");
  DefineCustomIntVariable("hnsw.ef_search",
                          "Sets the size of the dynamic candidate list for search",
                          "Valid range is 1..1000.", &current.ef_search, 40, 1, 1000, PGC_USERSET,
                          0, nullptr, nullptr, nullptr);
  DefineCustomEnumVariable("hnsw.iterative_scan", "Sets the mode for iterative scans", nullptr,
                           &current.iterative_scan, static_cast<int>(IterativeScan::off),
                           iterative_scans, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable(
      "hnsw.max_scan_tuples", "Sets the max number of tuples to visit for iterative scans", nullptr,
      &current.max_scan_tuples, 20000, 1, INT_MAX, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomRealVariable("hnsw.scan_mem_multiplier",
                           "Sets the multiple of work_mem to use for iterative scans", nullptr,
                           &current.scan_mem_multiplier, 1.0, 1.0, 1000.0, PGC_USERSET, 0, nullptr,
                           nullptr, nullptr);
  MarkGUCPrefixReserved("hnsw");
}

}  // namespace dvecdb::extension
