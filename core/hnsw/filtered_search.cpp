#include "core/hnsw/filtered_search.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "core/hnsw/match_scan.h"
#include "core/hnsw/prefetch.h"
#include "core/hnsw/search_run.h"

namespace dvecdb::core {
namespace {

// Costs in nanoseconds as measured with bench/filter, of which only the ratios matter.
constexpr double kExpandCost = 250;   // of a node in a filtered walk, and
constexpr double kListCost = 140;     // of each list that it reads besides
constexpr double kPlainCost = 250;    // of a node in a walk that tests what it takes only
constexpr double kPassCost = 5;       // of a slot passed over
constexpr double kLookupCost = 60;    // of a label
constexpr double kEstimateCost = 11;  // of a code, and
constexpr double kByteCost = 0.04;    // of each of its bytes

/// Where the share of matches around the query is less than this part of that of all, the filter
/// has to do with the distance.
constexpr double kFarAway = 0.5;

/// Expanded nodes for each place in the pool.
constexpr double kExpandedShare = 1.15;

/// Nodes that are tested to see how many match around the query.
constexpr std::size_t kTestsAround = 500;

/// A search without bits that has walked so many times the nodes that it should is given up.
constexpr double kTooManyWalked = 4;

constexpr std::size_t kBatch = 64;

}  // namespace

FilteredSearch::FilteredSearch(HnswEngine& index, const Wanted& wanted, SlotFilter& filter,
                               Scratch& scratch)
    : index_(index),
      wanted_(wanted),
      filter_(filter),
      scratch_(scratch),
      reranker_(index, wanted.query, filter, wanted.k) {
  const auto live = static_cast<double>(std::max<std::size_t>(index.live, 1));
  share_ = std::min(1.0, static_cast<double>(filter.labels()->size()) / live);
}

std::vector<Neighbor> FilteredSearch::run() {
  if (share_ == 0) return {};
  if (has_few()) return compare_all();
  index_.walker.prepare(wanted_.query, scratch_.query);
  const double plain = kPlainCost * static_cast<double>(wanted_.ef) / share_;
  filter_.use(index_.slot_bits.find(*filter_.labels(), std::min(plain, scan_cost())));
  const bool is_known = filter_.slot_bits() != nullptr;
  if (walk()) return reranker_.take();
  if (!is_known && is_near_ && plain < scan_cost()) {
    SearchRun run(index_, wanted_.query, wanted_.ef, filter_.filter(), scratch_);
    run.do_without_bits();
    const std::size_t limit = static_cast<std::size_t>(kTooManyWalked * plain / kPlainCost);
    if (run.gather(match_count(wanted_.k, wanted_.ef), limit)) return run.take(wanted_.k);
  }
  scan();
  return reranker_.take();
}

/// So that to compare all costs about as much as to choose by codes, which may choose wrong; but
/// not if it means to read from disk what codes would leave out.
bool FilteredSearch::has_few() const {
  constexpr std::size_t kFew = 128;
  const bool is_on_disk = index_.graph.vectors().is_on_disk();
  return filter_.labels()->size() <= std::max(wanted_.k, is_on_disk ? 0 : kFew);
}

std::vector<Neighbor> FilteredSearch::compare_all() {
  filter_.use(index_.slot_bits.find(*filter_.labels(), scan_cost()));
  if (filter_.slot_bits() == nullptr) filter_.expect_tests(index_.graph.slots());
  TopK nearest(wanted_.k);
  ExactScan exact(index_.options.metric, wanted_.query, index_.options.dims);
  const auto offer = [&](std::uint64_t label, double distance) {
    nearest.offer({label, distance});
  };
  for_each_match(index_, filter_, [&](std::uint32_t slot) {
    const Node& node = index_.graph.node(slot);
    if (!filter_.passes(node)) return;
    exact.add(node.label, index_.graph.vector_ahead(slot), node.norm_squared, offer);
  });
  exact.flush(offer);
  return finish(nearest.take(), index_.options.metric);
}

/// Among nodes of which so many match.
double FilteredSearch::walk_cost(double share) const {
  const auto wanted = static_cast<double>(FilteredWalker::wanted_neighbors(share));
  const auto degree = static_cast<double>(2 * index_.graph.m());
  const double bridges = std::clamp(wanted / (degree * share) - 1, 0.0, degree);
  const double nodes = kExpandedShare * static_cast<double>(wanted_.ef);
  return nodes * (kExpandCost + kListCost * bridges);
}

double FilteredSearch::scan_cost() const {
  const double slots = index_.graph.slots();
  const double matches = share_ * slots;
  const bool is_known = filter_.slot_bits() != nullptr;
  const double find = is_known ? 0 : std::min(slots * kPassCost, matches * kLookupCost);
  const double estimate =
      kEstimateCost + kByteCost * static_cast<double>(index_.codes.code_bytes());
  return find + matches * estimate;
}

/// False if it does not pay, or has not found enough.
bool FilteredSearch::walk() {
  const EntryPoint entry = index_.graph.entry();
  if (entry.slot == kNoSlot || walk_cost(1) > scan_cost()) return false;
  filter_.expect_tests(kTestsAround);
  FilteredWalker walker(index_.graph, index_.walker, filter_, scratch_);
  find_starts(walker, index_.walker.descend(scratch_.query, entry, 1));
  const double around = walker.begin(wanted_.ef, share_);
  is_near_ = around > kFarAway * share_;
  if (!is_near_ || filter_.slot_bits() == nullptr) return false;
  if (walk_cost(around) > scan_cost()) return false;
  walker.walk(false);
  compare_walked(walker);
  if (is_beyond_others(walker)) {
    is_near_ = false;
    return false;
  }
  return reranker_.compared() >= wanted_.k;
}

/// Not with care where it will come to a scan, unless more match around the query than elsewhere.
void FilteredSearch::find_starts(FilteredWalker& walker, Candidate nearest) {
  const bool will_scan = index_.codes.is_metric() && walk_cost(share_) > scan_cost();
  if (will_scan) {
    scratch_.slots.assign(1, nearest.slot);
  } else {
    walker.find_starts(nearest, wanted_.ef, share_);
  }
}

void FilteredSearch::compare_walked(FilteredWalker& walker) {
  if (!reranker_.compare(scratch_.pool, true) || !reranker_.is_blind()) return;
  walker.begin_exactly(wanted_.query, wanted_.ef);
  walker.walk(false);
  reranker_.restart();
  reranker_.compare(scratch_.pool, true);
}

/// Whether many more nodes that do not match are nearer than the answer than there would be if the
/// filter had nothing to do with the distance: then the true answer may lie elsewhere, equally far.
bool FilteredSearch::is_beyond_others(const FilteredWalker& walker) const {
  constexpr double kTooMany = 3;
  constexpr double kByChance = 4;
  const CandidatePool& pool = scratch_.pool;
  if (pool.size() < wanted_.k) return true;
  const float farthest = pool[wanted_.k - 1].distance;
  const std::vector<std::uint32_t>& failing = walker.failing();
  std::vector<float>& distances = scratch_.filter.distances;
  if (distances.size() < failing.size()) distances.resize(failing.size());
  index_.walker.estimate(scratch_.query, failing.data(), failing.size(), distances.data());
  const auto nearer = std::count_if(distances.begin(),
                                    distances.begin() + static_cast<std::ptrdiff_t>(failing.size()),
                                    [&](float distance) { return distance < farthest; });
  const double expected = static_cast<double>(wanted_.k) * (1 - share_) / share_;
  return static_cast<double>(nearer) > kTooMany * expected + kByChance;
}

void FilteredSearch::scan() {
  if (filter_.slot_bits() == nullptr) filter_.expect_tests(index_.graph.slots());
  if (scratch_.query.exact) index_.walker.prepare(wanted_.query, scratch_.query);
  reranker_.restart();
  scratch_.candidates.clear();
  std::array<std::uint32_t, kBatch> slots;
  std::size_t count = 0;
  for_each_match(index_, filter_, [&](std::uint32_t slot) {
    __builtin_prefetch(&index_.graph.node(slot));
    prefetch_lines(index_.graph.code(slot), index_.graph.code_lines());
    slots[count++] = slot;
    if (count == kBatch) take_batch(slots.data(), std::exchange(count, 0));
  });
  take_batch(slots.data(), count);
  compare_nearest();
  if (reranker_.compared() < wanted_.k) add_unranked();
}

/// Makes candidates of the live ones.
void FilteredSearch::take_batch(const std::uint32_t* slots, std::size_t count) {
  std::array<std::uint32_t, kBatch> live{};
  std::array<float, kBatch> distances;
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Node& node = index_.graph.node(slots[i]);
    live[size] = slots[i];
    size += node.load_state() == NodeState::live && node.role != NodeRole::unranked;
  }
  index_.walker.estimate(scratch_.query, live.data(), size, distances.data());
  for (std::size_t i = 0; i < size; ++i) {
    scratch_.candidates.push_back({distances[i], live[i]});
  }
}

/// In parts, each greater than the one before: mostly the first is enough.
void FilteredSearch::compare_nearest() {
  constexpr std::size_t kFirstPart = 128;
  std::vector<Candidate>& candidates = scratch_.candidates;
  auto begin = candidates.begin();
  bool goes_on = true;
  for (std::size_t part = kFirstPart; begin != candidates.end() && goes_on; part *= 2) {
    const auto rest = static_cast<std::size_t>(candidates.end() - begin);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(part, rest));
    if (end != candidates.end()) std::nth_element(begin, end, candidates.end());
    std::sort(begin, end);
    goes_on = reranker_.compare(std::span<const Candidate>(begin, end), false);
    begin = end;
  }
}

/// Zero vectors, which have no cosine: they come last.
void FilteredSearch::add_unranked() {
  scratch_.pool.reset(wanted_.k);
  for_each_match(index_, filter_, [&](std::uint32_t slot) {
    const Node& node = index_.graph.node(slot);
    const bool is_wanted = node.role == NodeRole::unranked && filter_.passes(node);
    if (is_wanted && scratch_.pool.size() < wanted_.k) scratch_.pool.insert(0, slot);
  });
  reranker_.compare(scratch_.pool, false);
}

}  // namespace dvecdb::core
