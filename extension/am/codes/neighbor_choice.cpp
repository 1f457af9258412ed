#include "extension/am/codes/neighbor_choice.h"

#include <algorithm>
#include <cfloat>

namespace dvecdb::extension {
namespace {

/// How much nearer a chosen neighbor must be to cover a candidate, in the second pass.
constexpr float kRelaxed = 1.3f;

}  // namespace

std::size_t NeighborChoice::choose(const std::vector<LinkCandidate>& candidates,
                                   std::size_t capacity, std::vector<LinkCandidate>& chosen) {
  covers_.assign(candidates.size(), {FLT_MAX, 0});
  taken_.assign(candidates.size(), false);
  if (queries_.size() < capacity) queries_.resize(capacity);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    codes_.prepare_from_code(chosen[i].code, queries_[i]);
  }
  choose_uncovered(candidates, capacity, 1.0f, chosen);
  const std::size_t directions = chosen.size();
  choose_uncovered(candidates, capacity, kRelaxed, chosen);
  for (std::size_t i = 0; i < candidates.size() && chosen.size() < capacity; ++i) {
    if (!taken_[i]) chosen.push_back(candidates[i]);
  }
  return directions;
}

/// Chooses the candidates that none chosen before is nearer to than the node by `factor`. Goes on,
/// for each, from where an earlier call has come to: what it compared did not cover the candidate,
/// but the last, and less so by a greater factor.
void NeighborChoice::choose_uncovered(const std::vector<LinkCandidate>& candidates,
                                      std::size_t capacity, float factor,
                                      std::vector<LinkCandidate>& chosen) {
  for (std::size_t i = 0; i < candidates.size() && chosen.size() < capacity; ++i) {
    const LinkCandidate& candidate = candidates[i];
    // relaxing by a factor has no meaning for distances that may be negative
    if (taken_[i] || (factor != 1.0f && candidate.distance < 0)) continue;
    const float limit = candidate.distance / factor;
    Cover& cover = covers_[i];
    while (!(cover.distance < limit) && cover.compared < chosen.size()) {
      cover.distance = codes_.distance(queries_[cover.compared++], candidate.code);
    }
    if (cover.distance < limit) continue;
    codes_.prepare_from_code(candidate.code, queries_[chosen.size()]);
    chosen.push_back(candidate);
    taken_[i] = true;
  }
}

void NeighborChoice::compare(const std::vector<LinkCandidate>& list, std::size_t at,
                             std::vector<float>& out) {
  code_list_.clear();
  for (std::size_t i = 0; i < at; ++i) code_list_.push_back(list[i].code);
  out.resize(at);
  codes_.prepare_from_code(list[at].code, other_);
  codes_.distances(other_, code_list_.data(), at, out.data());
}

void NeighborChoice::measure(const std::uint8_t* code, std::vector<LinkCandidate>& list) {
  code_list_.clear();
  for (const LinkCandidate& one : list) code_list_.push_back(one.code);
  distances_.resize(list.size());
  codes_.prepare_from_code(code, other_);
  codes_.distances(other_, code_list_.data(), list.size(), distances_.data());
  for (std::size_t i = 0; i < list.size(); ++i) list[i].distance = distances_[i];
}

}  // namespace dvecdb::extension
