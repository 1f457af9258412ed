#include "server/storage/restore.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <set>

#include "server/storage/file_system.h"
#include "server/storage/folder_lock.h"
#include "server/storage/open_file.h"
#include "server/types/error.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t read_bytes = 1 << 20;
constexpr const char* unfinished_name = "restore.unfinished";
// What a restore puts into the folder; "format" makes it a data folder, so it comes last.
constexpr std::string_view restored_names[] = {"base", "global.db", "format"};

BackupManifest read_archive(const std::string& path, ArchiveContent* content) {
  const OpenFile file(path, O_RDONLY);
  ArchiveReader reader(content);
  std::string buffer(read_bytes, '\0');
  std::uint64_t position = 0;
  while (const std::size_t count = file.read_at(position, buffer.data(), buffer.size())) {
    reader.push(std::string_view(buffer).substr(0, count));
    position += count;
  }
  return reader.finish();
}

// Writes the archive's files under a folder.
class FolderContent : public ArchiveContent {
 public:
  explicit FolderContent(std::string folder) : folder_(std::move(folder)) {}

  void begin(const std::string& name, std::uint64_t) override {
    const std::filesystem::path path = std::filesystem::path(folder_) / name;
    for (std::filesystem::path up = path.parent_path(); up.string().size() >= folder_.size();
         up = up.parent_path()) {
      folders_.insert(up.string());
    }
    make_folder(path.parent_path().string());
    file_ = std::make_unique<OpenFile>(path.string(), O_WRONLY | O_CREAT | O_EXCL);
  }
  void add(std::string_view bytes) override { file_->write(bytes); }
  void end() override {
    file_->sync();
    file_.reset();
  }
  void sync_folders() const {
    for (const std::string& folder : folders_) sync_folder(folder);
  }

 private:
  const std::string folder_;
  std::unique_ptr<OpenFile> file_;
  std::set<std::string> folders_;
};

void check_room(const BackupManifest& manifest, const std::string& data_dir) {
  const std::uint64_t needed =
      std::accumulate(manifest.files.begin(), manifest.files.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const ArchivedFile& file) { return sum + file.bytes; });
  const std::int64_t free = free_bytes(data_dir);
  if (needed <= static_cast<std::uint64_t>(free)) return;
  throw SqlError(sqlstate::disk_full,
                 fmt::format("the backup holds {} bytes, and the disk of \"{}\" has {} free",
                             needed, data_dir, free));
}

void check_empty(const std::string& data_dir) {
  for (const auto& entry : std::filesystem::directory_iterator(data_dir)) {
    const std::string name = entry.path().filename().string();
    if (name == "lost+found" || name == "dvecdb.lock") continue;
    throw SqlError(
        sqlstate::object_not_in_prerequisite_state,
        fmt::format("the folder \"{}\" is not empty: it has \"{}\" in it", data_dir, name))
        .hint("Restore into a new folder, or move away what is there.");
  }
}

bool is_unfinished(const std::string& data_dir) {
  return std::filesystem::exists(data_dir + "/" + unfinished_name);
}

void remove_restored(const std::string& data_dir) {
  for (const std::string_view name : restored_names)
    remove_tree(fmt::format("{}/{}", data_dir, name));
  remove_tree(data_dir + "/" + unfinished_name);
}

}  // namespace

BackupManifest check_backup(const std::string& path) {
  return read_archive(path, nullptr);
}

BackupManifest restore_backup(const std::string& path, const std::string& data_dir) {
  const BackupManifest checked = check_backup(path);
  make_folder(data_dir);
  if (!is_unfinished(data_dir)) check_empty(data_dir);
  const FolderLock lock(data_dir);
  if (is_unfinished(data_dir)) remove_restored(data_dir);
  check_empty(data_dir);
  check_room(checked, data_dir);
  const std::string unfinished = data_dir + "/" + unfinished_name;
  make_folder(unfinished);
  sync_folder(data_dir);
  FolderContent content(unfinished);
  read_archive(path, &content);
  content.sync_folders();
  for (const std::string_view name : restored_names) {
    const std::string from = fmt::format("{}/{}", unfinished, name);
    if (std::filesystem::exists(from)) rename_path(from, fmt::format("{}/{}", data_dir, name));
  }
  sync_folder(data_dir);
  remove_tree(unfinished);
  sync_folder(data_dir);
  return checked;
}

void refuse_unfinished_restore(const std::string& data_dir) {
  if (!is_unfinished(data_dir)) return;
  throw SqlError(sqlstate::data_corrupted,
                 fmt::format("a restore into \"{}\" began and did not end", data_dir))
      .hint("Run dvecdb restore again: it begins anew.");
}

}  // namespace dvecdb::server::storage
