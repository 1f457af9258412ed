#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dvecdb/code_kind.h"
#include "dvecdb/distance.h"
#include "dvecdb/errors.h"
#include "dvecdb/neighbor.h"
#include "dvecdb/value_space.h"

namespace dvecdb::core {

struct HnswOptions {
  std::size_t dims = 0;
  Metric metric = Metric::l2_squared;

  /// Neighbors that a node seeks on the upper levels; the lowest holds twice as many. More costs
  /// memory (8 bytes a vector for each) and build time, and helps at very high recall. 2 to 100.
  std::uint32_t m = 16;

  /// Candidates weighed for a new node. More costs build time and gives a better graph. Of more
  /// than four for each place in a list only these are held, or half of all if that is more.
  std::uint32_t ef_construction = 200;

  /// Equal seeds and equal calls from one thread give equal graphs.
  std::uint64_t seed = 1;

  CodeKind code = CodeKind::automatic;

  /// Where full vectors are kept: empty for memory, or else a folder, in which the index makes a
  /// file without a name that is gone with it. Then codes, links and labels alone take memory,
  /// and a search reads the vectors of its last candidates from disk, all at once; the system keeps
  /// as many in memory as there is room for.
  std::string vectors_folder;

  /// If set, the index is a graph of such values, which insert_value() takes, for who looks at it
  /// by HnswGraph: searches, removal and files are for vectors. Then `dims` is 0, `code` is left
  /// automatic, and of `metric` alone counts whether it is inner_product: whether what is near to
  /// the same is near to each other. Must outlive the index.
  const ValueSpace* values = nullptr;
};

struct HnswStats {
  std::size_t size = 0;          ///< live labels
  std::size_t deleted = 0;       ///< tombstones whose space is not free yet
  std::size_t free_slots = 0;    ///< space of removed labels that waits for new ones
  std::size_t duplicates = 0;    ///< live labels that share a node with an equal vector
  std::size_t memory_bytes = 0;  ///< all that is kept in memory
  std::size_t graph_bytes = 0;   ///< of these, for codes, links, nodes and labels
  std::size_t vector_bytes = 0;  ///< for vectors, in memory or on disk
  bool vectors_on_disk = false;
  std::size_t code_bytes = 0;  ///< of one vector's code
  CodeKind code = CodeKind::automatic;
  double average_degree = 0;             ///< of the lowest level
  std::vector<std::size_t> level_nodes;  ///< nodes on each level, lowest first
};

/// What an index file says besides the graph.
struct HnswFileInfo {
  std::uint64_t watermark = 0;  ///< up to which change the file is complete; opaque here
  std::string metadata{};       ///< opaque here
  /// By load(): the metadata of each append_changes() since the save, in their order.
  std::vector<std::string> changes{};
};

/// How large ef_search has to be for a recall.
struct EfChoice {
  std::size_t ef_search = 0;
  bool is_measured = false;  ///< else the index was not calibrated, or never came to that recall

  friend bool operator==(const EfChoice&, const EfChoice&) = default;
};

/// What a search within a radius may leave out.
struct RangeOptions {
  Filter filter = {};
  std::size_t limit = SIZE_MAX;  ///< of answers: the nearest
};

constexpr double kLeastTargetRecall = 0.5;
constexpr double kMostTargetRecall = 0.9999;

class HnswEngine;
class HnswGraph;

/// A search that goes on: each call of next() gives the following neighbors without starting
/// again, until every label that was live when the cursor was opened and still is has been given
/// exactly once. Within one call the order is by distance; a later call may, rarely, give
/// a neighbor that is nearer than an earlier one, as the graph is approximate.
/// Labels inserted after opening are not given.
///
/// The index must outlive the cursor. A cursor is for one thread at a time. While it is open the
/// space of removed labels is not reused, so close it soon.
class SearchCursor {
 public:
  ~SearchCursor();
  SearchCursor(SearchCursor&&) noexcept;
  SearchCursor& operator=(SearchCursor&&) noexcept;

  /// Up to `count` more neighbors; fewer only when no more exist.
  std::vector<Neighbor> next(std::size_t count);

  /// True once next() has found the end.
  bool exhausted() const;

 private:
  friend class HnswIndex;
  struct Impl;
  explicit SearchCursor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// An approximate nearest-neighbor index in memory: a hierarchical navigable small world graph,
/// walked on compact codes, answered on full vectors.
///
/// Safe for concurrent use from any number of threads without a lock outside, all methods
/// included. A search sees every insert that returned before it began. Searches never wait for
/// inserts; insert, remove and search pause for moments (microseconds to milliseconds) in
/// which the codes are retrained on growth or the space of removed labels becomes free.
///
/// Vectors are copied in. Elements must be finite: insert throws std::invalid_argument otherwise.
class HnswIndex {
 public:
  /// Throws std::invalid_argument when an option is out of range.
  explicit HnswIndex(const HnswOptions& options);
  ~HnswIndex();
  HnswIndex(HnswIndex&&) noexcept;
  HnswIndex& operator=(HnswIndex&&) noexcept;

  const HnswOptions& options() const;

  /// False, and no change, when the label is present already. Throws FileError when vectors are
  /// kept on disk and it cannot take one more.
  bool insert(std::uint64_t label, const float* vector);

  /// The same for an index of HnswOptions::values.
  bool insert_value(std::uint64_t label, const std::uint8_t* value);

