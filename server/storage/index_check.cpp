#include "server/storage/index_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "server/storage/change_log.h"
#include "server/storage/index_files.h"
#include "server/storage/indexed_rows.h"
#include "server/storage/vector_distance.h"

namespace dvecdb::server::storage {

namespace {

constexpr std::size_t sampled_queries = 16;
constexpr std::size_t neighbors = 10;
constexpr std::size_t ef_search = 40;
constexpr std::size_t named_at_most = 5;

// What is wrong, with some of the ids as examples.
class Complaint {
 public:
  explicit Complaint(const char* what) : what_(what) {}
  void add(std::int64_t id) {
    if (count_++ < named_at_most) examples_.push_back(id);
  }
  void append_to(std::string& text) const {
    if (count_ == 0) return;
    text += fmt::format("{}{} {} (row ids {}{})", text.empty() ? "" : "; ", count_, what_,
                        fmt::join(examples_, ", "), count_ > named_at_most ? " ..." : "");
  }

 private:
  const char* what_;
  std::size_t count_ = 0;
  std::vector<std::int64_t> examples_;
};

class Comparison {
 public:
  Comparison(Connection& connection, const VectorIndexDefinition& definition,
             const BuiltGraph& state)
      : connection_(connection),
        definition_(definition),
        state_(state),
        obsolete_(state.obsolete.begin(), state.obsolete.end()) {
    for (const Change& change :
         change_log::read(connection, definition.table_oid, state.complete_to)) {
      changed_.insert(change.id);
    }
    for (std::uint64_t node = 0; node < state.ids.size(); ++node) {
      if (!state.graph->contains(node) || is_obsolete(node)) continue;
      const std::int64_t id = state.ids[node];
      if (!nodes_.emplace(id, node).second) twice_.add(id);
    }
  }

  void run(IndexCheck& result) {
    IndexedRows rows(connection_, definition_);
    Statement scan = rows.scan();
    while (scan.step()) compare(scan.column(0).as_integer(), scan.column(1), result);
    for (const auto& [id, node] : nodes_) {
      if (changed_.count(id) == 0) extra_.add(id);
    }
    for (const Complaint* complaint : {&missing_, &extra_, &twice_, &different_}) {
      complaint->append_to(result.damage);
    }
    result.behind = static_cast<std::int64_t>(changed_.size());
  }

  // Old versions of rows, that the graph still holds.
  bool is_obsolete(std::uint64_t node) const { return obsolete_.count(node) > 0; }
  // Whether what the graph has of the row is the row.
  bool is_current(std::int64_t id) const { return changed_.count(id) == 0; }

 private:
  void compare(std::int64_t id, const Value& value, IndexCheck& result) {
    if (changed_.count(id) > 0) return;
    const float* vector = vector_of(value);
    if (vector == nullptr) return;  // if it is in the index all the same, it stays as an extra one
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) return missing_.add(id);
    const auto dimensions = static_cast<std::size_t>(definition_.dimensions);
    held_.resize(dimensions);
    const bool is_equal = state_.graph->vector(found->second, held_.data()) &&
                          std::memcmp(held_.data(), vector, dimensions * sizeof(float)) == 0;
    if (!is_equal) different_.add(id);
    nodes_.erase(found);
    ++result.vectors;
  }

  // nullptr: a graph does not take it.
  const float* vector_of(const Value& value) {
    if (value.is_null()) return nullptr;
    const std::string_view bytes = value.as_bytes();
    if (stored_dimensions(definition_.element, bytes) != definition_.dimensions) return nullptr;
    const float* vector = as_floats(definition_.element, bytes, buffer_);
    return is_finite(vector, static_cast<std::size_t>(definition_.dimensions)) ? vector : nullptr;
  }

