#include "core/index_file/index_loader.h"

#include <algorithm>
#include <stdexcept>

namespace dvecdb::core {
namespace {

constexpr std::uint32_t kMaxSlots = 0x7ffffff0u;

/// Numbers that the recall curve may take.
constexpr std::size_t kMostOfCurve = 4096;

}  // namespace

IndexLoader::IndexLoader(const std::string& path, std::string vectors_folder)
    : file_(path, kIndexMagic, kIndexVersion), vectors_folder_(std::move(vectors_folder)) {}

std::unique_ptr<HnswEngine> IndexLoader::load() {
  read_parameters();
  std::unique_ptr<HnswEngine> index = empty_index();
  index_ = index.get();
  read_learned();
  const std::uint64_t records = place("records", graph().records().stride());
  const std::uint64_t vectors = place("vectors", graph().vectors().stride());
  graph().map_slots(file_.file(), records, vectors, parameters_.slots);
  read_nodes();
  read_upper_links();
  file_.read_checksums();
  apply_changes();
  index->labels.reserve(parameters_.slots);
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
    sort_in(slot);
    settle_upper_links(slot);
    graph().marks().clear(slot);
  }
  settle_chains();
  check_entry();
  graph().restore_free(std::move(free_));
  index->next_sequence = parameters_.next_sequence;
  index->next_training = parameters_.next_training;
  info_.watermark = parameters_.watermark;
  return index;
}

void IndexLoader::verify() {
  file_.verify_blocks();
  check_lowest_links();
}

void IndexLoader::require(bool holds, const char* section) const {
  if (!holds) file_.damaged("impossible content", section);
}

void IndexLoader::require_length(std::uint64_t bytes, std::uint64_t expected) const {
  if (bytes != expected) {
    file_.damaged("it has " + std::to_string(bytes) + " bytes instead of " +
                  std::to_string(expected));
  }
}

void IndexLoader::read_parameters() {
  require_length(file_.begin("parameters"), sizeof parameters_);
  file_.read(&parameters_, sizeof parameters_);
  file_.end();
  check_parameters("parameters");
  info_.metadata.resize(file_.begin("metadata"));
  file_.read(info_.metadata.data(), info_.metadata.size());
  file_.end();
}

void IndexLoader::check_parameters(const char* section) const {
  const auto code = static_cast<CodeKind>(parameters_.code);
  require(parameters_.metric <= static_cast<std::uint32_t>(Metric::l1), section);
  require(code > CodeKind::automatic && code <= CodeKind::int7, section);
  require(parameters_.slots <= kMaxSlots, section);
}

std::unique_ptr<HnswEngine> IndexLoader::empty_index() const {
  HnswOptions options;
  options.dims = parameters_.dims;
  options.metric = static_cast<Metric>(parameters_.metric);
  options.m = parameters_.m;
  options.ef_construction = parameters_.ef_construction;
  options.seed = parameters_.seed;
  options.code = static_cast<CodeKind>(parameters_.code);
  options.vectors_folder = vectors_folder_;
  try {
    auto index = std::make_unique<HnswEngine>(options);
    require_length(parameters_.record_bytes, index->graph.records().stride());
    return index;
  } catch (const std::invalid_argument& error) {
    file_.damaged(error.what());
  }
}

void IndexLoader::read_learned() {
  std::vector<float> learned(index_->codes.learned_size());
  const std::uint64_t bytes = file_.begin("learned");
  const std::uint64_t least = learned.size() * sizeof(float);
  if (bytes < least || bytes > least + kMostOfCurve * sizeof(float)) require_length(bytes, least);
  file_.read(learned.data(), least);
  std::vector<float> curve((bytes - least) / sizeof(float));
  file_.read(curve.data(), curve.size() * sizeof(float));
  file_.end();
  index_->recall_curve = RecallCurve(curve);
  index_->codes.restore(learned);
}

/// Where a section that is used in place lies.
std::uint64_t IndexLoader::place(const char* section, std::uint64_t bytes_per_slot) {
  require_length(file_.begin(section), bytes_per_slot * parameters_.slots);
  return file_.offset_in_place();
}

void IndexLoader::read_nodes() {
  require_length(file_.begin("nodes"), sizeof(NodeEntry) * parameters_.slots);
  graph().restore_slots(parameters_.slots);
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
    NodeEntry entry;
    file_.read(&entry, sizeof entry);
    set_node(slot, entry);
  }
  file_.end();
}