  /// False when the label is absent. The label leaves the answers at once; its space is freed
  /// after the graph around it has been repaired, a little with each later call.
  bool remove(std::uint64_t label);

  /// Inserts, after removing the label if it is present.
  void upsert(std::uint64_t label, const float* vector);

  /// Repairs the graph around all tombstones now and frees their space.
  void compact();

  bool contains(std::uint64_t label) const;

  /// Copies the vector of `label` to `out` (dims floats). False when the label is absent.
  bool vector(std::uint64_t label, float* out) const;

  std::size_t size() const;
  std::size_t memory_bytes() const;
  /// What an index of `count` vectors will take, about. Throws as the constructor does.
  static std::size_t memory_bytes_for(const HnswOptions& options, std::size_t count);
  HnswStats stats() const;

  /// The about `k` nearest that pass the filter, nearest first. Fewer than `k` only when fewer
  /// exist. `ef_search` (raised to `k` if less) trades time for recall; see SearchCursor for
  /// more than `k` later.
  ///
  /// With a filter, recall holds whatever share passes, be that near the query or far from it: what
  /// passes is walked or scanned, by cost. A filter that is a set alone gets faster with use: once
  /// searches with it, or with copies of it, have cost as much as that takes, the index keeps a bit
  /// a vector for it, of the eight sets that were used last.
  std::vector<Neighbor> search(const float* query, std::size_t k, std::size_t ef_search,
                               const Filter& filter = {}) const;

  /// About all with a reported distance of at most `radius`, nearest first: distances are exact,
  /// and the walk goes on, in rounds of `ef_search` and more nodes, until hardly any that it comes
  /// to are within it. A radius that holds a good part of the index costs a scan. Zero vectors,
  /// which have no cosine, are within none. By inner product, where what is alike
  /// need not lie together, more is missed than by other metrics. Throws std::invalid_argument when
  /// `radius` is NaN.
  std::vector<Neighbor> search_within(const float* query, double radius, std::size_t ef_search,
                                      RangeOptions options = {}) const;

  /// Measures which recall which ef_search gives, for 1, 10 and 100 answers: with some hundreds of
  /// stored vectors as queries, each as if it were not in the index, compared exactly with all
  /// rows. Takes seconds for a million rows, on so many threads; searches and changes go on. Kept
  /// in the index file by save(). Once `stop` is true it ends soon, and nothing has changed.
  void calibrate(unsigned threads = 1, const std::atomic<bool>* stop = nullptr);

  /// True when the index, of a thousand labels at least, was not calibrated since it had half as
  /// many as now. It is up to the owner to do so.
  bool is_calibration_due() const;

  /// The smallest ef_search by which the mean recall of `k` answers comes to `recall`, with an
  /// allowance for chance. Beyond what was measured it goes on by the last points, to four times
  /// the largest ef; a guess before calibrate(). Throws std::invalid_argument when `recall` is not
  /// from 0.5 to 0.9999.
  EfChoice ef_for(double recall, std::size_t k) const;

  /// search() with the ef_search of ef_for().
  std::vector<Neighbor> search_to_recall(const float* query, std::size_t k, double recall,
                                         const Filter& filter = {}) const;

  /// The labels of `filter.labels`, if given, must stay unchanged while the cursor is open.
  SearchCursor open_cursor(const float* query, std::size_t ef_search, Filter filter = {}) const;

  /// Writes the index to `path`: either the new file is there whole and durable afterwards, or
  /// the old one is untouched. Changes wait while it runs, searches do not.
  /// Throws FileError.
  void save(const std::string& path, const HnswFileInfo& info = {}) const;

  /// Appends to the file at `path` what has changed since it was saved or loaded, with `info`'s
  /// watermark and metadata: durable when it returns. A crash meanwhile leaves the file
  /// as it was before, watermark included. False, with nothing written, if that cannot be or is not
  /// worth it (the index was not saved to or loaded from there last, another one has appended
  /// since, codes were retrained, the changes since the save come to 30% of the file): then save().
  /// Changes wait while they are written, but not while they are made durable. Throws FileError.
  bool append_changes(const std::string& path, const HnswFileInfo& info = {}) const;

  /// An index that is ready before its file was read: nodes and labels (about 40 bytes a vector)
  /// are read and checked, records and vectors are used in place, read from the file when they are
  /// touched; changes to them stay in memory. The file may be replaced or removed meanwhile,
  /// but must not be overwritten or cut short.
  ///
  /// Throws FileError when it cannot be read and CorruptFile when what is read is damaged, naming
  /// the section. Damage in records and vectors is found by verify() alone: searches in such
  /// an index give wrong answers, but never fail.
  ///
  /// With a `vectors_folder` (HnswOptions) vectors are kept on disk: the file's where they lie, new
  /// ones in that folder.
  static HnswIndex load(const std::string& path, HnswFileInfo* info = nullptr,
                        const std::string& vectors_folder = {});

  /// Reads all of the file and checks it. Throws FileError and CorruptFile.
  static void verify(const std::string& path);

  /// Brings into memory what load() left in the file (but vectors that are kept on disk): searches
  /// are faster afterwards.
  /// Changes wait for moments, searches hardly at all.
  void warm();

 private:
  friend class HnswGraph;
  explicit HnswIndex(std::unique_ptr<HnswEngine> engine);
  std::unique_ptr<HnswEngine> engine_;
};

}  // namespace dvecdb::core
