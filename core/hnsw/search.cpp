#include <algorithm>

#include "core/hnsw/search_run.h"

namespace dvecdb::core {

/// Without a filter one walk is nearly always enough: it keeps nothing for a second one and
/// compares only the best of its pool exactly. If what it found is too little (tombstones, nodes
/// that the walk cannot reach), the search runs in rounds.
std::vector<Neighbor> HnswEngine::search(const float* query, std::size_t k, std::size_t ef,
                                         const Filter& filter) {
  std::shared_lock inside(gate);
  if (k == 0) return {};
  BorrowedScratch scratch(scratches);
  const std::size_t wanted = rerank_count(options.code, k);
  // The pool is sorted by estimates: of just k, some of the true nearest would have fallen out.
  const std::size_t pool_size = std::max(ef, k + k / 2);
  const EntryPoint entry = graph.entry();
  if (filter.empty() && entry.slot != kNoSlot) {
    Scratch& s = *scratch;
    codes.prepare(query, s.query);
    walker.begin(s, pool_size, walker.descend(s.query, entry, 1));
    walker.walk(s, 0, false);
    ExactScan exact(options.metric, query, options.dims);
    TopK nearest(k);
    const auto offer = [&](std::uint64_t label, double d) { nearest.offer({label, d}); };
    std::size_t compared = 0;
    for (std::size_t i = 0; i < s.pool.size() && compared < wanted; ++i) {
      for (std::uint32_t at = s.pool[i].slot; at != kNoSlot && compared < wanted;) {
        const Node& node = graph.node(at);
        if (node.load_state() == NodeState::live) {
          exact.add(node.label, graph.vector_ahead(at), node.norm_squared, offer);
          ++compared;
        }
        at = node.next_duplicate.load(std::memory_order_acquire);
      }
    }
    exact.flush(offer);
    if (compared >= std::min(k, live.load())) return finish(nearest.take(), options.metric);
  }
  SearchRun run(*this, query, pool_size, filter, *scratch);
  run.gather(filter.empty() ? k : wanted);
  return run.take(k);
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
