#include "extension/am/codes/node_codes.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

namespace dvecdb::extension {

core::Metric metric_of(DistanceKind distance) {
  switch (distance) {
    case DistanceKind::inner_product:
      return core::Metric::inner_product;
    case DistanceKind::cosine:
      return core::Metric::cosine;
    case DistanceKind::l1:
      return core::Metric::l1;
    default:
      return core::Metric::l2_squared;
  }
}

namespace {

float finite(double distance) {
  return distance < FLT_MAX ? static_cast<float>(distance) : FLT_MAX;
}

class DenseCodes final : public NodeCodes {
 public:
  DenseCodes(const IndexShape& shape, const std::vector<float>& learned)
      : element_(shape.element),
        space_(static_cast<core::CodeKind>(shape.code), metric_of(shape.distance), shape.dims) {
    if (learned.size() == space_.learned_size()) space_.restore(learned);
  }

  std::size_t code_bytes() const override { return space_.code_bytes(); }

  void encode(const Value& value, std::uint8_t* out, NodeQuery& scratch) const override {
    space_.encode(floats(value, scratch), out, scratch.prepared);
  }

  void prepare(const Value& value, NodeQuery& out) const override {
    space_.prepare(floats(value, out), out.prepared);
  }

  void prepare_from_code(const std::uint8_t* code, NodeQuery& out) const override {
    space_.prepare_from_code(code, out.prepared);
  }

  void distances(const NodeQuery& query, const std::uint8_t* const* codes, std::size_t count,
                 float* out) const override {
    space_.estimate(query.prepared, codes, count, out);
  }

  float usual_error(const NodeQuery& query, const std::uint8_t* code,
                    float distance) const override {
    constexpr float kHalfRounding = 1.0f / 2048;  // of an element; a sum's is hardly more
    if (is_exact()) return 0;
    if (!core::CodeSpace::is_rotated(space_.kind())) return std::fabs(distance) * kHalfRounding;
    return static_cast<float>(space_.usual_error(query.prepared, code, distance));
  }

  double exact(const Value& a, const Value& b) const override {
    if (element_ == ElementKind::half) return exact_of<core::Half>(a, b);
    return exact_of<float>(a, b);
  }

  bool is_exact() const override {
    if (space_.kind() == core::CodeKind::single) return true;
    return space_.kind() == core::CodeKind::half && element_ == ElementKind::half &&
           space_.metric() != core::Metric::cosine;
  }

  const core::CodeSpace* space() const override { return &space_; }

 private:
  template <class T>
  double exact_of(const Value& a, const Value& b) const {
    const double ordering =
        core::ordering_distance(space_.metric(), static_cast<const T*>(a.elements),
                                static_cast<const T*>(b.elements), a.dims);
    const double distance = space_.estimate_of(ordering);
    return std::isnan(distance) ? FLT_MAX : distance;
  }

  const float* floats(const Value& value, NodeQuery& scratch) const {
    if (element_ == ElementKind::single) return static_cast<const float*>(value.elements);
    scratch.floats.resize(value.dims);
    core::to_float(static_cast<const core::Half*>(value.elements), scratch.floats.data(),
                   value.dims);
    return scratch.floats.data();
  }

  ElementKind element_;
  core::CodeSpace space_;
};

/// Vectors that are their own codes.
class PlainCodes : public NodeCodes {
 public:
  explicit PlainCodes(const IndexShape& shape) : shape_(shape) {}

  void encode(const Value& value, std::uint8_t* out, NodeQuery&) const override {
    store(shape_.element, value, out);
  }

  void prepare(const Value& value, NodeQuery& out) const override {
    out.bytes.resize(stored_bytes(shape_.element, value));
    store(shape_.element, value, out.bytes.data());
  }

  void prepare_from_code(const std::uint8_t* code, NodeQuery& out) const override {
    prepare(stored_value(shape_.element, shape_.dims, code), out);
  }

  void distances(const NodeQuery& query, const std::uint8_t* const* codes, std::size_t count,
                 float* out) const override {
    const Value from = stored_value(shape_.element, shape_.dims, query.bytes.data());
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = finite(exact(from, stored_value(shape_.element, shape_.dims, codes[i])));
    }
  }

  float usual_error(const NodeQuery&, const std::uint8_t*, float) const override { return 0; }

  bool is_exact() const override { return true; }

 protected:
  IndexShape shape_;
};

class BitCodes final : public PlainCodes {
 public:
  using PlainCodes::PlainCodes;

  std::size_t code_bytes() const override { return (shape_.dims + 7) / 8; }

  double exact(const Value& a, const Value& b) const override {
    const auto metric = shape_.distance == DistanceKind::jaccard ? core::BitMetric::jaccard
                                                                 : core::BitMetric::hamming;
    return core::bit_distance(metric, static_cast<const std::uint8_t*>(a.elements),
                              static_cast<const std::uint8_t*>(b.elements), code_bytes());
  }
};

class SparseCodes final : public PlainCodes {
 public:
  using PlainCodes::PlainCodes;

  std::size_t code_bytes() const override { return 0; }

  double exact(const Value& a, const Value& b) const override {
    const double distance = core::operator_distance(metric_of(shape_.distance), a.sparse, b.sparse);
    return std::isnan(distance) ? FLT_MAX : distance;
  }
};

}  // namespace

std::unique_ptr<NodeCodes> NodeCodes::make(const IndexShape& shape,
                                           const std::vector<float>& learned) {
  if (shape.element == ElementKind::bit) return std::make_unique<BitCodes>(shape);
  if (shape.element == ElementKind::sparse) return std::make_unique<SparseCodes>(shape);
  return std::make_unique<DenseCodes>(shape, learned);
}

}  // namespace dvecdb::extension
