#include "dvecdb/code_space.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "core/distance/kernel_table.h"
#include "core/quantizer/grid.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kRounds = 4;

/// Up to so many dimensions plain floats cost about what padded int8 codes do, and are exact.
constexpr std::size_t kSingleDims = 32;

/// Up to so many dimensions a code of 6 bits an element fills a cache line, and up to so many more
/// one of 3 bits. Beyond, 3 bits are as fast as any at equal recall.
constexpr std::size_t kInt6Dims = 64;

/// From so many dimensions on 4 bits, by which fewer vectors are read from disk, leave what is in
/// memory within a quarter of the vectors, at the default m.
constexpr std::size_t kDiskInt4Dims = 512;

/// By the bits of an element, from 1 on.
constexpr std::array kGridKinds = {CodeKind::int1, CodeKind::int2, CodeKind::int3, CodeKind::int4,
                                   CodeKind::int5, CodeKind::int6, CodeKind::int7, CodeKind::int8};
static_assert(kGridKinds.size() == CodeSpace::kMostGridBits);

struct Factors {
  float f0;
  float f1;
};

Factors factors_at(const std::uint8_t* code, std::size_t offset) {
  Factors factors;
  std::memcpy(&factors, code + offset, sizeof factors);
  return factors;
}

constexpr std::size_t block_bytes(int bits) {
  return kBlock / 8 * static_cast<std::size_t>(bits);
}

/// The squared length of a grid point, or of a part of it, unpacked; `sum` of what was unpacked.
double squares_of_points(const std::int8_t* points, std::size_t dims, std::int32_t sum, int bits) {
  const std::int32_t squares = active_kernels().bytes.dot(points, points, dims);
  return bits == 8 ? squares + sum + 0.25 * static_cast<double>(dims) : 0.25 * squares;
}

/// +1 and -1, the same for all indexes and part of the file format.
std::vector<float> rotation_signs(std::size_t count) {
  std::vector<float> signs(count);
  std::uint64_t state = 0x64766563;
  for (float& sign : signs) {
    std::uint64_t x = (state += 0x9e3779b97f4a7c15u);  // splitmix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    sign = ((x ^ (x >> 31)) & 1) != 0 ? 1.0f : -1.0f;
  }
  return signs;
}

}  // namespace

void AlignedBytes::resize(std::size_t bytes) {
  const std::size_t lines = (bytes + sizeof(Line) - 1) / sizeof(Line);
  if (lines_.size() != lines) lines_.resize(lines);
}

int CodeSpace::grid_bits(CodeKind kind) {
  const auto* const found = std::find(kGridKinds.begin(), kGridKinds.end(), kind);
  return found == kGridKinds.end() ? 0 : static_cast<int>(found - kGridKinds.begin()) + 1;
}

CodeKind CodeSpace::grid_kind(int bits) {
  return kGridKinds[static_cast<std::size_t>(bits - 1)];
}

CodeKind CodeSpace::choose(Metric metric, std::size_t dims, VectorsAre vectors) {
  if (dims <= kSingleDims) return CodeKind::single;
  if (metric == Metric::l1) return CodeKind::half;  // a rotation does not keep L1
  if (dims <= kInt6Dims) return CodeKind::int6;
  const bool is_finer = vectors == VectorsAre::on_disk && dims >= kDiskInt4Dims;
  return is_finer ? CodeKind::int4 : CodeKind::int3;
}

CodeSpace::CodeSpace(CodeKind kind, Metric metric, std::size_t dims)
    : kind_(kind),
      bits_(grid_bits(kind)),
      metric_(metric),
      dims_(dims),
      half_range_(std::ldexp(0.5f, bits_)) {
  if (!is_grid()) {
    const std::size_t element = kind == CodeKind::half ? sizeof(Half) : sizeof(float);
    code_bytes_ = (dims * element + 3) / 4 * 4;
    return;
  }
  shape_.dims = (dims + kBlock - 1) / kBlock * kBlock;
  shape_.factors = shape_.dims / 8 * static_cast<std::size_t>(bits_);
  code_bytes_ = shape_.factors + sizeof(Factors);
  signs_ = rotation_signs(kRounds * shape_.dims);
  centroid_.assign(dims, 0.0f);
}

CodeSpace::CodeSpace(const ValueSpace& values, Metric metric)
    : CodeSpace(CodeKind::single, metric, 0) {
  values_ = &values;
  code_bytes_ = values.value_bytes();
}

