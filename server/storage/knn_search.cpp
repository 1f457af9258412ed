#include "server/storage/knn_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "dvecdb/flat.h"
#include "server/storage/change_log.h"
#include "server/storage/vector_index_build.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t largest_batch = 1000;
// So many rows that changed around the snapshot are looked at one by one; more are scanned.
constexpr std::size_t changed_rows_limit = 100000;
// So many rows that pass the filter are all measured; more are walked to.
constexpr std::size_t few_filtered_rows = 2000;
// The filter may cost a scan of the table: as many candidates are tried first, in parts of the
// table's size.
constexpr std::size_t rows_per_trial = 50;
constexpr std::size_t most_trials = 20000;

std::uint64_t label_of(std::int64_t id) {
  return static_cast<std::uint64_t>(id);
}

}  // namespace

inline bool KnnSearch::IsFarther::operator()(const Candidate& a, const Candidate& b) const {
  const bool a_is_nan = std::isnan(a.distance);
  const bool b_is_nan = std::isnan(b.distance);
  if (a_is_nan != b_is_nan) return a_is_nan;
  if (!a_is_nan && a.distance != b.distance) return a.distance > b.distance;
  return a.id > b.id;
}

void KnnSearch::add_candidate(const Candidate& candidate) {
  candidates_.push_back(candidate);
  std::push_heap(candidates_.begin(), candidates_.end(), is_farther);
}

KnnSearch::Candidate KnnSearch::take_nearest() {
  std::pop_heap(candidates_.begin(), candidates_.end(), is_farther);
  const Candidate nearest = candidates_.back();
  candidates_.pop_back();
  return nearest;
}

KnnSearch::KnnSearch(Connection& connection, std::shared_ptr<VectorIndex> index, KnnRequest request)
    : connection_(connection),
      index_(std::move(index)),
      request_(std::move(request)),
      rows_(connection, index_->definition()) {
  if (request_.query.is_null()) return;
  measure_.emplace(index_->definition(), request_.query.as_bytes());
  if (has_graph(index_->definition().element)) begin_walk();
}

// --- Candidates ---

void KnnSearch::begin_walk() {
  const std::int64_t snapshot = change_log::last_sequence(connection_);
  search_ = index_->begin_search(snapshot);
  if (!search_->is_possible() || !judge_changed_rows(snapshot)) {
    search_.reset();
    return;
  }
  choose_ef();
  add_delta();
  const std::size_t trials = std::min(search_->graph().size() / rows_per_trial, most_trials);
  first_trials_ = std::max(2 * ef_search_, 4 * request_.k);
  all_trials_ = std::max(trials, first_trials_);
  batch_size_ = request_.k > 0 ? request_.k : ef_search_;
  batch_size_ = std::clamp<std::size_t>(batch_size_, 1, largest_batch);
  cursor_.emplace(search_->graph().open_cursor(measure_->floats(), ef_search_));
}

void KnnSearch::choose_ef() {
  ef_search_ = request_.ef_search;
  if (request_.target_recall == 0) return;
  ef_search_ = ef_for(search_->graph(), request_.target_recall, request_.k);
}

