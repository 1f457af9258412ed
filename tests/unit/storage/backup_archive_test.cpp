#include "server/storage/backup_archive.h"

#include <gtest/gtest.h>

#include <map>

#include "server/types/error.h"

namespace dvecdb::server::storage {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

const Files whole_backup = {{"format", "dvecdb data 1\n"},
                            {"global.db", std::string(700, 'g')},
                            {"base/5/rows.db", std::string(512, 'r')},
                            {"base/5/index/16390.hnsw", ""}};

std::string archive_of(const Files& files) {
  ArchiveWriter writer("2026-11-23T20:11:07Z");
  std::string archive;
  for (const auto& [name, content] : files) {
    archive += writer.begin(name, content.size());
    archive += writer.add(content);
    archive += writer.end();
  }
  return archive + writer.finish();
}

class Collector : public ArchiveContent {
 public:
  void begin(const std::string& name, std::uint64_t) override { files.emplace_back(name, ""); }
  void add(std::string_view bytes) override { files.back().second += bytes; }
  void end() override {}
  Files files;
};

std::string refusal(const std::string& archive) {
  try {
    ArchiveReader reader;
    reader.push(archive);
    reader.finish();
  } catch (const types::SqlError& error) {
    EXPECT_FALSE(error.fields().hint.empty());
    return error.what();
  }
  return "none";
}

TEST(BackupArchive, ReadsWhatWasWrittenInPiecesOfAnySize) {
  const std::string archive = archive_of(whole_backup);
  for (const std::size_t piece : {1, 7, 512, 100000}) {
    Collector collector;
    ArchiveReader reader(&collector);
    for (std::size_t at = 0; at < archive.size(); at += piece) {
      reader.push(std::string_view(archive).substr(at, piece));
    }
    const BackupManifest& manifest = reader.finish();
    EXPECT_EQ(collector.files, whole_backup);
    EXPECT_EQ(manifest.created, "2026-11-23T20:11:07Z");
    EXPECT_EQ(manifest.files.size(), whole_backup.size());
  }
}

TEST(BackupArchive, RefusesEveryCutAndEveryFlippedBit) {
  const std::string archive = archive_of(whole_backup);
  for (std::size_t size = 0; size < archive.size(); ++size) {
    ASSERT_NE(refusal(archive.substr(0, size)), "none") << size;
  }
  for (std::size_t at = 0; at < archive.size(); ++at) {
    std::string damaged = archive;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    ASSERT_NE(refusal(damaged), "none") << at;
  }
  EXPECT_NE(refusal(archive + '\0'), "none");
}

TEST(BackupArchive, SaysWhatIsWrong) {
  std::string archive = archive_of(whole_backup);
  EXPECT_NE(refusal(archive.substr(0, 2000)).find("cut short, after 2000 bytes"),
            std::string::npos);
  archive[archive.find("rrrr")] = 's';
  EXPECT_NE(refusal(archive).find("checksum of \"base/5/rows.db\""), std::string::npos);
  EXPECT_NE(refusal("hello").find("cut short"), std::string::npos);
  EXPECT_NE(refusal(std::string(5000, 'x')).find("does not begin as a backup"), std::string::npos);
}

// Their checksums are right: somebody meant it.
TEST(BackupArchive, RefusesNamesThatLeadElsewhere) {
  for (const char* name :
       {"../global.db", "/etc/passwd", "base/5/../../x", "base/5/index/../rows.db", "base//rows.db",
        "base/05/rows.db", "base/5/rows.db/", "base/4294967296/rows.db", "base/-5/rows.db",
        "base/5/index/.hnsw", "base/5/index/x.hnsw", "base/5/rows.db-wal", "restore.unfinished",
        "dvecdb.lock", "", "base/5"}) {
    Files files = whole_backup;
    files.emplace_back(name, "x");
    EXPECT_NE(refusal(archive_of(files)), "none") << name;
  }
  Files twice = whole_backup;
  twice.push_back(twice.back());
  EXPECT_NE(refusal(archive_of(twice)).find("comes twice"), std::string::npos);
  EXPECT_NE(refusal(archive_of({whole_backup[0]})).find("global.db is missing"), std::string::npos);
  EXPECT_NE(refusal(archive_of({whole_backup[1]})), "none");
}

TEST(BackupArchive, RefusesSizesThatLie) {
  const std::string huge = ArchiveWriter("2026-11-23T20:11:07Z").begin("format", 1ULL << 62);
  EXPECT_NE(refusal(huge + "dvecdb"), "none");
  const std::string long_one = ArchiveWriter("2026-11-23T20:11:07Z").begin("format", 1ULL << 40);
  EXPECT_NE(refusal(long_one + "dvecdb").find("cut short"), std::string::npos);
}

}  // namespace
}  // namespace dvecdb::server::storage
