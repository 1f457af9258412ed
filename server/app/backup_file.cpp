#include "server/app/backup_file.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <vector>

#include "server/storage/file_system.h"

namespace dvecdb::server::app {

namespace {

constexpr std::string_view unfinished_suffix = ".unfinished";

// A name that this command gives, "dvecdb-20261123T101500Z.tar", or that with unfinished_suffix.
bool is_backup_name(std::string_view name) {
  static constexpr std::string_view form = "dvecdb-00000000T000000Z.tar";
  if (name.ends_with(unfinished_suffix)) name.remove_suffix(unfinished_suffix.size());
  const auto fits = [](char letter, char wanted) {
    return wanted == '0' ? letter >= '0' && letter <= '9' : letter == wanted;
  };
  return std::equal(name.begin(), name.end(), form.begin(), form.end(), fits);
}

std::string file_in(const std::string& folder) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{}/dvecdb-{:%Y%m%dT%H%M%SZ}.tar", folder, fmt::gmtime(now));
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

BackupFile::BackupFile(const std::string& output)
    : path_(std::filesystem::is_directory(output) ? file_in(output) : output),
      unfinished_path_(path_ + std::string(unfinished_suffix)),
      file_(std::in_place, unfinished_path_, O_WRONLY | O_CREAT | O_TRUNC) {}

BackupFile::~BackupFile() {
  if (file_) ::unlink(unfinished_path_.c_str());
}

void BackupFile::add(std::string_view bytes) {
  reader_.push(bytes);
  file_->write(bytes);
  bytes_ += bytes.size();
}

storage::BackupManifest BackupFile::finish() {
  storage::BackupManifest manifest = reader_.finish();
  file_->sync();
  storage::rename_path(unfinished_path_, path_);
  file_.reset();
  storage::sync_folder(folder_of(path_));
  return manifest;
}

int keep_newest_backups(const std::string& folder, int count) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!is_backup_name(name)) continue;
    if (name.ends_with(unfinished_suffix)) {
      storage::remove_tree(entry.path().string());
    } else {
      names.push_back(name);
    }
  }
  std::sort(names.rbegin(), names.rend());
  int removed = 0;
  for (std::size_t i = static_cast<std::size_t>(count); i < names.size(); ++i) {
    storage::remove_tree(folder + "/" + names[i]);
    ++removed;
  }
  return removed;
}

}  // namespace dvecdb::server::app
