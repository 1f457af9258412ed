// SQLite's files, with a clock on what waits for the disk.
#pragma once

namespace dvecdb::server::storage {

// The name of a layer beneath SQLite's files that is the usual one but counts each sync in
// store_counters(). Registered at the first call; thread-safe.
const char* timed_files();

}  // namespace dvecdb::server::storage
