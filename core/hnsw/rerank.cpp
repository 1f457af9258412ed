#include "core/hnsw/rerank.h"

#include <algorithm>
#include <span>

namespace dvecdb::core {
std::size_t rerank_count(CodeKind kind, std::size_t k) {
  return kind == CodeKind::int4 ? k + std::max<std::size_t>(20, k)
                                : k + std::max<std::size_t>(10, k / 2);
}

void Reranker::restart() {
  nearest_ = TopK(k_);
  wanted_ = rerank_count(index_.options.code, k_);
  compared_ = measured_ = last_gain_ = 0;
}

template <class Candidates>
void Reranker::compare(const Candidates& pool, const Effort& effort) {
  for (std::size_t i = 0; i < pool.size() && goes_on(effort); ++i) {
    std::uint32_t slot = pool[i].slot;
    do {
      const Node& node = index_.graph.node(slot);
      if (filter_.passes(node)) add(slot, node);
      slot = node.next_duplicate.load(std::memory_order_acquire);
    } while (effort.chains && slot != kNoSlot && compared_ < wanted_);
  }
  flush();
}

template void Reranker::compare(const CandidatePool&, const Effort&);
template void Reranker::compare(const std::span<const Candidate>&, const Effort&);

/// Looks at what the last batch brought once enough are compared.
bool Reranker::goes_on(const Effort& effort) {
  if (compared_ < wanted_) return true;
  flush();
  wanted_ = effort.factor * last_gain_ + effort.patience;
  return compared_ < wanted_;
}

void Reranker::add(std::uint32_t slot, const Node& node) {
  const auto visit = [this](std::uint64_t label, double distance) { offer(label, distance); };
  exact_.add(node.label, index_.graph.vector_ahead(slot), node.norm_squared, visit);
  ++compared_;
}

void Reranker::flush() {
  const auto visit = [this](std::uint64_t label, double distance) { offer(label, distance); };
  exact_.flush(visit);
}

void Reranker::offer(std::uint64_t label, double distance) {
  ++measured_;
  if (distance < nearest_.limit()) last_gain_ = measured_;
  nearest_.offer({label, distance});
}

}  // namespace dvecdb::core
