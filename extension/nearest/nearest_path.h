// Lets the planner choose the scan of nearest_scan.h where no index serves a search.
#pragma once

namespace dvecdb::extension {

// Adds the planner's hook and the setting dvecdb.nearest_scan; once a process, from _PG_init.
void register_nearest_scan();

}  // namespace dvecdb::extension
