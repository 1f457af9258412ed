// A data folder's content as of one moment, while it goes on being used.
//
// The moment: the gate of commits is closed, a read transaction is opened in every database and in
// the shared catalogs, and the gate opens again. Whatever was committed before is in the backup,
// in whatever database, and nothing that was committed after. Commits wait for as long as that
// takes: milliseconds. Then the row stores are copied, as those transactions see them, into files
// that have no name (a crash leaves nothing), and the transactions end: how fast the backup is
// read makes no difference to the databases.
//
// Vector indexes go along as they lie on disk at that moment: what they lack is in the row stores'
// change logs.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/storage/backup_archive.h"
#include "server/storage/open_file.h"
#include "server/storage/store.h"

namespace dvecdb::server::storage {

class Backup {
 public:
  // Copies. `check` is called again and again and may throw to end it. No database may be dropped
  // meanwhile. Throws SqlError: 53100 when the disk has no room for the copies, 58030.
  Backup(Store& store, const std::function<void()>& check);

  // The archive's next bytes (backup_archive.h), "" at its end. Throws SqlError 58030.
  std::string next();
  // The moment, in seconds since 1970.
  std::int64_t moment() const { return moment_; }

 private:
  struct Part {
    std::string name;
    OpenFile file;
    std::uint64_t bytes;
  };
  class Moment;

  void copy(Store& store, const Moment& moment, const std::function<void()>& check);
  void add_part(std::string name, const std::string& path);
  std::string read_part(const Part& part);

  std::int64_t moment_ = 0;
  std::vector<Part> parts_;
  std::unique_ptr<ArchiveWriter> writer_;
  std::size_t current_ = 0;     // of the parts
  std::uint64_t position_ = 0;  // in it
  bool has_begun_ = false;      // the current one
  bool has_ended_ = false;
};

}  // namespace dvecdb::server::storage
