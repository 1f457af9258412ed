#include "core/hnsw/engine.h"
#include "core/index_file/hnsw_format.h"
#include "core/index_file/index_loader.h"
#include "core/index_file/section_writer.h"

namespace dvecdb::core {
namespace {

/// Calls `visit(bytes, length)` for an arena's items below `count`, a chunk at a time.
template <class Visit>
void for_each_chunk(const Arena& arena, std::uint32_t count, Visit visit) {
  for (std::uint32_t first = 0; first < count; first += arena.items_per_chunk()) {
    const std::uint32_t items = std::min(count - first, arena.items_per_chunk());
    arena.will_need(first, items);
    visit(arena.at(first), items * arena.stride());
  }
}

void write_arena(SectionWriter& file, const char* section, const Arena& arena,
                 std::uint32_t count) {
  file.begin(section, SectionWriter::Checked::blocks);
  for_each_chunk(arena, count, [&](const std::uint8_t* bytes, std::size_t length) {
    file.append(bytes, length);
  });
}

NodeEntry entry_of(const Node& node) {
  NodeState state = node.load_state();
  if (state == NodeState::victim) state = NodeState::deleted;  // the sweep begins anew
  return {node.label,
          node.sequence,
          node.next_duplicate.load(),
          node.norm_squared,
          static_cast<std::uint8_t>(state),
          static_cast<std::uint8_t>(node.role.load()),
          node.level,
          {}};
}

void write_nodes(SectionWriter& file, const Graph& graph) {
  file.begin("nodes");
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    const NodeEntry entry = entry_of(graph.node(slot));
    file.append(&entry, sizeof entry);
  }
}

void write_upper_links(SectionWriter& file, const Graph& graph) {
  file.begin("upper links");
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    for (std::uint32_t level = 1; level <= graph.node(slot).level; ++level) {
      const Links links = graph.links(slot, level);
      for (std::size_t i = 0; i < links.capacity(); ++i) {
        const std::uint32_t link = links.stored(i);
        file.append(&link, sizeof link);
      }
    }
  }
}

IndexParameters parameters_of(const HnswEngine& index, std::uint64_t watermark) {
  const HnswOptions& options = index.options;
  const EntryPoint entry = index.graph.entry();
  return {options.dims,
          options.seed,
          watermark,
          index.next_sequence,
          index.next_training,
          options.m,
          options.ef_construction,
          static_cast<std::uint32_t>(options.metric),
          static_cast<std::uint32_t>(options.code),
          index.graph.slots(),
          entry.slot,
          entry.level,
          static_cast<std::uint32_t>(index.graph.records().stride())};
}

}  // namespace

void HnswIndex::save(const std::string& path, const HnswFileInfo& info) const {
  std::lock_guard no_changes(engine_->changes);
  std::shared_lock inside(engine_->gate);
  const Graph& graph = engine_->graph;
  const IndexParameters parameters = parameters_of(*engine_, info.watermark);
  const std::vector<float> learned = engine_->codes.learned();
  SectionWriter file(path, kIndexMagic, kIndexVersion);
  file.begin("parameters");
  file.append(&parameters, sizeof parameters);
  file.begin("metadata");
  file.append(info.metadata.data(), info.metadata.size());
  file.begin("learned");
  file.append(learned.data(), learned.size() * sizeof(float));
  write_arena(file, "records", graph.records(), graph.slots());
  write_arena(file, "vectors", graph.vectors(), graph.slots());
  write_nodes(file, graph);
  write_upper_links(file, graph);
  file.commit();
}

HnswIndex HnswIndex::load(const std::string& path, HnswFileInfo* info,
                          const std::string& vectors_folder) {
  IndexLoader loader(path, vectors_folder);
  std::unique_ptr<HnswEngine> engine = loader.load();
  if (info != nullptr) *info = {loader.watermark(), loader.metadata()};
  return HnswIndex(std::move(engine));
}

void HnswIndex::verify(const std::string& path) {
  IndexLoader loader(path, {});
  const std::unique_ptr<HnswEngine> engine = loader.load();
  loader.verify();
}

void HnswIndex::warm() {
  Graph& graph = engine_->graph;
  for (Arena* arena : {&graph.records(), &graph.vectors()}) {
    if (arena->is_on_disk()) continue;
    for (bool is_copied = true; is_copied;) {
      std::lock_guard no_changes(engine_->changes);
      is_copied = arena->copy_chunk(graph.slots());
      if (!is_copied) break;
      std::lock_guard nobody_inside(engine_->gate);
      arena->use_copy();
    }
  }
}

}  // namespace dvecdb::core