  Connection& connection_;
  const VectorIndexDefinition& definition_;
  const BuiltGraph& state_;
  const std::unordered_set<std::uint64_t> obsolete_;
  std::unordered_set<std::int64_t> changed_;
  std::unordered_map<std::int64_t, std::uint64_t> nodes_;  // not yet met by a row
  std::vector<float> buffer_, held_;
  Complaint missing_{"rows are missing in the index"};
  Complaint extra_{"vectors in the index have no row"};
  Complaint twice_{"rows are in the index twice"};
  Complaint different_{"vectors differ from their rows"};
};

// One query of the sample: its exact neighbors, while rows go by.
struct Query {
  std::string bytes;
  QueryDistance distance;
  std::priority_queue<double> nearest;  // the largest first

  void see(double value) {
    if (nearest.size() == neighbors && value >= nearest.top()) return;
    if (nearest.size() == neighbors) nearest.pop();
    nearest.push(value);
  }
};

std::vector<Query> sample(IndexedRows& rows, const VectorIndexDefinition& definition,
                          std::int64_t count) {
  const std::int64_t step =
      std::max<std::int64_t>(1, count / static_cast<std::int64_t>(sampled_queries));
  std::vector<Query> queries;
  Statement scan = rows.scan();
  for (std::int64_t row = 0; scan.step() && queries.size() < sampled_queries; ++row) {
    if (row % step != 0 || scan.column(1).is_null()) continue;
    const std::string bytes(scan.column(1).as_bytes());
    if (stored_dimensions(definition.element, bytes) != definition.dimensions) continue;
    queries.push_back({bytes, QueryDistance(definition, bytes), {}});
  }
  return queries;
}

// The share of exact neighbors that the graph finds; those as near as the last of them count.
std::optional<double> sample_recall(Connection& connection, const VectorIndexDefinition& definition,
                                    const BuiltGraph& state, const Comparison& known,
                                    std::int64_t count) {
  const std::size_t asked = neighbors + state.obsolete.size();
  IndexedRows rows(connection, definition);
  std::vector<Query> queries = sample(rows, definition, count);
  Statement scan = rows.scan();
  while (scan.step()) {
    if (scan.column(1).is_null() || !known.is_current(scan.column(0).as_integer())) continue;
    for (Query& query : queries) query.see(query.distance(scan.column(1).as_bytes()));
  }
  std::size_t wanted = 0;
  std::size_t found = 0;
  for (Query& query : queries) {
    if (query.nearest.empty()) continue;
    wanted += query.nearest.size();
    std::size_t hits = 0;
    for (const core::Neighbor& neighbor :
         state.graph->search(query.distance.floats(), asked, ef_search)) {
      if (known.is_obsolete(neighbor.label)) continue;
      const std::optional<Value> row = rows.find(state.ids[neighbor.label]);
      if (row && !row->is_null() && query.distance(row->as_bytes()) <= query.nearest.top()) ++hits;
    }
    found += std::min(hits, query.nearest.size());
  }
  if (wanted == 0) return std::nullopt;
  return static_cast<double>(found) / static_cast<double>(wanted);
}

}  // namespace

IndexCheck check_index(Connection& connection, const VectorIndexDefinition& definition,
                       const std::string& folder) {
  IndexCheck result;
  const std::string identity = change_log::identity_of(connection, definition.index);
  if (identity.empty()) {
    result.damage = "the change log does not know it";
    return result;
  }
  const IndexFile file(folder, definition, identity);
  result.has_file = file.bytes() > 0;
  if (!result.has_file) return result;
  std::string reason;
  const std::optional<BuiltGraph> state = file.load(reason);
  result.damage = state ? file.find_damage() : reason;
  if (!result.damage.empty()) return result;
  result.is_ahead = state->complete_to > change_log::last_sequence(connection);
  if (result.is_ahead) return result;
  if (state->complete_to < change_log::pruned_up_to(connection)) {
    result.damage = "changes that its file lacks have gone from the change log";
    return result;
  }
  Comparison comparison(connection, definition, *state);
  comparison.run(result);
  // So many old versions would make a search look at much more than a usual one does.
  const bool is_like_usual = state->obsolete.size() <= neighbors;
  if (result.damage.empty() && is_like_usual) {
    result.recall = sample_recall(connection, definition, *state, comparison, result.vectors);
  }
  return result;
}

}  // namespace dvecdb::server::storage
