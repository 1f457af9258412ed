// The form of a backup: one tar file (ustar) that can be written and checked as it streams.
//
//   format                           as in the data folder; always the first
//   global.db, base/<oid>/rows.db    the row stores, as of one moment
//   base/<oid>/index/<oid>.hnsw      vector indexes of that moment
//   MANIFEST                         always the last
//
// MANIFEST is lines of text:
//
//   dvecdb backup 1
//   created 2026-11-23T20:11:07Z
//   file <SHA-256> <bytes> <name>    one for each file, in their order
//   archive <SHA-256>                of every byte of the archive before MANIFEST's header
//   manifest <SHA-256>               of the lines above
//
// A reader takes nothing else: no other names, kinds or order, and no byte that a writer would not
// have written. So a name never leads anywhere, and what is damaged or cut short is refused.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/sha256.h"

namespace dvecdb::server::storage {

struct ArchivedFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;
};

struct BackupManifest {
  std::string created;  // UTC, as 2026-11-23T20:11:07Z
  std::vector<ArchivedFile> files;
  std::string archive_sha256;
};

// For each file begin(), its bytes by add() in pieces, end(); then finish(). All answer the
// archive's next bytes.
class ArchiveWriter {
 public:
  explicit ArchiveWriter(std::string created);
  std::string begin(std::string name, std::uint64_t bytes);
  std::string add(std::string bytes);
  std::string end();
  std::string finish();

 private:
  std::string passed(std::string bytes);

  BackupManifest manifest_;
  Sha256 archive_hash_;
  Sha256 file_hash_;
};

// Where a reader's files go.
class ArchiveContent {
 public:
  virtual ~ArchiveContent() = default;
  // `name` is one of those above.
  virtual void begin(const std::string& name, std::uint64_t bytes) = 0;
  virtual void add(std::string_view bytes) = 0;
  virtual void end() = 0;
};

class ArchiveReader {
 public:
  // `content` may be null: the archive is only checked. It gets bytes before their checksum is
  // known: they are good once finish() has returned.
  explicit ArchiveReader(ArchiveContent* content = nullptr) : content_(content) {}

  // The archive's next bytes. Throws SqlError XX001 when it is no backup or damaged.
  void push(std::string_view bytes);
  // The archive has ended. Throws SqlError XX001 when it was cut short.
  const BackupManifest& finish() const;

 private:
  enum class Part : std::uint8_t { header, file, padding, end };

  std::string_view take_whole(std::string_view& bytes, std::size_t size);
  void read_header(std::string_view block);
  void read_file(std::string_view bytes);
  void end_file();
  void check_manifest();

  ArchiveContent* content_;
  BackupManifest manifest_;
  Sha256 archive_hash_;
  Sha256 file_hash_;
  Part part_ = Part::header;
  std::string pending_;     // the beginning of a block
  std::string name_;        // of the file under way
  std::uint64_t left_ = 0;  // of it
  std::string manifest_text_;
  bool has_manifest_ = false;
  std::set<std::string> names_;
  std::uint64_t position_ = 0;
};

}  // namespace dvecdb::server::storage
