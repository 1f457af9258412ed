#include "dvecdb/hnsw_graph.h"

#include "core/hnsw/engine.h"

namespace dvecdb::core {

static_assert(HnswGraph::kNone == kNoSlot);

HnswGraph::HnswGraph(const HnswIndex& index)
    : graph_(&index.engine_->graph), codes_(&index.engine_->codes) {}

std::uint32_t HnswGraph::slots() const {
  return graph_->slots();
}

HnswGraph::Role HnswGraph::role(std::uint32_t slot) const {
  const Node& node = graph_->node(slot);
  const NodeState state = node.load_state();
  const NodeRole role = node.role;
  if (state != NodeState::live) return Role::none;
  if (role == NodeRole::duplicate) return Role::duplicate;
  return role == NodeRole::linked ? Role::linked : Role::unranked;
}

std::uint64_t HnswGraph::label(std::uint32_t slot) const {
  return graph_->node(slot).label;
}

const float* HnswGraph::vector(std::uint32_t slot) const {
  return graph_->vector(slot);
}

const std::uint8_t* HnswGraph::code(std::uint32_t slot) const {
  return graph_->code(slot);
}

const CodeSpace& HnswGraph::codes() const {
  return *codes_;
}

std::uint32_t HnswGraph::level(std::uint32_t slot) const {
  return graph_->node(slot).level;
}

std::size_t HnswGraph::links(std::uint32_t slot, std::uint32_t level, std::uint32_t* out) const {
  return graph_->links(slot, level).read(out);
}

std::size_t HnswGraph::capacity(std::uint32_t level) const {
  return level == 0 ? 2 * graph_->m() : graph_->m();
}

std::uint32_t HnswGraph::next_duplicate(std::uint32_t slot) const {
  return graph_->node(slot).next_duplicate.load(std::memory_order_acquire);
}

std::uint32_t HnswGraph::entry() const {
  return graph_->entry().slot;
}

}  // namespace dvecdb::core
