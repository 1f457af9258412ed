// A data folder's lock, held by one process.
#pragma once

#include <string>

namespace dvecdb::server::storage {

class FolderLock {
 public:
  // Throws SqlError: 55006 when another process holds it, 58030 when it cannot be made.
  explicit FolderLock(const std::string& data_dir);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace dvecdb::server::storage