void CodeSpace::rotate(const float* vector, PreparedQuery& out) const {
  out.rotated.resize(shape_.dims);
  float* r = out.rotated.data();
  const float norm =
      metric_ == Metric::cosine ? active_kernels().floats.dot(vector, vector, dims_) : 1.0f;
  const float factor = norm > 0 ? 1.0f / std::sqrt(norm) : 0.0f;
  for (std::size_t i = 0; i < dims_; ++i) r[i] = vector[i] * factor - centroid_[i];
  std::fill(r + dims_, r + shape_.dims, 0.0f);
  active_kernels().codes.rotate(r, shape_.dims, signs_.data());
}

template <class T>
void CodeSpace::encode_plain(const float* vector, T* out) const {
  constexpr float kLargest = 65504.0f;  // of Half
  double factor = scale_;
  if (metric_ == Metric::cosine) {
    const double norm = l2_norm(vector, dims_);
    factor = norm > 0 ? factor / norm : 0.0;
  }
  for (std::size_t i = 0; i < dims_; ++i) {
    const float element = static_cast<float>(vector[i] * factor);
    if constexpr (std::is_same_v<T, Half>) {
      out[i] = to_half(std::clamp(element, -kLargest, kLargest));
    } else {
      out[i] = element;
    }
  }
}

void CodeSpace::encode(const float* vector, std::uint8_t* code, PreparedQuery& scratch) const {
  if (kind_ == CodeKind::half) {
    encode_plain(vector, reinterpret_cast<Half*>(code));
    return;
  }
  if (values_ != nullptr) {
    std::memcpy(code, vector, code_bytes_);
    return;
  }
  if (kind_ == CodeKind::single) {
    encode_plain(vector, reinterpret_cast<float*>(code));
    return;
  }
  const CodeKernels& kernels = active_kernels().codes;
  rotate(vector, scratch);
  const float* r = scratch.rotated.data();
  const float largest = kernels.max_magnitude(r, shape_.dims);
  scratch.elements.resize(shape_.dims);
  auto* grid = reinterpret_cast<std::uint8_t*>(scratch.elements.data());
  Factors factors{0, 0};
  const float grid_factor =
      largest > 0 ? best_grid_factor(Grid(bits_), r, shape_.dims, largest) : 0.0f;
  kernels.grid_codes(r, shape_.dims, grid_factor, half_range_, grid);
  if (largest > 0) {
    float ux;
    float uu;
    kernels.grid_fit(r, shape_.dims, grid_factor, half_range_, &ux, &uu);
    const float norm = active_kernels().floats.dot(r, r, shape_.dims);
    const float scale = ux > 0 ? norm / ux : 0.0f;
    factors = is_product() ? Factors{0, -scale} : Factors{norm, -2 * scale};
  }
  kernels.pack(grid, shape_.dims, bits_, code);
  std::memcpy(code + shape_.factors, &factors, sizeof factors);
}

void CodeSpace::encode_and_prepare(const float* vector, std::uint8_t* code,
                                   PreparedQuery& out) const {
  encode(vector, code, out);
  if (is_grid()) {
    prepare_rotated(out);
  } else {
    prepare(vector, out);
  }
}

void CodeSpace::prepare(const float* query, PreparedQuery& out) const {
  if (kind_ == CodeKind::half) {
    out.halves.resize(dims_);
    encode_plain(query, out.halves.data());
    out.code.base = distance_kernels<Half>().dot(out.halves.data(), out.halves.data(), dims_);
    return;
  }
  if (values_ != nullptr) {
    prepare_from_code(reinterpret_cast<const std::uint8_t*>(query), out);
    out.code.base = 0;
    return;
  }
  if (kind_ == CodeKind::single) {
    out.singles.resize(dims_);
    encode_plain(query, out.singles.data());
    out.code.base = distance_kernels<float>().dot(out.singles.data(), out.singles.data(), dims_);
    return;
  }
  rotate(query, out);
  prepare_rotated(out);
}

