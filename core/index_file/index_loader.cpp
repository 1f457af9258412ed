#include "core/index_file/index_loader.h"

#include <algorithm>
#include <stdexcept>

namespace dvecdb::core {
namespace {

constexpr std::uint32_t kMaxSlots = 0x7ffffff0u;

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
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) sort_in(slot);
  settle_chains();
  check_entry();
  graph().restore_free(std::move(free_));
  index->next_sequence = parameters_.next_sequence;
  index->next_training = parameters_.next_training;
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
  require(parameters_.metric <= static_cast<std::uint32_t>(Metric::l1), "parameters");
  require(parameters_.code > 0 && parameters_.code <= static_cast<std::uint32_t>(CodeKind::int7),
          "parameters");
  require(parameters_.slots <= kMaxSlots, "parameters");
  metadata_.resize(file_.begin("metadata"));
  file_.read(metadata_.data(), metadata_.size());
  file_.end();
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
  require_length(file_.begin("learned"), learned.size() * sizeof(float));
  file_.read(learned.data(), learned.size() * sizeof(float));
  file_.end();
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
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) read_node(slot);
  file_.end();
}

void IndexLoader::read_node(std::uint32_t slot) {
  NodeEntry entry;
  file_.read(&entry, sizeof entry);
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
  upper_lists_ += entry.level;
}

/// Their length is compared before memory is taken for them. A tombstone may have links to what is
/// free already: these are left out.
void IndexLoader::read_upper_links() {
  const std::uint64_t list_bytes = graph().m() * sizeof(std::uint32_t);
  require_length(file_.begin("upper links"), upper_lists_ * list_bytes);
  std::vector<std::uint32_t> stored(graph().m());
  for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
    const std::uint32_t levels = graph().node(slot).level;
    graph().give_upper(slot, levels);
    for (std::uint32_t level = 1; level <= levels; ++level) {
      file_.read(stored.data(), list_bytes);
      const auto end = std::find(stored.begin(), stored.end(), kNoSlot);
      const auto kept = std::remove_if(stored.begin(), end,
                                       [&](std::uint32_t link) { return !leads_on(link, level); });
      const auto count = static_cast<std::size_t>(kept - stored.begin());
      graph().links(slot, level).assign(stored.data(), count);
    }
  }
  file_.end();
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
