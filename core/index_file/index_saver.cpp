#include "core/index_file/index_saver.h"

#include <algorithm>

#include "core/index_file/hnsw_format.h"

namespace dvecdb::core {
namespace {

void write_arena(SectionWriter& file, const char* section, const Arena& arena,
                 std::uint32_t count) {
  file.begin(section, SectionWriter::Checked::blocks);
  for (std::uint32_t first = 0; first < count; first += arena.items_per_chunk()) {
    const std::uint32_t items = std::min(count - first, arena.items_per_chunk());
    arena.will_need(first, items);
    file.append(arena.at(first), items * arena.stride());
  }
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

template <class File>
void write_links(File& file, const Links& links) {
  for (std::size_t i = 0; i < links.capacity(); ++i) {
    const std::uint32_t link = links.stored(i);
    file.append(&link, sizeof link);
  }
}

template <class File>
void write_upper_links(File& file, const Graph& graph, std::uint32_t slot) {
  for (std::uint32_t level = 1; level <= graph.node(slot).level; ++level) {
    write_links(file, graph.links(slot, level));
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

void write_index(SectionWriter& file, const HnswEngine& index, const HnswFileInfo& info) {
  const Graph& graph = index.graph;
  const IndexParameters parameters = parameters_of(index, info.watermark);
  const std::vector<float> learned = index.codes.learned();
  file.begin("parameters");
  file.append(&parameters, sizeof parameters);
  file.begin("metadata");
  file.append(info.metadata.data(), info.metadata.size());
  file.begin("learned");
  file.append(learned.data(), learned.size() * sizeof(float));
  const std::vector<float> curve = index.recall_curve.values();
  file.append(curve.data(), curve.size() * sizeof(float));
  write_arena(file, "records", graph.records(), graph.slots());
  write_arena(file, "vectors", graph.vectors(), graph.slots());
  file.begin("nodes");
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    const NodeEntry entry = entry_of(graph.node(slot));
    file.append(&entry, sizeof entry);
  }
  file.begin("upper links");
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) write_upper_links(file, graph, slot);
}

ChangedSlots::ChangedSlots(const HnswEngine& index) : index_(index), graph_(index.graph) {
  for (std::uint32_t slot = 0; slot < graph_.slots(); ++slot) {
    std::uint8_t marks = graph_.marks().of(slot);
    if (marks == 0) continue;
    if ((marks & ChangeMarks::kRecord) != 0) marks &= ~std::uint8_t{ChangeMarks::kLowestLinks};
    changed_.push_back({slot, marks});
    bytes_ += sizeof(ChangedSlot);
    if ((marks & ChangeMarks::kNode) != 0) bytes_ += sizeof(NodeEntry);
    if ((marks & ChangeMarks::kLowestLinks) != 0) bytes_ += 2 * graph_.m() * sizeof(std::uint32_t);
    if ((marks & ChangeMarks::kRecord) != 0) bytes_ += graph_.records().stride();
    if ((marks & ChangeMarks::kVector) != 0) bytes_ += graph_.vectors().stride();
  }
}

void ChangedSlots::write(ChangeWriter& file, const HnswFileInfo& info) const {
  const IndexParameters parameters = parameters_of(index_, info.watermark);
  const std::uint64_t counts[2] = {info.metadata.size(), changed_.size()};
  file.append(&parameters, sizeof parameters);
  file.append(counts, sizeof counts);
  file.append(info.metadata.data(), info.metadata.size());
  for (const Changed& changed : changed_) write_slot(file, changed);
  std::vector<float> curve = index_.recall_curve.values();
  if (curve.empty()) curve.push_back(0);  // of no vectors: not the one before
  file.append(curve.data(), curve.size() * sizeof(float));
}

void ChangedSlots::write_slot(ChangeWriter& file, const Changed& changed) const {
  const auto [slot, marks] = changed;
  const ChangedSlot head{slot, marks};
  file.append(&head, sizeof head);
  if ((marks & ChangeMarks::kNode) != 0) {
    const NodeEntry entry = entry_of(graph_.node(slot));
    file.append(&entry, sizeof entry);
  }
  if ((marks & ChangeMarks::kLowestLinks) != 0) write_links(file, graph_.links(slot, 0));
  if ((marks & ChangeMarks::kRecord) != 0) {
    file.append(graph_.records().at(slot), graph_.records().stride());
  }
  if ((marks & ChangeMarks::kVector) != 0) {
    file.append(graph_.vectors().at(slot), graph_.vectors().stride());
  }
  if ((marks & ChangeMarks::kUpperLinks) != 0) write_upper_links(file, graph_, slot);
}

void ChangedSlots::clear_marks() const {
  for (const Changed& changed : changed_) graph_.marks().clear(changed.slot);
}

void ChangedSlots::mark_again() const {
  for (const Changed& changed : changed_) graph_.marks().mark(changed.slot, changed.marks);
}

}  // namespace dvecdb::core
