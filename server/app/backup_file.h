// The file that a backup is written to: checked as it is written, under another name until it is
// whole and durable.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/storage/backup_archive.h"
#include "server/storage/open_file.h"

namespace dvecdb::server::app {

class BackupFile {
 public:
  // `output`: a file, or a folder that is there, which gets a file dvecdb-<time>.tar. All members
  // throw types::SqlError.
  explicit BackupFile(const std::string& output);
  // Removes what is not finished.
  ~BackupFile();
  BackupFile(const BackupFile&) = delete;
  BackupFile& operator=(const BackupFile&) = delete;

  void add(std::string_view bytes);
  // Answers what the file holds, once it has its name.
  storage::BackupManifest finish();
  const std::string& path() const { return path_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::string path_;
  std::string unfinished_path_;
  std::optional<storage::OpenFile> file_;
  storage::ArchiveReader reader_;
  std::uint64_t bytes_ = 0;
};

// Removes all but the newest `count` of the backups that BackupFile has put into the folder, and
// what crashes have left there half. Answers how many backups went.
int keep_newest_backups(const std::string& folder, int count);

}  // namespace dvecdb::server::app
