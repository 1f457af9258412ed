#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "core/hnsw/engine.h"
#include "core/index_file/section_file.h"

// docs/formats.md, "Vector index file".
namespace dvecdb::core {
namespace {

constexpr char kMagic[] = "DVECHNSW";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kMaxSlots = 0x7ffffff0u;

struct Parameters {
  std::uint64_t dims;
  std::uint64_t seed;
  std::uint64_t watermark;
  std::uint64_t next_sequence;
  std::uint64_t next_training;
  std::uint32_t m;
  std::uint32_t ef_construction;
  std::uint32_t metric;
  std::uint32_t code;
  std::uint32_t slots;
  std::uint32_t entry_slot;
  std::uint32_t entry_level;
  std::uint32_t reserved;
};
static_assert(sizeof(Parameters) == 72);

struct NodeEntry {
  std::uint64_t label;
  std::uint64_t sequence;
  std::uint32_t next_duplicate;
  float norm_squared;
  std::uint8_t state;
  std::uint8_t role;
  std::uint8_t level;
  std::uint8_t reserved[5];
};
static_assert(sizeof(NodeEntry) == 32);

/// Calls `visit(bytes, length)` for an arena's items below `count`, a chunk at a time.
template <class Visit>
void for_each_chunk(const Arena& arena, std::uint32_t count, Visit visit) {
  for (std::uint32_t first = 0; first < count; first += arena.items_per_chunk()) {
    const std::uint32_t items = std::min(count - first, arena.items_per_chunk());
    visit(arena.at(first), items * arena.stride());
  }
}

void write_nodes(SectionWriter& file, const Graph& graph) {
  file.begin("nodes");
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    const Node& node = graph.node(slot);
    NodeState state = node.load_state();
    if (state == NodeState::victim) state = NodeState::deleted;  // the sweep begins anew
    const NodeEntry entry{node.label,
                          node.sequence,
                          node.next_duplicate.load(),
                          node.norm_squared,
                          static_cast<std::uint8_t>(state),
                          static_cast<std::uint8_t>(node.role.load()),
                          node.level,
                          {}};
    file.append(&entry, sizeof entry);
  }
}

void write_upper_links(SectionWriter& file, const Graph& graph) {
  file.begin("upper links");
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    for (std::uint32_t level = 1; level <= graph.node(slot).level; ++level) {
      const Links links = graph.links(slot, level);
      for (std::size_t i = 0; i < links.capacity(); ++i) {
        const std::uint32_t link = links[i];
        file.append(&link, sizeof link);
      }
    }
  }
}

HnswOptions options_of(const Parameters& p, const SectionReader& file) {
  if (p.metric > static_cast<std::uint32_t>(Metric::l1) || p.code == 0 ||
      p.code > static_cast<std::uint32_t>(CodeKind::single) || p.slots > kMaxSlots) {
    file.damaged("impossible content");
  }
  return {p.dims, static_cast<Metric>(p.metric), p.m, p.ef_construction,
          p.seed, static_cast<CodeKind>(p.code)};
}

/// Reads the rest of a file into an empty index, and checks all that a walk relies on.
class Loader {
 public:
  Loader(SectionReader& file, HnswEngine& index, const Parameters& parameters)
      : file_(file), index_(index), graph_(index.graph), parameters_(parameters) {}

