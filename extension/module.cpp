// The module's entry: what PostgreSQL calls when it loads dvecdb.so.
#include "extension/am/explain.h"
#include "extension/am/options.h"
#include "extension/am/settings.h"
#include "extension/am/unread_distance.h"
#include "extension/failure_point.h"
#include "extension/nearest/nearest_path.h"
#include "extension/postgres.h"

extern "C" {
PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) {
  dvecdb::extension::register_settings();  // may refuse, so nothing comes before it
  dvecdb::extension::register_options();
  dvecdb::extension::register_explain();
  dvecdb::extension::register_unread_distances();
  dvecdb::extension::register_failure_points();
  dvecdb::extension::register_nearest_scan();
}
}
