// Files and folders, with errors that a client can read. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dvecdb::server::storage {

// Throw SqlError 58030.
void make_folder(const std::string& path);  // and its parents
void sync_folder(const std::string& path);  // makes renames and new files in it durable
void rename_path(const std::string& from, const std::string& to);
void remove_tree(const std::string& path);
// The file's whole content, durable when it returns (its folder is not).
void write_file(const std::string& path, std::string_view content);

// 0 when there is none.
std::int64_t file_bytes(const std::string& path);
std::int64_t free_bytes(const std::string& path);

// Throws SqlError 58030 with `what`, the path and the reason of errno.
[[noreturn]] void throw_io_error(const std::string& what, const std::string& path);

}  // namespace dvecdb::server::storage
