// From a backup to a data folder.
//
// Everything is written into <data>/restore.unfinished first and moved to its place when it is
// whole and durable. A server refuses a folder that still has that folder in it, so that half a
// restore is never taken for data; the next restore begins anew.
#pragma once

#include <cstdint>
#include <string>

#include "server/storage/backup_archive.h"

namespace dvecdb::server::storage {

// Reads the whole file and checks it. Throws SqlError: XX001 when it is no backup or damaged, 58030
// when it cannot be read.
BackupManifest check_backup(const std::string& path);

// Checks the whole file before it writes anything, and again as it writes. `data_dir` is made when
// it is missing, and must be empty (a file system's lost+found may be there). Throws SqlError as
// check_backup; 55000 for a folder that is not empty, 55006 for one in use, 53100 when the disk has
// no room.
BackupManifest restore_backup(const std::string& path, const std::string& data_dir);

// Throws SqlError XX001 when a restore into the folder began and did not end.
void refuse_unfinished_restore(const std::string& data_dir);

}  // namespace dvecdb::server::storage
