// Snapshots of a collection: create, list, download, restore, delete.
//
// They lie in <data_dir>/snapshots/<database>/<collection>/<name>, both in hexadecimal, so that no
// name of a client ever is a path. A snapshot is its maker's: superusers and members of that role
// may read, restore and delete it.
#include "server/http/rest/snapshots.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>

#include "server/http/rest/call.h"
#include "server/http/rest/collection.h"
#include "server/http/rest/failure.h"
#include "server/http/rest/snapshot_file.h"
#include "server/http/rest/table_copy.h"

namespace dvecdb::server::http::rest {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".dvecsnap";
constexpr std::size_t chunk_bytes = 256 << 10;

std::string hexadecimal(const std::string& text) {
  std::string out;
  for (const char c : text)
    fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(c));
  return out;
}

fs::path folder_of_all(const std::string& data_dir) {
  return fs::path(data_dir) / "snapshots";
}

fs::path folder_of(const Call& call, const std::string& collection) {
  return folder_of_all(call.options.data_dir) / hexadecimal(call.database) /
         hexadecimal(collection);
}

std::string new_name() {
  std::random_device device;
  const auto now = std::chrono::system_clock::now();
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{:08x}{}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)), device(), suffix);
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == suffix) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The header, or {} where the file is damaged.
json::object header_of(const fs::path& path) {
  try {
    return SnapshotReader(read_from(open_file(path, "rb"))).header();
  } catch (const Failure& failed) {
    if (failed.status() != 422) throw;
    return {};
  }
}

// Of a damaged one the owner is not known: it is the superusers'.
bool is_allowed(Call& call, const json::object& header) {
  const json::value* owner = header.if_contains("owner");
  Text role;
  if (owner != nullptr && owner->is_string()) {
    role.emplace(owner->get_string().data(), owner->get_string().size());
  }
  const auto rows = call.sql.rows(
      "SELECT r.rolsuper OR EXISTS (SELECT 1 FROM pg_roles o WHERE o.rolname = $1::text AND "
      "pg_has_role(o.oid, 'USAGE')) FROM pg_roles r WHERE r.rolname = current_user",
      {role});
  return !rows.empty() && rows.front().front() == "t";
}

json::object describe_snapshot(const fs::path& path, const json::object& header) {
  const auto text = [&](std::string_view name) {
    const json::value* value = header.if_contains(json::string_view(name.data(), name.size()));
    return value == nullptr ? json::value(nullptr) : *value;
  };
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (error) throw Failure(404, "the snapshot has been deleted");
  return {{"name", path.filename().string()}, {"collection", text("collection")},
          {"created_at", text("created_at")}, {"owner", text("owner")},
          {"vectors", text("vectors")},       {"bytes", bytes}};
}

// The file of the path's {snapshot}: its name is looked for among those that are there.
fs::path find_snapshot(Call& call) {
  const std::string& name = call.parameter("snapshot");
  const fs::path folder = folder_of(call, call.collection());
  const std::vector<std::string> names = names_in(folder);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw Failure(404,
                  fmt::format("collection \"{}\" has no snapshot \"{}\"", call.collection(), name));
  }
  fs::path path = folder / *found;
  if (!is_allowed(call, header_of(path))) {
    throw Failure(403, fmt::format("snapshot \"{}\" belongs to another role", name));
  }
  return path;
}

Response create(Call& call) {
  Transaction transaction(call.sql, one_snapshot);
  const Collection collection = find_collection(call.sql, call.collection());
  json::object header = read_definition(call.sql, collection.name);
  const json::object definition = header;
  const auto counted = call.sql.rows("SELECT count(*) FROM " + collection.table());
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  header["collection"] = collection.name;
  header["owner"] = call.request.user;
  header["created_at"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
  header["vectors"] = std::stoll(*counted.at(0).at(0));

  const fs::path folder = folder_of(call, collection.name);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Failure(500, "cannot make the folder of snapshots: " + error.message());
  const fs::path path = folder / new_name();
  SnapshotWriter writer(path, header);
  copy_rows_out(call.sql, collection.name, definition,
                [&](std::string_view bytes) { writer.add(bytes); });
  writer.finish();
  transaction.commit();
  return answer(describe_snapshot(path, header), 201);
}

Response list(Call& call) {
  const fs::path folder = folder_of(call, call.collection());
  const std::vector<std::string> names = names_in(folder);
  // Snapshots outlive their collection.
  if (names.empty()) find_collection(call.sql, call.collection());
  json::array snapshots;
  for (const std::string& name : names) {
    try {
      const json::object header = header_of(folder / name);
      if (is_allowed(call, header)) snapshots.push_back(describe_snapshot(folder / name, header));
    } catch (const Failure& failed) {
      if (failed.status() != 404) throw;  // deleted since its name was read
    }
  }
  return answer(snapshots);
}

Response download(Call& call) {
  const fs::path path = find_snapshot(call);
  Response response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back(
      "Content-Disposition", fmt::format("attachment; filename=\"{}\"", path.filename().string()));
  response.next_chunk = [source = read_from(open_file(path, "rb"))]() mutable {
    std::string chunk(chunk_bytes, '\0');
    chunk.resize(source(chunk.data(), chunk.size()));
    return chunk;
  };
  return response;
}

Response restore_from(Call& call, SnapshotReader& reader) {
  Transaction transaction(call.sql);
  restore_table(call.sql, call.collection(), reader.header(), [&] { return reader.next(); });
  const Collection collection = find_collection(call.sql, call.collection());
  transaction.commit();
  return answer(describe(collection));
}

Response restore(Call& call) {
  SnapshotReader reader(read_from(open_file(find_snapshot(call), "rb")));
  return restore_from(call, reader);
}

Response restore_body(Call& call) {
  SnapshotReader reader(read_from(std::string_view(call.request.body)));
  return restore_from(call, reader);
}

Response remove(Call& call) {
  const fs::path path = find_snapshot(call);
  std::error_code error;
  fs::remove(path, error);
  if (error) throw Failure(500, "cannot delete the snapshot: " + error.message());
  return answer(json::object{{"name", path.filename().string()}});
}

}  // namespace

void remove_unfinished_snapshots(const std::string& data_dir) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder_of_all(data_dir), error), end;
       !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->path().extension() == unfinished_suffix) fs::remove(at->path(), ignored);
  }
}

std::vector<RestRoute> snapshot_routes() {
  return {
      {"POST", "/collections/{name}/snapshots", create},
      {"GET", "/collections/{name}/snapshots", list},
      {"GET", "/collections/{name}/snapshots/{snapshot}", download},
      {"DELETE", "/collections/{name}/snapshots/{snapshot}", remove},
      {"POST", "/collections/{name}/snapshots/{snapshot}/restore", restore},
      {"POST", "/collections/{name}/restore", restore_body},
  };
}

}  // namespace dvecdb::server::http::rest