/// From what rotate() has left.
void CodeSpace::prepare_rotated(PreparedQuery& out) const {
  const CodeKernels& kernels = active_kernels().codes;
  const float* r = out.rotated.data();
  out.elements.resize(shape_.dims);
  const float largest = kernels.max_magnitude(r, shape_.dims);
  const float factor = largest > 0 ? 127.0f / largest : 0.0f;
  const std::int32_t sum = kernels.round_int8(r, shape_.dims, factor, out.elements.data());
  out.code.elements = out.elements.data();
  out.code.scale = largest / 127.0f;
  out.step = out.code.scale;
  out.element_sum = static_cast<float>(sum);
  out.code.offset = (half_range_ - 0.5f) * out.element_sum;
  out.squared_length = active_kernels().floats.dot(r, r, shape_.dims);
  out.code.base = is_product() ? 0.0f : out.squared_length;
}

void CodeSpace::prepare_from_code(const std::uint8_t* code, PreparedQuery& out) const {
  if (kind_ == CodeKind::half) {
    out.halves.resize(dims_);
    std::memcpy(static_cast<void*>(out.halves.data()), code, dims_ * sizeof(Half));
    return;
  }
  if (kind_ == CodeKind::single) {
    out.singles.resize((code_bytes_ + sizeof(float) - 1) / sizeof(float));
    std::memcpy(out.singles.data(), code, code_bytes_);
    return;
  }
  out.elements.resize(shape_.dims);
  std::int8_t* q = out.elements.data();
  const Factors factors = factors_at(code, shape_.factors);
  const float step = step_of(factors.f1);
  const std::int32_t sum = active_kernels().codes.unpack[bits_ - 1](code, shape_.dims, q);
  out.code.elements = q;
  out.code.scale = bits_ == 8 ? step : 0.5f * step;
  out.step = bits_ == 8 ? 2 * step : step;  // of 8 bits each element is half a step short, besides
  out.element_sum = static_cast<float>(sum);
  out.code.offset = (half_range_ - 0.5f) * out.element_sum;
  out.code.base = factors.f0;
  out.squared_length = factors.f0;
  if (is_product()) {
    const double squares = squares_of_points(q, shape_.dims, sum, bits_);
    out.squared_length = step * step * static_cast<float>(squares);
  }
}

template <class T>
void CodeSpace::estimate_plain(const std::vector<T>& query, const std::uint8_t* const* codes,
                               std::size_t count, float* out) const {
  const DistanceKernels<T>& kernels = distance_kernels<T>();
  for (std::size_t i = 0; i < count; ++i) {
    const T* row = reinterpret_cast<const T*>(codes[i]);
    float value;
    if (metric_ == Metric::l1) {
      value = kernels.l1(query.data(), row, dims_);
    } else if (metric_ == Metric::inner_product) {
      value = -kernels.dot(query.data(), row, dims_);
    } else {
      value = kernels.l2_squared(query.data(), row, dims_);
    }
    out[i] = value < FLT_MAX ? value : FLT_MAX;
  }
}

void CodeSpace::estimate(const PreparedQuery& query, const std::uint8_t* const* codes,
                         std::size_t count, float* out) const {
  if (kind_ == CodeKind::half) return estimate_plain(query.halves, codes, count, out);
  if (values_ != nullptr) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(query.singles.data());
    return values_->distances(from, codes, count, out);
  }
  if (kind_ == CodeKind::single) return estimate_plain(query.singles, codes, count, out);
  active_kernels().codes.estimate[bits_ - 1](query.code, shape_, codes, count, out);
}

double CodeSpace::usual_error(const PreparedQuery& query, const std::uint8_t* code) const {
  float estimated;
  estimate(query, &code, 1, &estimated);
  return usual_error(query, code, estimated);
}

double CodeSpace::usual_error(const PreparedQuery& query, const std::uint8_t* code,
                              float estimated) const {
  if (!is_grid()) return 0;
  const Factors factors = factors_at(code, shape_.factors);
  const double q_squared = static_cast<double>(query.squared_length);
  const double step = static_cast<double>(step_of(factors.f1));
  const double rounded_away = step * step * static_cast<double>(shape_.dims) / 12;
  const double r_squared = is_product() ? std::max(squared_length(code) - rounded_away, 0.0)
                                        : static_cast<double>(factors.f0);
  const double product = is_product()
                             ? -static_cast<double>(estimated)
                             : 0.5 * (q_squared + r_squared - static_cast<double>(estimated));
  const double across_all = step * std::sqrt(q_squared);
  // The product is an estimate itself: of q's squared length this surely lies along r.
  const double sure = std::max(std::fabs(product) - across_all, 0.0);
  const double share =
      sure > 0 && r_squared > 0 ? std::min(sure * sure / (r_squared * q_squared), 1.0) : 0.0;
  const double query_error = static_cast<double>(query.step) * std::sqrt(r_squared);
  const double squares = across_all * across_all * (1 - share) + query_error * query_error;
  return (is_product() ? 1 : 2) * std::sqrt(squares / 12);
}