  void load() {
    read_learned();
    expect_bytes("nodes", sizeof(NodeEntry));
    graph_.restore_slots(parameters_.slots);
    for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) read_node(slot);
    file_.end();
    read_arena("records", graph_.records());
    check_links(0);
    read_arena("vectors", graph_.vectors());
    read_upper_links();
    check_chains();
    check_entry();
    graph_.restore_free(std::move(free_));
    index_.next_sequence = parameters_.next_sequence;
    index_.next_training = parameters_.next_training;
  }

 private:
  void require(bool holds) const {
    if (!holds) file_.damaged("impossible content");
  }

  void expect_bytes(const char* section, std::uint64_t bytes_per_slot) {
    require_length(file_.begin(section), bytes_per_slot * parameters_.slots);
  }

  void require_length(std::uint64_t bytes, std::uint64_t expected) const {
    if (bytes != expected) {
      file_.damaged("it has " + std::to_string(bytes) + " bytes instead of " +
                    std::to_string(expected));
    }
  }

  void read_learned() {
    std::vector<float> learned(index_.codes.learned_size());
    require_length(file_.begin("learned"), learned.size() * sizeof(float));
    file_.read(learned.data(), learned.size() * sizeof(float));
    file_.end();
    index_.codes.restore(learned);
  }

  void read_node(std::uint32_t slot) {
    NodeEntry entry;
    file_.read(&entry, sizeof entry);
    require(entry.state <= static_cast<std::uint8_t>(NodeState::deleted));
    require(entry.role <= static_cast<std::uint8_t>(NodeRole::unranked));
    require(entry.level <= 64);
    require(entry.next_duplicate == kNoSlot || entry.next_duplicate < parameters_.slots);
    Node& node = graph_.node(slot);
    node.label = entry.label;
    node.sequence = entry.sequence;
    node.norm_squared = entry.norm_squared;
    node.next_duplicate = entry.next_duplicate;
    node.role = static_cast<NodeRole>(entry.role);
    const auto state = static_cast<NodeState>(entry.state);
    if (state == NodeState::free) {
      require(entry.level == 0);
      free_.push_back(slot);
    } else if (state == NodeState::deleted) {
      index_.sweep.tombstones.push_back(slot);
      ++index_.deleted;
    } else {
      require(index_.labels.add(entry.label, slot));
      ++index_.live;
    }
    graph_.give_upper(slot, entry.level);
    node.state = state;
  }

  void read_arena(const char* section, const Arena& arena) {
    expect_bytes(section, arena.stride());
    for_each_chunk(arena, parameters_.slots,
                   [&](std::uint8_t* bytes, std::size_t length) { file_.read(bytes, length); });
    file_.end();
  }

  void read_upper_links() {
    file_.begin("upper links");
    for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
      for (std::uint32_t level = 1; level <= graph_.node(slot).level; ++level) {
        Links links = graph_.links(slot, level);
        for (std::size_t i = 0; i < links.capacity(); ++i) {
          std::uint32_t link;
          file_.read(&link, sizeof link);
          links.set(i, link);
        }
      }
    }
    file_.end();
    check_links(1);
  }

  /// Every link leads to a linked node that is on this level.
  void check_links(std::uint32_t lowest) const {
    for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
      const std::uint32_t highest = lowest == 0 ? 0 : graph_.node(slot).level;
      for (std::uint32_t level = lowest; level <= highest; ++level) {
        const Links links = graph_.links(slot, level);
        for (std::size_t i = 0; i < links.size(); ++i) {
          require(links[i] < parameters_.slots);
          const Node& neighbor = graph_.node(links[i]);
          require(neighbor.level >= level && neighbor.role == NodeRole::linked);
          require(neighbor.load_state() != NodeState::free);
        }
      }
    }
  }

  /// Chains lead from linked nodes through duplicates, each in one chain at most, without end.
  void check_chains() const {
    std::vector<bool> chained(parameters_.slots);
    for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
      const std::uint32_t next = graph_.node(slot).next_duplicate.load();
      if (next == kNoSlot) continue;
      require(graph_.node(next).role == NodeRole::duplicate && !chained[next]);
      require(graph_.node(slot).role != NodeRole::unranked);
      require(graph_.node(next).load_state() != NodeState::free);
      chained[next] = true;
    }
    for (std::uint32_t slot = 0; slot < parameters_.slots; ++slot) {
      if (graph_.node(slot).role != NodeRole::linked) continue;
      for (std::uint32_t at = slot; at != kNoSlot; at = graph_.node(at).next_duplicate.load()) {
        if (at != slot) chained[at] = false;
      }
    }
    require(std::find(chained.begin(), chained.end(), true) == chained.end());  // a ring
  }

  void check_entry() const {
    const EntryPoint entry{parameters_.entry_slot, parameters_.entry_level};
    if (entry.slot != kNoSlot) {
      require(entry.slot < parameters_.slots);
      const Node& node = graph_.node(entry.slot);
      require(node.load_state() != NodeState::free && node.role == NodeRole::linked);
      require(node.level == entry.level);
    }
    graph_.set_entry(entry);
  }

  SectionReader& file_;
  HnswEngine& index_;
  Graph& graph_;
  const Parameters& parameters_;
  std::vector<std::uint32_t> free_;
};

}  // namespace

void HnswIndex::save(const std::string& path, const HnswFileInfo& info) const {
  std::lock_guard no_changes(engine_->changes);
  std::shared_lock inside(engine_->gate);
  const Graph& graph = engine_->graph;
  const HnswOptions& options = engine_->options;
  const EntryPoint entry = graph.entry();
  const Parameters parameters{options.dims,
                              options.seed,
                              info.watermark,
                              engine_->next_sequence,
                              engine_->next_training,
                              options.m,
                              options.ef_construction,
                              static_cast<std::uint32_t>(options.metric),
                              static_cast<std::uint32_t>(options.code),
                              graph.slots(),
                              entry.slot,
                              entry.level,
                              0};
  SectionWriter file(path, kMagic, kVersion);
  file.begin("parameters");
  file.append(&parameters, sizeof parameters);
  file.begin("metadata");
  file.append(info.metadata.data(), info.metadata.size());
  const std::vector<float> learned = engine_->codes.learned();
  file.begin("learned");
  file.append(learned.data(), learned.size() * sizeof(float));
  write_nodes(file, graph);
  const auto append = [&](const std::uint8_t* bytes, std::size_t length) {
    file.append(bytes, length);
  };
  file.begin("records");
  for_each_chunk(graph.records(), graph.slots(), append);
  file.begin("vectors");
  for_each_chunk(graph.vectors(), graph.slots(), append);
  write_upper_links(file, graph);
  file.commit();
}

HnswIndex HnswIndex::load(const std::string& path, HnswFileInfo* info) {
  SectionReader file(path, kMagic, kVersion);
  Parameters parameters;
  file.begin("parameters");
  file.read(&parameters, sizeof parameters);
  file.end();
  std::string metadata(file.begin("metadata"), '\0');
  file.read(metadata.data(), metadata.size());
  file.end();
  std::unique_ptr<HnswEngine> engine;
  try {
    engine = std::make_unique<HnswEngine>(options_of(parameters, file));
  } catch (const std::invalid_argument& error) {
    file.damaged(error.what());
  }
  Loader(file, *engine, parameters).load();
  if (info != nullptr) *info = {parameters.watermark, std::move(metadata)};
  return HnswIndex(std::move(engine));
}

}  // namespace dvecdb::core
