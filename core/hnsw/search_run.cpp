#include "core/hnsw/search_run.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dvecdb/label_set.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kMaxRound = 8192;

// What an expanded node and an exactly compared row cost, in nanoseconds: only their ratio
// matters, and only roughly.
constexpr double kWalkCost = 250;
constexpr double kRowCost = 120;
constexpr double kFloatCost = 0.13;

/// std heaps have the greatest on top, this one the nearest.
bool farther(const Neighbor& a, const Neighbor& b) {
  return nearer(b, a);
}

}  // namespace

SearchRun::SearchRun(HnswEngine& index, const float* query, std::size_t ef, Filter filter,
                     Scratch& scratch)
    : index_(index),
      query_(query),
      filter_(index.graph, std::move(filter), index.next_sequence.load()),
      scratch_(scratch),
      ef_(std::max<std::size_t>(ef, 1)) {}

bool SearchRun::gather(std::size_t count, std::size_t limit) {
  prepare();
  // Walking finds a match among so many nodes, if the filter has nothing to do with distance.
  const double walked =
      static_cast<double>(count) * static_cast<double>(index_.live) / std::max(1.0, matching());
  if (!complete_ && filter_.labels() != nullptr && scan_is_cheaper(walked)) scan_rest();
  while (waiting_.size() < count && !complete_) {
    if (scan_is_cheaper(static_cast<double>(walked_) / 2)) {
      scan_rest();
    } else if (walked_ > limit) {
      return false;
    } else {
      round();
    }
  }
  return true;
}

/// A round that has found much within the radius may have left some out, one that has found little
/// has been all around it. By inner product the way to some leads through others that are far
/// beyond: there it takes several that have found nothing.
void SearchRun::gather_within(double radius, std::size_t count) {
  constexpr std::size_t kFew = 4;
  constexpr int kRoundsOfProducts = 3;
  const bool is_metric = index_.codes.is_metric();
  int rounds_left = is_metric ? 1 : kRoundsOfProducts;
  const int rounds = rounds_left;
  prepare();
  // A walk among few matches would need several rounds.
  constexpr std::size_t kRounds = 8;
  if (filter_.labels() != nullptr && scan_is_cheaper(static_cast<double>(kRounds * ef_))) {
    scan_rest();
  }
  while (!complete_ && rounds_left > 0 && waiting_within(radius) < count + count / 2) {
    if (scan_is_cheaper(static_cast<double>(walked_) / 2)) return scan_rest();
    round();
    const std::size_t few = is_metric ? scratch_.pool.size() / kFew : 0;
    rounds_left = pool_within(radius) > few ? rounds : rounds_left - 1;
  }
}

/// How many of the last round's pool are within the radius by their estimates: not all of it has
/// passed the filter.
std::size_t SearchRun::pool_within(double radius) const {
  const CandidatePool& pool = scratch_.pool;
  const double limit = index_.codes.estimate_of(radius);
  std::size_t within = 0;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    within += static_cast<double>(pool[i].distance) <= limit;
  }
  return within;
}

std::size_t SearchRun::waiting_within(double radius) const {
  return static_cast<std::size_t>(std::count_if(
      waiting_.begin(), waiting_.end(), [&](const Neighbor& n) { return n.distance <= radius; }));
}

std::vector<Neighbor> SearchRun::take_within(double radius, std::size_t count) {
  std::vector<Neighbor> taken;
  std::copy_if(waiting_.begin(), waiting_.end(), std::back_inserter(taken),
               [&](const Neighbor& n) { return n.distance <= radius; });
  std::sort(taken.begin(), taken.end(), nearer);
  if (taken.size() > count) taken.resize(count);
  return finish(std::move(taken), index_.options.metric);
}

std::vector<Neighbor> SearchRun::take(std::size_t count) {
  std::vector<Neighbor> taken;
  while (taken.size() < count && !waiting_.empty()) {
    std::pop_heap(waiting_.begin(), waiting_.end(), farther);
    taken.push_back(waiting_.back());
    waiting_.pop_back();
  }
  return finish(std::move(taken), index_.options.metric);
}

/// Makes the query ready for the codes as they are now: they may have been retrained since.
void SearchRun::prepare() {
  const bool is_exact = scratch_.query.exact.has_value();
  if (begun_ && (is_exact || trainings_ == index_.trainings)) return;
  trainings_ = index_.trainings;
  index_.walker.prepare(query_, scratch_.query);
}

void SearchRun::round() {
  const bool is_first = !begun_;
  if (is_first) {
    begun_ = true;
    const EntryPoint entry = index_.graph.entry();
    if (entry.slot == kNoSlot) return scan_rest();
    begin(entry);
    if (complete_) return;
  } else if (!refill_pool()) {
    return scan_rest();
  }
  walk();
  if (is_first && index_.is_blind(query_, scratch_)) {
    begin_exactly();
    walk();
  }
  walked_ += scratch_.pool.size();
  harvest();
  ef_ = std::min(2 * ef_, std::max(ef_, kMaxRound));
}