void CodeSpace::decode_rotated(const std::uint8_t* code, float* out) const {
  const CodeKernels& kernels = active_kernels().codes;
  const float step = step_of(factors_at(code, shape_.factors).f1);
  const float scale = bits_ == 8 ? step : 0.5f * step;
  const float shift = bits_ == 8 ? 0.5f : 0.0f;
  std::array<std::int8_t, kBlock> points;
  for (std::size_t i = 0; i < shape_.dims; i += kBlock, code += block_bytes(bits_)) {
    kernels.unpack[bits_ - 1](code, kBlock, points.data());
    kernels.widen(points.data(), kBlock, scale, shift, out + i);
  }
}

void CodeSpace::decode(const std::uint8_t* code, float* out) const {
  if (kind_ == CodeKind::single) {
    std::memcpy(out, code, dims_ * sizeof(float));
  } else {
    active_kernels().to_float(reinterpret_cast<const Half*>(code), out, dims_);
  }
}

double CodeSpace::squared_length(const std::uint8_t* code) const {
  const double step = static_cast<double>(step_of(factors_at(code, shape_.factors).f1));
  std::array<std::int8_t, kBlock> points;
  double sum = 0;
  for (std::size_t i = 0; i < shape_.dims; i += kBlock, code += block_bytes(bits_)) {
    const std::int32_t total =
        active_kernels().codes.unpack[bits_ - 1](code, kBlock, points.data());
    sum += squares_of_points(points.data(), kBlock, total, bits_);
  }
  return step * step * sum;
}

double CodeSpace::estimate_of(double ordering_distance) const {
  if (metric_ == Metric::cosine) return 2 * ordering_distance;
  const double scale = static_cast<double>(scale_);
  return ordering_distance * (metric_ == Metric::l1 ? scale : scale * scale);
}

bool CodeSpace::train(const std::vector<const float*>& sample) {
  if (sample.empty() || kind_ == CodeKind::single) return false;
  if (kind_ == CodeKind::half) {
    if (metric_ == Metric::cosine) return false;
    float largest = 0;
    for (const float* row : sample) {
      for (std::size_t i = 0; i < dims_; ++i) largest = std::max(largest, std::fabs(row[i]));
    }
    if (largest == 0) return false;
    const float scale = std::ldexp(1.0f, 10 - std::ilogb(largest));  // the largest to about 1024
    const bool moved = scale != scale_ && std::isfinite(scale);
    if (moved) scale_ = scale;
    return moved;
  }
  if (is_product()) return false;
  std::vector<double> mean(dims_);
  std::vector<double> spreads(dims_);  // by element: sums that compilers add several of at once
  for (const float* row : sample) {
    const double norm = metric_ == Metric::cosine ? l2_norm(row, dims_) : 1.0;
    const double factor = norm > 0 ? 1.0 / norm : 0.0;
    for (std::size_t i = 0; i < dims_; ++i) {
      const double x = row[i] * factor;
      const double off = x - static_cast<double>(centroid_[i]);
      mean[i] += x;
      spreads[i] += off * off;
    }
  }
  const double count = static_cast<double>(sample.size());
  double spread = 0;
  double moved = 0;
  for (std::size_t i = 0; i < dims_; ++i) {
    spread += spreads[i];
    mean[i] /= count;
    moved += (mean[i] - centroid_[i]) * (mean[i] - centroid_[i]);
  }
  // Any centroid gives right estimates; a nearer one only finer. Small gains are not worth it.
  constexpr double kWorthwhile = 0.02;
  if (!(moved > kWorthwhile * spread / count)) return false;
  for (std::size_t i = 0; i < dims_; ++i) centroid_[i] = static_cast<float>(mean[i]);
  return true;
}

std::vector<float> CodeSpace::learned() const {
  std::vector<float> out = centroid_;
  out.push_back(scale_);
  return out;
}

void CodeSpace::restore(const std::vector<float>& learned) {
  std::copy_n(learned.begin(), centroid_.size(), centroid_.begin());
  scale_ = learned.back();
}

}  // namespace dvecdb::core
