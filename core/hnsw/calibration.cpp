#include "core/hnsw/calibration.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include "core/flat/workers.h"
#include "core/top_k.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kAnswers[] = {1, 10, 100};
constexpr std::size_t kMostAnswers = 100;

/// An index must hold so many times the answers, else ef_search does not matter.
constexpr std::size_t kLeastShare = 5;

// More queries leave less to chance, and each is compared with all rows: so many multiplications
// are spent on that.
constexpr double kBudget = 1e11;
constexpr double kMostQueries = 2000;
constexpr double kFewestQueries = 100;

/// A query for one answer finds it or not, which leaves more to chance than the mean of several:
/// those take so many queries at most.
constexpr std::size_t kQueriesForSeveral = 500;

// ef grows until this recall is reached, or this size.
constexpr double kEnough = 0.9995;
constexpr double kGrowth = 1.3;
constexpr std::size_t kLargestEf = 4000;

/// Or so many times that which found more than the one before: what is missed then has another
/// reason.
constexpr std::size_t kWithoutGain = 8;
constexpr std::size_t kSmallestEf = 8;

/// So many standard errors of the mean are taken off what was measured.
constexpr double kAllowance = 1.3;

/// Fewer other nodes than this lead to what counts as half found when it is missed.
constexpr int kFewWays = 1;

/// Slots that are compared with all queries while the gate is held.
constexpr std::uint32_t kSlotsAtOnce = 2048;

}  // namespace

Calibration::Calibration(HnswEngine& index, unsigned threads, const std::atomic<bool>* stop)
    : index_(index), threads_(std::max(1u, threads)), stop_(stop), rows_(index.live) {}

std::optional<RecallCurve> Calibration::measure() {
  choose_queries();
  if (queries_.empty()) return RecallCurve(rows_, {});
  find_truth();
  find_hidden();
  std::vector<RecallPoint> points;
  for (const std::size_t k : kAnswers) {
    if (k > kAnswers[0] && rows_ < kLeastShare * k) break;
    std::size_t ef = std::max(kSmallestEf, k);
    std::size_t last_gain = ef;
    for (double recall = 0;
         recall < kEnough && ef <= std::min(kLargestEf, kWithoutGain * last_gain);) {
      if (is_stopped()) return std::nullopt;
      const double before = std::exchange(recall, lower_recall(k, ef));
      if (recall > before) last_gain = ef;
      points.push_back({static_cast<float>(k), static_cast<float>(ef), static_cast<float>(recall)});
      if (ef >= rows_) break;
      ef = static_cast<std::size_t>(std::ceil(static_cast<double>(ef) * kGrowth));
    }
  }
  return RecallCurve(rows_, std::move(points));
}

/// Evenly spread over the slots; of those that are on the lowest level only and have no duplicates,
/// so that passing one node by is enough. (A small index may enter at the lowest level.)
void Calibration::choose_queries() {
  const double cost = static_cast<double>(rows_) * static_cast<double>(index_.options.dims);
  const auto count = static_cast<std::size_t>(
      std::clamp(kBudget / std::max(cost, 1.0), kFewestQueries, kMostQueries));
  std::shared_lock inside(index_.gate);
  const Graph& graph = index_.graph;
  const std::uint32_t slots = graph.slots();
  const double step = std::max(1.0, static_cast<double>(slots) / static_cast<double>(count));
  std::uint32_t next = 0;
  for (double at = step / 2; at < slots; at += step) {
    next = std::max(next, static_cast<std::uint32_t>(at));
    for (; next < slots; ++next) {
      const Node& node = graph.node(next);
      if (node.load_state() != NodeState::live || node.role != NodeRole::linked) continue;
      if (node.level == 0 && next != graph.entry().slot && node.next_duplicate.load() == kNoSlot)
        break;
    }
    if (next == slots) break;
    const float* vector = graph.vector(next);
    queries_.push_back({next, {vector, vector + index_.options.dims}, {}, {}});
    ++next;
  }
}

void Calibration::find_truth() {
  const std::uint32_t slots = index_.graph.slots();
  std::vector<TopK> nearest(queries_.size(), TopK(kMostAnswers));
  std::mutex merging;
  WorkList blocks((slots + kSlotsAtOnce - 1) / kSlotsAtOnce);
  work_on_threads(threads_, [&](std::size_t) {
    std::vector<TopK> found(queries_.size(), TopK(kMostAnswers));
    for (std::size_t block; !is_stopped() && blocks.take(block);) {
      const auto first = static_cast<std::uint32_t>(block) * kSlotsAtOnce;
      scan(first, std::min(slots, first + kSlotsAtOnce), found);
    }
    std::lock_guard lock(merging);
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      for (const Neighbor& n : found[i].take()) nearest[i].offer(n);
    }
  });
  for (std::size_t i = 0; i < queries_.size(); ++i) {
    queries_[i].truth = finish(nearest[i].take(), index_.options.metric);
  }
}

