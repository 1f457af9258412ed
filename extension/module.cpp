// The module's entry: what PostgreSQL calls when it loads dvecdb.so.
#include "extension/postgres.h"

#if __has_include("extension/am/settings.h")
#include "extension/am/settings.h"
#endif

extern "C" {
PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) {
#if __has_include("extension/am/settings.h")
  dvecdb::extension::register_settings();
#endif
}
}