// False when there are too many.
bool KnnSearch::judge_changed_rows(std::int64_t snapshot) {
  std::vector<std::int64_t> ids = search_->changed();
  if (snapshot > search_->known_to()) {
    const Oid table_oid = index_->definition().table_oid;
    for (const Change& change : change_log::read(connection_, table_oid, search_->known_to())) {
      ids.push_back(change.id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.size() > changed_rows_limit) return false;
  for (const std::int64_t id : ids) look_at(id);
  return true;
}

// The delta holds float32 for every element kind; the row's own distance follows when it is judged.
void KnnSearch::add_delta() {
  if (search_->delta().empty()) return;
  const auto dimensions = static_cast<std::size_t>(index_->definition().dimensions);
  const core::Metric metric = graph_options(index_->definition()).metric;
  std::vector<double> distances;
  for (const DeltaPart& part : search_->delta()) {
    const core::RowBlock rows{part.chunk->vectors.get() + part.begin * dimensions,
                              part.end - part.begin, dimensions};
    distances.resize(rows.count);
    core::operator_distances(metric, measure_->floats(), rows, distances.data());
    for (std::size_t i = 0; i < rows.count; ++i) {
      candidates_.push_back({distances[i], part.chunk->ids[part.begin + i], false});
    }
  }
  std::make_heap(candidates_.begin(), candidates_.end(), is_farther);
}

void KnnSearch::fetch_from_graph() {
  throw_if_cancelled();
  const std::vector<core::Neighbor> neighbors = cursor_->next(batch_size_);
  if (search_->is_stale()) {
    finish_walk();
    scan_rest();
    return;
  }
  index_->ids_of(neighbors, batch_ids_);
  for (std::size_t i = 0; i < neighbors.size(); ++i) {
    // No id: all candidates of the frontier's distance are due with it.
    const Candidate reached{neighbors[i].distance, std::numeric_limits<std::int64_t>::max(), false};
    if (!frontier_ || is_farther(reached, *frontier_)) frontier_ = reached;
    add_candidate({neighbors[i].distance, batch_ids_[i], false});
  }
  if (neighbors.size() < batch_size_) finish_walk();
  batch_size_ = std::min(batch_size_ * 2, largest_batch);
}

void KnnSearch::finish_walk() {
  cursor_.reset();
  search_.reset();
}

// Looks a row up in the snapshot, once.
void KnnSearch::look_at(std::int64_t id) {
  if (judged_.contains(label_of(id))) return;
  judged_.add(label_of(id));
  const std::optional<Value> vector = rows_.find(id);
  if (!vector) return;
  if (vector->is_null()) {
    nulls_.push_back(id);
  } else {
    add_candidate({(*measure_)(vector->as_bytes()), id, true});
  }
}

// --- Delivery ---

bool KnnSearch::next() {
  if (is_filter_due()) apply_filter();
  while (true) {
    if (!candidates_.empty() && is_due(candidates_.front())) {
      const Candidate nearest = take_nearest();
      if (nearest.is_judged) return deliver(nearest);
      look_at(nearest.id);
    } else if (cursor_) {
      fetch_from_graph();
    } else if (!is_rest_added_) {
      add_rest();
    } else {
      return deliver_null();
    }
  }
}

// Nothing nearer is to come, as far as the walk can know.
bool KnnSearch::is_due(const Candidate& candidate) const {
  return !cursor_ || (frontier_ && !is_farther(candidate, *frontier_));
}

bool KnnSearch::deliver(const Candidate& candidate) {
  ++delivered_;
  id_ = candidate.id;
  distance_ = std::isnan(candidate.distance) ? Value::blob_view(Value::nan_blob)
                                             : Value::real(candidate.distance);
  return true;
}

bool KnnSearch::deliver_null() {
  if (nulls_.empty()) return false;
  ++delivered_;
  id_ = nulls_.back();
  nulls_.pop_back();
  distance_ = Value::null();
  return true;
}

// After the walk: what it cannot give, rows without a vector above all.
void KnnSearch::add_rest() {
  if (!filter_) {
    scan_rest();
    return;
  }
  is_rest_added_ = true;
  filter_->for_each([this](std::uint64_t label) {
    look_at(static_cast<std::int64_t>(label));
    return true;
  });
}

void KnnSearch::scan_rest() {
  is_rest_added_ = true;
  keep_candidates(true);
  Statement scan = rows_.scan();
  while (scan.step()) {
    const std::int64_t id = scan.column(0).as_integer();
    if (judged_.contains(label_of(id))) continue;
    const Value vector = scan.column(1);
    if (vector.is_null() || !measure_) {
      nulls_.push_back(id);
    } else {
      candidates_.push_back({(*measure_)(vector.as_bytes()), id, true});
    }
  }
  std::make_heap(candidates_.begin(), candidates_.end(), is_farther);
  judged_ = {};  // nothing is to be looked up any more
}

void KnnSearch::keep_candidates(bool judged_only) {
  std::erase_if(candidates_, [&](const Candidate& candidate) {
    if (candidate.is_judged) return false;
    return judged_only || !filter_->contains(label_of(candidate.id));
  });
  std::make_heap(candidates_.begin(), candidates_.end(), is_farther);
}

// --- The consumer's filter ---

bool KnnSearch::is_filter_due() const {
  if (!cursor_ || filter_ || request_.filter_sql.empty()) return false;
  if (delivered_ == first_trials_ && is_filter_cheap()) return true;
  return delivered_ >= all_trials_;
}

// True when the store finds the rows by an index of its own.
bool KnnSearch::is_filter_cheap() const {
  constexpr int detail_column = 3;
  Statement plan = connection_.prepare("EXPLAIN QUERY PLAN " + request_.filter_sql);
  while (plan.step()) {
    const Value detail = plan.column(detail_column);
    if (detail.as_bytes().substr(0, 4) == "SCAN") return false;
  }
  return true;
}

// Too few candidates pass: find out which rows do, and go to those alone.
void KnnSearch::apply_filter() {
  run_filter();
  cursor_.reset();
  frontier_.reset();
  std::optional<VectorIndex::Holders> holders = index_->holders_of(*filter_, search_->known_to());
  if (!holders) {
    search_.reset();
    keep_candidates(true);
    add_rest();
    return;
  }
  keep_candidates(false);
  for (const std::int64_t id : holders->changed) look_at(id);
  filter_nodes_ = std::move(holders->nodes);
  if (filter_->size() <= few_filtered_rows) {
    measure_filtered();
    return;
  }
  cursor_.emplace(search_->graph().open_cursor(measure_->floats(), ef_search_,
                                               {.labels = &filter_nodes_, .predicate = {}}));
}

// By the vectors that the graph holds: reading a row takes much longer than measuring it. What the
// graph does not hold is in the delta, and among the candidates.
void KnnSearch::measure_filtered() {
  const auto dimensions = static_cast<std::size_t>(index_->definition().dimensions);
  const core::Metric metric = graph_options(index_->definition()).metric;
  std::vector<float> vector(dimensions);
  std::vector<core::Neighbor> found;
  filter_nodes_.for_each([&](std::uint64_t node) {
    if (!search_->graph().vector(node, vector.data())) return true;
    double distance = 0;
    core::operator_distances(metric, measure_->floats(), {vector.data(), 1, dimensions}, &distance);
    found.push_back({node, distance});
    return true;
  });
  index_->ids_of(found, batch_ids_);
  const bool is_stale = search_->is_stale();
  finish_walk();
  if (is_stale) {
    scan_rest();
    return;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    candidates_.push_back({found[i].distance, batch_ids_[i], false});
  }
  std::make_heap(candidates_.begin(), candidates_.end(), is_farther);
}

void KnnSearch::run_filter() {
  Statement statement = connection_.prepare(request_.filter_sql);
  for (std::size_t i = 0; i < request_.parameters.size(); ++i) {
    statement.bind(static_cast<int>(i + 1), request_.parameters[i], false);
  }
  filter_.emplace();
  while (statement.step()) {
    const Value id = statement.column(0);
    if (!id.is_null()) filter_->add(label_of(id.as_integer()));
  }
}

void KnnSearch::throw_if_cancelled() const {
  if (!connection_.cancel_requested()) return;
  throw SqlError(sqlstate::query_canceled, "canceling statement due to user request");
}

}  // namespace dvecdb::server::storage