void SearchRun::begin(EntryPoint entry) {
  const Candidate nearest = index_.walker.descend(scratch_.query, entry, 1);
  const bool is_set = may_use_bits_ && filter_.labels() != nullptr && !filter_.filter().predicate;
  if (is_set && index_.codes.is_metric() && begin_among_matches(nearest)) return;
  index_.walker.begin(scratch_, ef_, nearest);
}

void SearchRun::begin_exactly() {
  if (among_matches_) {
    among_matches_->begin_exactly(query_, ef_);
  } else {
    index_.walker.begin_exactly(scratch_, query_, ef_, {});
  }
}

void SearchRun::walk() {
  if (among_matches_) {
    among_matches_->walk(true);
  } else {
    index_.walker.walk(scratch_, 0, true);
  }
}

/// False when the filter's bits are not known. Where fewer match around the query than elsewhere,
/// the rest is scanned at once.
bool SearchRun::begin_among_matches(Candidate nearest) {
  constexpr double kFarAway = 0.5;
  const double share = matching() / std::max(1.0, static_cast<double>(index_.live));
  if (share == 0) return false;
  filter_.use(
      index_.slot_bits.find(*filter_.labels(), kWalkCost * static_cast<double>(ef_) / share));
  if (filter_.slot_bits() == nullptr) return false;
  among_matches_.emplace(index_.graph, index_.walker, filter_, scratch_);
  among_matches_->find_starts(nearest, ef_, share);
  if (among_matches_->begin(ef_, share) < kFarAway * share) scan_rest();
  return true;
}

/// The nearest of those rejected before become the pool of the next round.
bool SearchRun::refill_pool() {
  std::vector<Candidate>& rejected = scratch_.rejected;
  if (rejected.empty()) return false;
  const std::size_t count = std::min(ef_, rejected.size());
  const auto middle = rejected.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(rejected.begin(), middle - 1, rejected.end());
  std::sort(rejected.begin(), middle);
  scratch_.pool.reset(ef_);
  for (auto it = rejected.begin(); it != middle; ++it) scratch_.pool.insert(it->distance, it->slot);
  rejected.erase(rejected.begin(), middle);
  return true;
}

template <class Visit>
void SearchRun::for_each_in_chain(std::uint32_t slot, Visit visit) const {
  for (std::uint32_t at = slot; at != kNoSlot;) {
    const Node& node = index_.graph.node(at);
    visit(at, node);
    at = node.next_duplicate.load(std::memory_order_acquire);
  }
}

void SearchRun::harvest() {
  ExactScan exact(index_.options.metric, query_, index_.options.dims);
  const auto keep = [&](std::uint64_t label, double distance) {
    waiting_.push_back({label, distance});
    std::push_heap(waiting_.begin(), waiting_.end(), farther);
  };
  for (std::size_t i = 0; i < scratch_.pool.size(); ++i) {
    for_each_in_chain(scratch_.pool[i].slot, [&](std::uint32_t slot, const Node& node) {
      if (!filter_.passes(node)) return;
      harvested_.push_back(slot);
      exact.add(node.label, index_.graph.vector_ahead(slot), node.norm_squared, keep);
    });
  }
  exact.flush(keep);
}

/// Every slot that no round has harvested.
void SearchRun::scan_rest() {
  complete_ = true;
  const std::uint32_t slots = index_.graph.slots();
  std::vector<bool> seen(slots);
  for (const std::uint32_t slot : harvested_) seen[slot] = true;
  ExactScan exact(index_.options.metric, query_, index_.options.dims);
  const auto keep = [&](std::uint64_t label, double distance) {
    waiting_.push_back({label, distance});
  };
  const auto look_at = [&](std::uint32_t slot) {
    const Node& node = index_.graph.node(slot);
    if (slot >= slots || seen[slot] || !filter_.passes(node)) return;
    exact.add(node.label, index_.graph.vector_ahead(slot), node.norm_squared, keep);
  };
  if (filter_.labels() != nullptr && filter_.labels()->size() < slots / 4) {
    filter_.labels()->for_each([&](std::uint64_t label) {
      if (const auto slot = index_.labels.find(label)) look_at(*slot);
      return true;
    });
  } else {
    for (std::uint32_t slot = 0; slot < slots; ++slot) look_at(slot);
  }
  exact.flush(keep);
  std::make_heap(waiting_.begin(), waiting_.end(), farther);
}

/// About how many labels can match: the set's size, or all without a set.
double SearchRun::matching() const {
  const double live = static_cast<double>(index_.live);
  if (filter_.labels() == nullptr) return live;
  return std::min(live, static_cast<double>(filter_.labels()->size()));
}

/// Whether comparing all that could match costs less than expanding `walked` nodes.
bool SearchRun::scan_is_cheaper(double walked) const {
  const double row = kRowCost + kFloatCost * static_cast<double>(index_.options.dims);
  return matching() * row < walked * kWalkCost;
}

}  // namespace dvecdb::core
