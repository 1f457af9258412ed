#include "server/storage/index_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "server/storage/file_system.h"

namespace dvecdb::server::storage {

namespace {

constexpr std::string_view magic = "dvindex1";
constexpr std::string_view magic_of_changes = "dvchange";

template <typename Number>
void put_numbers(std::string& out, const std::vector<Number>& numbers) {
  static_assert(sizeof(Number) == 8);
  const std::uint64_t count = numbers.size();
  out.append(reinterpret_cast<const char*>(&count), sizeof count);
  out.append(reinterpret_cast<const char*>(numbers.data()), count * sizeof(Number));
}

void put_text(std::string& out, std::string_view text) {
  const std::uint64_t size = text.size();
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(text);
}

class MetadataReader {
 public:
  explicit MetadataReader(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw core::CorruptFile("the index file's metadata is cut short");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text() { return take(number()); }
  template <typename Number>
  std::vector<Number> numbers() {
    const std::uint64_t count = number();
    if (count > rest_.size() / sizeof(Number)) {
      throw core::CorruptFile("the index file's metadata is cut short");
    }
    std::vector<Number> values(count);
    if (count > 0) std::memcpy(values.data(), take(count * sizeof(Number)).data(), count * 8);
    return values;
  }

 private:
  std::string_view rest_;
};

void apply_changes(BuiltGraph& state, const std::string& metadata) {
  MetadataReader reader(metadata);
  if (reader.take(magic_of_changes.size()) != magic_of_changes) {
    throw core::CorruptFile("unknown metadata");
  }
  const std::uint64_t count = reader.number();
  const auto nodes = reader.numbers<std::uint64_t>();
  const auto ids = reader.numbers<std::int64_t>();
  state.obsolete = reader.numbers<std::uint64_t>();
  // Every new node has a new id.
  const std::uint64_t known = state.ids.size();
  if (count < known || count - known > nodes.size() || nodes.size() != ids.size()) {
    throw core::CorruptFile("the index file's metadata does not fit");
  }
  state.ids.resize(count);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] >= count) throw core::CorruptFile("the metadata names an unknown node");
    state.ids[nodes[i]] = ids[i];
  }
}

// Everything that decides what the graph holds.
std::string describe(const VectorIndexDefinition& definition) {
  std::string text =
      fmt::format("{} {} {} | {} | {} | {} {} {} {} {}", definition.index, definition.table_oid,
                  definition.table, definition.expression, definition.predicate,
                  static_cast<int>(definition.element), static_cast<int>(definition.metric),
                  definition.dimensions, definition.m, definition.ef_construction);
  // Files from before there was a choice do not name one.
  if (definition.code != core::CodeKind::automatic) {
    text += fmt::format(" {}", static_cast<int>(definition.code));
  }
  return text;
}

}  // namespace

IndexFile::IndexFile(std::string folder, const VectorIndexDefinition& definition,
                     std::string identity)
    : path_(fmt::format("{}/{}.hnsw", folder, definition.index)),
      identity_(std::move(identity)),
      description_(describe(definition)) {}

std::string IndexFile::metadata_of(const BuiltGraph& state) const {
  std::string metadata(magic);
  put_text(metadata, identity_);
  put_text(metadata, description_);
  put_numbers(metadata, state.ids);
  put_numbers(metadata, state.obsolete);
  return metadata;
}

std::string IndexFile::metadata_of_changes(const BuiltGraph& state) const {
  std::vector<std::uint64_t> nodes(renamed_.begin(), renamed_.end());
  std::vector<std::int64_t> ids;
  for (const std::uint64_t node : nodes) ids.push_back(state.ids[node]);
  const std::uint64_t count = state.ids.size();
  std::string metadata(magic_of_changes);
  metadata.append(reinterpret_cast<const char*>(&count), sizeof count);
  put_numbers(metadata, nodes);
  put_numbers(metadata, ids);
  put_numbers(metadata, state.obsolete);
  return metadata;
}

void IndexFile::save(const BuiltGraph& state) {
  renamed_.insert(state.renamed.begin(), state.renamed.end());
  const auto watermark = static_cast<std::uint64_t>(state.complete_to);
  try {
    const bool is_appended = state.graph->append_changes(
        path_, {.watermark = watermark, .metadata = metadata_of_changes(state)});
    if (!is_appended) {
      state.graph->save(path_, {.watermark = watermark, .metadata = metadata_of(state)});
    }
  } catch (const core::FileError& error) {
    throw types::SqlError(types::sqlstate::io_error, error.what());
  }
  renamed_.clear();
}

BuiltGraph IndexFile::parse(const std::string& metadata) const {
  MetadataReader reader(metadata);
  if (reader.take(magic.size()) != magic) throw core::CorruptFile("unknown metadata");
  if (reader.text() != identity_) throw core::CorruptFile("the file is of another index");
  if (reader.text() != description_) throw core::CorruptFile("the index was defined otherwise");
  BuiltGraph state;
  state.ids = reader.numbers<std::int64_t>();
  state.obsolete = reader.numbers<std::uint64_t>();
  return state;
}

std::optional<BuiltGraph> IndexFile::load(std::string& reason) const {
  if (::access(path_.c_str(), F_OK) != 0) {
    reason = "there is no index file";
    return std::nullopt;
  }
  try {
    core::HnswFileInfo info;
    auto graph = std::make_shared<core::HnswIndex>(core::HnswIndex::load(path_, &info));
    BuiltGraph state = parse(info.metadata);
    for (const std::string& changes : info.changes) apply_changes(state, changes);
    for (const std::uint64_t node : state.obsolete) {
      if (node >= state.ids.size()) throw core::CorruptFile("the metadata names an unknown node");
    }
    state.graph = std::move(graph);
    state.complete_to = static_cast<std::int64_t>(info.watermark);
    return state;
  } catch (const std::exception& error) {
    reason = error.what();
    return std::nullopt;
  }
}

std::string IndexFile::find_damage() const {
  try {
    core::HnswIndex::verify(path_);
    return {};
  } catch (const core::CorruptFile& error) {
    return error.what();
  }
}

void IndexFile::remove() const {
  ::unlink(path_.c_str());
}

std::int64_t IndexFile::bytes() const {
  return file_bytes(path_);
}

}  // namespace dvecdb::server::storage
