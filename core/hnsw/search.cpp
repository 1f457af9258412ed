#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/hnsw/filtered_search.h"
#include "core/hnsw/rerank.h"
#include "core/hnsw/search_run.h"

namespace dvecdb::core {
namespace {

/// The answer comes from about so many of the pool; when expanding nodes has brought none of them
/// for a while, going on to the pool's end seldom does. (Teofili and Lin, "Patience in Proximity",
/// ECIR 2025, end a walk so; here the pool's size bounds it too.)
Patience patience_for(std::size_t k, std::size_t ef) {
  constexpr std::size_t kBeyondAnswer = 10;
  return {k + std::max(kBeyondAnswer, ef / 4), 4 + ef / 4};
}

/// Compares what one walk finds. As if the slot `passed_by` were not there.
void walk_once(HnswEngine& index, const FilteredSearch::Wanted& wanted, std::uint32_t passed_by,
               Scratch& scratch, Reranker& reranker) {
  const Walker& walker = index.walker;
  const Patience patience = patience_for(wanted.k, wanted.ef);
  index.walker.prepare(wanted.query, scratch.query);
  const Candidate start = walker.descend(scratch.query, index.graph.entry(), 1);
  walker.begin(scratch, wanted.ef, start, patience);
  if (passed_by != kNoSlot) scratch.visited.mark(passed_by);
  walker.walk(scratch, 0, false);
  if (!reranker.compare(scratch.pool, true) || !reranker.is_blind()) return;
  walker.begin_exactly(scratch, wanted.query, wanted.ef, patience);
  if (passed_by != kNoSlot) scratch.visited.mark(passed_by);
  walker.walk(scratch, 0, false);
  reranker.restart();
  reranker.compare(scratch.pool, true);
}

}  // namespace

/// One walk is nearly always enough. If what it found is too little (tombstones, nodes that the
/// walk cannot reach), the search runs in rounds.
std::vector<Neighbor> HnswEngine::search(const float* query, std::size_t k, std::size_t ef,
                                         const Filter& filter) {
  std::shared_lock inside(gate);
  if (k == 0) return {};
  BorrowedScratch scratch(scratches);
  const std::size_t pool_size = std::max(ef, k);
  SlotFilter slot_filter(graph, filter, next_sequence.load());
  if (filter.labels != nullptr && !filter.predicate) {
    return FilteredSearch(*this, {query, k, pool_size}, slot_filter, *scratch).run();
  }
  if (filter.empty() && graph.entry().slot != kNoSlot) {
    Reranker reranker(*this, query, slot_filter, k);
    walk_once(*this, {query, k, pool_size}, kNoSlot, *scratch, reranker);
    if (reranker.compared() >= std::min(k, live.load())) return reranker.take();
  }
  SearchRun run(*this, query, pool_size, filter, *scratch);
  run.gather(filter.empty() ? k : match_count(k, pool_size));
  return run.take(k);
}

std::vector<Neighbor> HnswEngine::search_within(const float* query, double radius, std::size_t ef,
                                                RangeOptions wanted) {
  if (std::isnan(radius)) throw std::invalid_argument("the radius of a search is not a number");
  const bool is_squared = options.metric == Metric::l2_squared;
  if (wanted.limit == 0 || (is_squared && radius < 0)) return {};
  // A square root that is rounded down must not lose who is at the radius exactly.
  const double squared = std::nextafter(radius, HUGE_VAL) * std::nextafter(radius, HUGE_VAL);
  const double limit = is_squared ? squared : radius;
  std::shared_lock inside(gate);
  BorrowedScratch scratch(scratches);
  SearchRun run(*this, query, ef, std::move(wanted.filter), *scratch);
  run.gather_within(limit, wanted.limit);
  std::vector<Neighbor> found = run.take_within(limit, wanted.limit);
  while (!found.empty() && found.back().distance > radius) found.pop_back();
  return found;
}

/// As if `slot` were not there.
std::vector<Neighbor> HnswEngine::search_around(std::uint32_t slot, const float* query,
                                                std::size_t k, std::size_t ef) {
  std::shared_lock inside(gate);
  BorrowedScratch scratch(scratches);
  const SlotFilter all(graph, {}, next_sequence.load());
  Reranker reranker(*this, query, all, k);
  walk_once(*this, {query, k, std::max(ef, k)}, slot, *scratch, reranker);
  return reranker.take();
}

struct SearchCursor::Impl {
  Impl(HnswEngine& owner, const float* vector, std::size_t ef, Filter filter)
      : index(owner),
        cycle(owner.cursor_opened()),
        query(vector, vector + owner.options.dims),
        scratch(owner.scratches.borrow()),
        run(owner, query.data(), ef, std::move(filter), *scratch) {}
  ~Impl() {
    index.scratches.give_back(std::move(scratch));
    index.cursor_closed(cycle);
  }

  HnswEngine& index;
  std::uint64_t cycle;
  std::vector<float> query;
  std::unique_ptr<Scratch> scratch;
  SearchRun run;
};

SearchCursor::SearchCursor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SearchCursor::~SearchCursor() = default;
SearchCursor::SearchCursor(SearchCursor&&) noexcept = default;
SearchCursor& SearchCursor::operator=(SearchCursor&&) noexcept = default;

std::vector<Neighbor> SearchCursor::next(std::size_t count) {
  std::shared_lock inside(impl_->index.gate);
  impl_->run.gather(count);
  return impl_->run.take(count);
}

bool SearchCursor::exhausted() const {
  return impl_->run.is_complete() && !impl_->run.has_waiting();
}

SearchCursor HnswIndex::open_cursor(const float* query, std::size_t ef_search,
                                    Filter filter) const {
  return SearchCursor(
      std::make_unique<SearchCursor::Impl>(*engine_, query, ef_search, std::move(filter)));
}

}  // namespace dvecdb::core