void IndexLoader::set_node(std::uint32_t slot, const NodeEntry& entry) {
  require(entry.state <= static_cast<std::uint8_t>(NodeState::deleted), "nodes");
  require(entry.role <= static_cast<std::uint8_t>(NodeRole::unranked), "nodes");
  require(entry.level <= kMaxLevel, "nodes");
  require(entry.next_duplicate == kNoSlot || entry.next_duplicate < parameters_.slots, "nodes");
  Node& node = graph().node(slot);
  node.label = entry.label;
  node.sequence = entry.sequence;
  node.norm_squared = entry.norm_squared;
  node.next_duplicate = entry.next_duplicate;
  node.role = static_cast<NodeRole>(entry.role);
  node.state = static_cast<NodeState>(entry.state);
  node.level = entry.level;
}

/// Their length is compared before memory is taken for them.
void IndexLoader::read_upper_links() {
  std::uint64_t lists = 0;
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) lists += graph().node(slot).level;
  const std::uint64_t list_bytes = graph().m() * sizeof(std::uint32_t);
  require_length(file_.begin("upper links"), lists * list_bytes);
  std::vector<std::uint32_t> list(graph().m());
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
    const std::uint32_t levels = graph().node(slot).level;
    graph().give_upper(slot, levels);
    for (std::uint32_t level = 1; level <= levels; ++level) {
      file_.read(list.data(), list_bytes);
      graph().links(slot, level).assign(list.data(), list.size());
    }
  }
  file_.end();
}

void IndexLoader::apply_changes() {
  SavedFile& saved = index_->saved;
  saved.whole_bytes = file_.sections_end();
  saved.next = {file_.identity(), 1, file_.sections_end()};
  while (std::optional<ReadStream> part = next_changes(file_.file(), saved.next)) {
    apply_part(std::move(*part));
  }
}

void IndexLoader::apply_part(ReadStream part) {
  const IndexParameters before = parameters_;
  std::uint64_t counts[2];  // bytes of metadata, slots
  read_changed(part, &parameters_, sizeof parameters_);
  read_changed(part, counts, sizeof counts);
  check_parameters("changes");
  // New slots are among those that have changed.
  require(counts[0] <= part.bytes_left(), "changes");
  require(counts[1] <= (part.bytes_left() - counts[0]) / sizeof(ChangedSlot), "changes");
  require(parameters_.slots >= before.slots, "changes");
  require(parameters_.slots - before.slots <= counts[1], "changes");
  graph().restore_slots(parameters_.slots);
  std::string& metadata = info_.changes.emplace_back(counts[0], '\0');
  read_changed(part, metadata.data(), metadata.size());
  for (std::uint64_t i = 0; i < counts[1]; ++i) {
    ChangedSlot changed;
    read_changed(part, &changed, sizeof changed);
    apply_slot(part, changed);
  }
  if (part.bytes_left() > 0) read_changed_curve(part);
}

/// A part that has none leaves the one before.
void IndexLoader::read_changed_curve(ReadStream& part) {
  const std::uint64_t bytes = part.bytes_left();
  require(bytes % sizeof(float) == 0 && bytes <= kMostOfCurve * sizeof(float), "changes");
  std::vector<float> curve(bytes / sizeof(float));
  read_changed(part, curve.data(), bytes);
  index_->recall_curve = RecallCurve(curve);
}

void IndexLoader::apply_slot(ReadStream& part, const ChangedSlot& changed) {
  constexpr std::uint32_t kKnown = ChangeMarks::kAll | ChangeMarks::kLowestLinks;
  require(changed.slot < parameters_.slots && changed.marks <= kKnown, "changes");
  const std::uint32_t slot = changed.slot;
  if ((changed.marks & ChangeMarks::kNode) != 0) {
    NodeEntry entry;
    read_changed(part, &entry, sizeof entry);
    const bool is_moved = entry.level != graph().node(slot).level;
    const bool has_links = (changed.marks & ChangeMarks::kUpperLinks) != 0;
    require(!is_moved || entry.level == 0 || has_links, "changes");
    if (is_moved) graph().take_upper(slot);
    set_node(slot, entry);
    if (is_moved) graph().give_upper(slot, entry.level);
  }
  if ((changed.marks & ChangeMarks::kLowestLinks) != 0) read_changed_links(part, slot, 0);
  if ((changed.marks & ChangeMarks::kRecord) != 0) {
    read_changed(part, graph().records().at(slot), graph().records().stride());
  }
  if ((changed.marks & ChangeMarks::kVector) != 0) {
    std::vector<float> vector(graph().dims());
    read_changed(part, vector.data(), vector.size() * sizeof(float));
    graph().set_vector(slot, vector.data());
  }
  if ((changed.marks & ChangeMarks::kUpperLinks) == 0) return;
  for (std::uint32_t level = 1; level <= graph().node(slot).level; ++level) {
    read_changed_links(part, slot, level);
  }
}

