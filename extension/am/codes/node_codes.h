#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dvecdb/code_space.h"
#include "extension/am/codes/value.h"

namespace dvecdb::extension {

/// How dense and sparse vectors are compared for a distance; not for those of bits.
core::Metric metric_of(DistanceKind distance);

/// A query in the forms that codes and values are compared with. Reusable: keeps its memory.
struct NodeQuery {
  core::PreparedQuery prepared;     // of grid, half and single codes
  std::vector<float> floats;        // scratch: the elements of halfs
  std::vector<std::uint8_t> bytes;  // of bits and sparse vectors
};

/// What the index knows a node's vector by, and how far vectors are from it.
///
/// Distances are in the index's own scale, in which less is nearer: squared L2, the negative inner
/// product, twice the cosine distance, L1 by a factor, Hamming and Jaccard distances. By grid codes
/// they are estimates, by others exact but for rounding. Never NaN.
///
/// Const methods may be called by any thread, each with a query of its own. May throw
/// std::bad_alloc. Does not call PostgreSQL.
class NodeCodes {
 public:
  /// `learned`: of core::CodeSpace::learned(), or empty.
  static std::unique_ptr<NodeCodes> make(const IndexShape& shape,
                                         const std::vector<float>& learned);
  virtual ~NodeCodes() = default;

  /// Of one code; 0 for sparse vectors, which have as many as they need.
  virtual std::size_t code_bytes() const = 0;

  /// `out` has room for code_bytes(), or for a sparse vector's stored_bytes().
  virtual void encode(const Value& value, std::uint8_t* out, NodeQuery& scratch) const = 0;

  virtual void prepare(const Value& value, NodeQuery& out) const = 0;
  /// The query whose value is (about) that of the code.
  virtual void prepare_from_code(const std::uint8_t* code, NodeQuery& out) const = 0;

  virtual void distances(const NodeQuery& query, const std::uint8_t* const* codes,
                         std::size_t count, float* out) const = 0;
  float distance(const NodeQuery& query, const std::uint8_t* code) const {
    float out;
    distances(query, &code, 1, &out);
    return out;
  }

  /// How far a distance that distances() gave is usually off: its standard deviation.
  virtual float usual_error(const NodeQuery& query, const std::uint8_t* code,
                            float distance) const = 0;

  /// The exact distance of two values, in the same scale.
  virtual double exact(const Value& a, const Value& b) const = 0;

  /// Whether distances() are exact but for rounding: then nothing is read again for the order.
  virtual bool is_exact() const = 0;

  /// The dense codes' space; null for bits and sparse vectors.
  virtual const core::CodeSpace* space() const { return nullptr; }
};

}  // namespace dvecdb::extension