/// How many nodes lead to each slot, by links of the lowest level; up to 255.
std::vector<std::uint8_t> Calibration::count_links() const {
  const Graph& graph = index_.graph;
  std::vector<std::uint8_t> counts(graph.slots());
  std::vector<std::uint32_t> links(2 * graph.m());
  for (std::uint32_t slot = 0; slot < counts.size(); ++slot) {
    const std::size_t count = graph.links(slot, 0).read(links.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (links[i] < counts.size() && counts[links[i]] < 255) ++counts[links[i]];
    }
  }
  return counts;
}

/// Names the truth by labels. Of two that lie close together others link to one only: a query from
/// outside would find that one, and by it the other.
void Calibration::find_hidden() {
  std::shared_lock inside(index_.gate);
  const Graph& graph = index_.graph;
  const std::vector<std::uint8_t> counts = count_links();
  for (Query& query : queries_) {
    const Links links = graph.links(query.slot, 0);
    for (Neighbor& n : query.truth) {
      const auto slot = static_cast<std::uint32_t>(n.label);
      const Node& node = graph.node(slot);
      if (node.load_state() != NodeState::live) continue;  // not any more
      n.label = node.label;
      const int others = slot < counts.size() ? counts[slot] - links.contains(slot) : 0;
      if (node.role == NodeRole::linked && others < kFewWays) query.hidden.push_back(node.label);
    }
  }
}

/// A block of rows stays in cache while each query is compared with it.
void Calibration::scan(std::uint32_t first, std::uint32_t end, std::vector<TopK>& nearest) const {
  constexpr std::uint32_t kRowsInCache = 64;
  std::shared_lock inside(index_.gate);
  const Graph& graph = index_.graph;
  for (std::uint32_t begin = first; begin < end; begin += kRowsInCache) {
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      ExactScan exact(index_.options.metric, queries_[i].vector.data(), index_.options.dims);
      const auto offer = [&](std::uint64_t label, double distance) {
        nearest[i].offer({label, distance});
      };
      for (std::uint32_t slot = begin; slot < std::min(end, begin + kRowsInCache); ++slot) {
        const Node& node = graph.node(slot);
        if (slot == queries_[i].slot || node.load_state() != NodeState::live) continue;
        exact.add(slot, graph.vector(slot), node.norm_squared, offer);
      }
      exact.flush(offer);
    }
  }
}

/// The mean less an allowance for chance.
double Calibration::lower_recall(std::size_t k, std::size_t ef) const {
  const std::size_t most = k == 1 ? queries_.size() : kQueriesForSeveral;
  const std::size_t step = (queries_.size() + most - 1) / most;
  std::vector<double> recalls((queries_.size() + step - 1) / step);
  WorkList work(recalls.size());
  work_on_threads(threads_, [&](std::size_t) {
    for (std::size_t i; work.take(i);) recalls[i] = recall_of(queries_[i * step], k, ef);
  });
  const auto count = static_cast<double>(recalls.size());
  double mean = 0;
  for (const double recall : recalls) mean += recall / count;
  double variance = 0;
  for (const double recall : recalls) variance += (recall - mean) * (recall - mean) / count;
  return std::max(0.0, mean - kAllowance * std::sqrt(variance / count));
}

double Calibration::recall_of(const Query& query, std::size_t k, std::size_t ef) const {
  constexpr double kRounding = 1e-5;
  constexpr double kAngleRounding = 1e-6;  // 1 - cos of vectors that are nearly alike
  const std::size_t nearest = std::min(k, query.truth.size());
  if (nearest == 0) return 1;
  const double farthest = query.truth[nearest - 1].distance;
  const double limit = farthest + kRounding * std::fabs(farthest) +
                       (index_.options.metric == Metric::cosine ? kAngleRounding : 0);
  const auto is_hidden = [&](std::uint64_t label) {
    return std::find(query.hidden.begin(), query.hidden.end(), label) != query.hidden.end();
  };
  std::size_t found = 0;
  std::size_t hidden = 0;
  for (std::size_t i = 0; i < nearest; ++i) hidden += is_hidden(query.truth[i].label);
  for (const Neighbor& n : index_.search_around(query.slot, query.vector.data(), k, ef)) {
    found += n.distance <= limit;
    hidden -= n.distance <= limit && hidden > 0 && is_hidden(n.label);
  }
  found = std::min(found, nearest);
  const double half = 0.5 * static_cast<double>(std::min(hidden, nearest - found));
  return (static_cast<double>(found) + half) / static_cast<double>(nearest);
}

}  // namespace dvecdb::core
