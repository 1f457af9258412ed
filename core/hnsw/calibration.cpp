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

/// Numbers of ways: 0, 1, 2, 3 and 4, 5 to 8 and so on.
constexpr std::size_t kClasses = 8;

/// Slots that are compared with all queries while the gate is held.
constexpr std::uint32_t kSlotsAtOnce = 2048;

std::uint8_t class_of(int ways) {
  std::uint8_t at = 0;
  for (int limit = 0; ways > limit && at + 1U < kClasses; limit = std::max(1, 2 * limit)) ++at;
  return at;
}

}  // namespace

Calibration::Calibration(HnswEngine& index, unsigned threads, const std::atomic<bool>* stop)
    : index_(index), threads_(std::max(1u, threads)), stop_(stop), rows_(index.live) {}

std::optional<RecallCurve> Calibration::measure() {
  choose_queries();
  if (queries_.empty()) return RecallCurve(rows_, {});
  find_truth();
  find_ways();
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

/// Names the truth by labels, and counts the ways to it. Those that are found by another way than a
/// link are as if many led there.
void Calibration::find_ways() {
  constexpr int kMany = 255;
  std::shared_lock inside(index_.gate);
  const Graph& graph = index_.graph;
  const std::vector<std::uint8_t> counts = count_links();
  for (Query& query : queries_) {
    const Links links = graph.links(query.slot, 0);
    for (Neighbor& n : query.truth) {
      const auto slot = static_cast<std::uint32_t>(n.label);
      const Node& node = graph.node(slot);
      const bool is_linked = node.role == NodeRole::linked && slot < counts.size();
      const int all = is_linked ? counts[slot] : kMany;
      query.ways.push_back({class_of(all - links.contains(slot)), class_of(all)});
      if (node.load_state() == NodeState::live) n.label = node.label;  // else not any more
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
  std::vector<std::vector<bool>> found((queries_.size() + step - 1) / step);
  WorkList work(found.size());
  work_on_threads(threads_, [&](std::size_t) {
    for (std::size_t i; work.take(i);) found[i] = find(queries_[i * step], k, ef);
  });
  std::vector<Counted> counted(kClasses);
  double squares = 0;
  double sum = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Query& query = queries_[i * step];
    double hits = 0;
    for (std::size_t j = 0; j < found[i].size(); ++j) {
      ++counted[query.ways[j].by_others].asked;
      counted[query.ways[j].by_others].found += found[i][j];
      ++counted[query.ways[j].in_all].wanted;
      hits += found[i][j];
    }
    const double recall = found[i].empty() ? 1 : hits / static_cast<double>(found[i].size());
    sum += recall;
    squares += recall * recall;
  }
  const auto count = static_cast<double>(found.size());
  const double variance = std::max(0.0, squares / count - sum * sum / (count * count));
  return std::max(0.0, mean_of(counted) - kAllowance * std::sqrt(variance / count));
}

/// A class of which none was asked for has the recall of the one below.
double Calibration::mean_of(const std::vector<Counted>& counted) {
  double recall = 1;
  double sum = 0;
  double wanted = 0;
  for (const Counted& one : counted) {
    if (one.asked > 0) recall = one.found / one.asked;
    sum += recall * one.wanted;
    wanted += one.wanted;
  }
  return wanted > 0 ? sum / wanted : 1;
}

/// Which of the `k` nearest were found; in place of one, another that is as near counts.
std::vector<bool> Calibration::find(const Query& query, std::size_t k, std::size_t ef) const {
  constexpr double kRounding = 1e-5;
  constexpr double kAngleRounding = 1e-6;  // 1 - cos of vectors that are nearly alike
  const std::size_t nearest = std::min(k, query.truth.size());
  std::vector<bool> found(nearest);
  if (nearest == 0) return found;
  const double farthest = query.truth[nearest - 1].distance;
  const double limit = farthest + kRounding * std::fabs(farthest) +
                       (index_.options.metric == Metric::cosine ? kAngleRounding : 0);
  std::size_t others = 0;
  for (const Neighbor& n : index_.search_around(query.slot, query.vector.data(), k, ef)) {
    std::size_t at = 0;
    while (at < nearest && query.truth[at].label != n.label) ++at;
    if (at < nearest) {
      found[at] = true;
    } else {
      others += n.distance <= limit;
    }
  }
  for (std::size_t i = nearest; i-- > 0 && others > 0;) {
    others -= !found[i];
    found[i] = true;
  }
  return found;
}

}  // namespace dvecdb::core
