#include "core/hnsw/rerank.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <span>

namespace dvecdb::core {
namespace {

/// Estimates that are off by more than this times what is usual are too few to look for.
constexpr double kErrors = 3;

std::size_t part(std::size_t k) {
  return std::max<std::size_t>(4, k / 8);
}

}  // namespace

Reranker::Reranker(const HnswEngine& index, const float* query, const SlotFilter& filter,
                   std::size_t k)
    : index_(index),
      filter_(filter),
      exact_(index.options.metric, query, index.options.dims),
      nearest_(k),
      k_(k) {
  restart();
}

void Reranker::restart() {
  nearest_ = TopK(k_);
  wanted_ = k_ + part(k_);
  compared_ = 0;
  squared_errors_ = 0;
}

template <class Candidates>
bool Reranker::compare(const Candidates& sorted, bool chains) {
  const std::size_t first = std::min(sorted.size(), wanted_);
  for (std::size_t i = 0; i < first; ++i) __builtin_prefetch(&index_.graph.node(sorted[i].slot));
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Candidate candidate = sorted[i];
    if (compared_ >= wanted_ && !is_worth_comparing(candidate.distance)) {
      flush();
      return false;
    }
    std::uint32_t slot = candidate.slot;
    do {
      const Node& node = index_.graph.node(slot);
      if (filter_.passes(node)) add(slot, node, candidate.distance);
      slot = node.next_duplicate.load(std::memory_order_acquire);
    } while (chains && slot != kNoSlot && compared_ < wanted_);
  }
  flush();
  return true;
}

template bool Reranker::compare(const CandidatePool&, bool);
template bool Reranker::compare(const std::span<const Candidate>&, bool);

double Reranker::usual_error() const {
  return std::sqrt(squared_errors_ / static_cast<double>(compared_));
}

bool Reranker::is_blind() const {
  const double farthest = index_.codes.estimate_of(nearest_.limit());
  return compared_ >= k_ && CodeSpace::is_blind(usual_error(), farthest);
}

bool Reranker::is_worth_comparing(float estimate) {
  flush();
  wanted_ = compared_ + part(k_);
  const double usual = usual_error();
  const double limit = index_.codes.estimate_of(nearest_.limit());
  return !(static_cast<double>(estimate) > limit + kErrors * usual);
}

void Reranker::add(std::uint32_t slot, const Node& node, float estimate) {
  const auto visit = [this](std::uint64_t label, double distance) { offer(label, distance); };
  estimates_[added_++] = estimate;
  ++compared_;
  exact_.add(node.label, index_.graph.vector_ahead(slot), node.norm_squared, visit);
  if (added_ == ExactScan::kBatch) added_ = offered_ = 0;  // then it has measured them
}

void Reranker::flush() {
  const auto visit = [this](std::uint64_t label, double distance) { offer(label, distance); };
  exact_.flush(visit);
  added_ = offered_ = 0;
}

void Reranker::offer(std::uint64_t label, double distance) {
  const double error =
      index_.codes.estimate_of(distance) - static_cast<double>(estimates_[offered_++]);
  const double squared = error * error;
  if (squared <= DBL_MAX) squared_errors_ += squared;
  nearest_.offer({label, distance});
}

}  // namespace dvecdb::core