void IndexLoader::read_changed(ReadStream& part, void* out, std::size_t bytes) const {
  require(part.read(out, bytes), "changes");
}

void IndexLoader::read_changed_links(ReadStream& part, std::uint32_t slot, std::uint32_t level) {
  Links links = graph().links(slot, level);
  std::vector<std::uint32_t> list(links.capacity());
  read_changed(part, list.data(), list.size() * sizeof(std::uint32_t));
  links.assign(list.data(), list.size());
}

/// Where the node belongs: to the free ones, the tombstones or the labels.
void IndexLoader::sort_in(std::uint32_t slot) {
  const Node& node = graph().node(slot);
  const NodeState state = node.load_state();
  if (state == NodeState::free) {
    require(node.level == 0, "nodes");
    free_.push_back(slot);
  } else if (state == NodeState::deleted) {
    index_->sweep.tombstones.push_back(slot);
    ++index_->deleted;
  } else {
    require(index_->labels.add(node.label, slot), "nodes");
    ++index_->live;
  }
}

/// Where a walk may go on this level.
bool IndexLoader::leads_on(std::uint32_t link, std::uint32_t level) const {
  if (link >= parameters_.slots) return false;
  const Node& node = graph().node(link);
  return node.level >= level && node.role == NodeRole::linked &&
         node.load_state() != NodeState::free;
}

/// A tombstone may have links to what is free already: these are left out.
void IndexLoader::settle_upper_links(std::uint32_t slot) {
  std::vector<std::uint32_t> kept;
  for (std::uint32_t level = 1; level <= graph().node(slot).level; ++level) {
    Links links = graph().links(slot, level);
    kept.clear();
    for (std::size_t i = 0; i < links.capacity() && links.stored(i) != kNoSlot; ++i) {
      if (leads_on(links.stored(i), level)) kept.push_back(links.stored(i));
    }
    links.assign(kept.data(), kept.size());
  }
}

/// Chains lead from linked nodes through duplicates, each in one chain at most, without end. A
/// tombstone that a sweep had taken out of its chain still leads back into it: that ends here.
void IndexLoader::settle_chains() {
  std::vector<bool> chained(parameters_.slots);
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
    if (graph().node(slot).role != NodeRole::linked) continue;
    std::uint32_t at = graph().node(slot).next_duplicate.load();
    for (; at != kNoSlot; at = graph().node(at).next_duplicate.load()) {
      const Node& node = graph().node(at);
      require(node.role == NodeRole::duplicate && !chained[at], "nodes");
      require(node.load_state() != NodeState::free, "nodes");
      chained[at] = true;
    }
  }
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
    Node& node = graph().node(slot);
    if (node.role != NodeRole::linked && !chained[slot]) node.next_duplicate = kNoSlot;
  }
}

/// Links of the lowest level, which load() leaves unread.
void IndexLoader::check_lowest_links() const {
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
    const Links links = graph().links(slot, 0);
    for (std::size_t i = 0; i < links.capacity() && links.stored(i) != kNoSlot; ++i) {
      require(links.stored(i) < parameters_.slots, "records");
    }
  }
}

void IndexLoader::check_entry() const {
  const EntryPoint entry{parameters_.entry_slot, parameters_.entry_level};
  if (entry.slot != kNoSlot) {
    require(entry.slot < parameters_.slots, "parameters");
    const Node& node = graph().node(entry.slot);
    require(node.load_state() != NodeState::free && node.role == NodeRole::linked, "parameters");
    require(node.level == entry.level, "parameters");
  }
  graph().set_entry(entry);
}

}  // namespace dvecdb::core
