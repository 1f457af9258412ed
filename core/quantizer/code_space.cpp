#include "core/quantizer/code_space.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace dvecdb::core {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kRounds = 4;

/// Up to so many dimensions plain floats cost about what padded int8 codes do, and are exact.
constexpr std::size_t kSingleDims = 32;

/// From so many bits on a grid that covers every element is as good as a finer one that clips some.
constexpr int kWideGrid = 6;

/// Up to so many dimensions a code of 6 bits an element fills a cache line, and up to so many more
/// one of 3 bits. Beyond, 3 bits are as fast as any at equal recall.
constexpr std::size_t kInt6Dims = 64;

struct Factors {
  float f0;
  float f1;
};

Factors factors_at(const std::uint8_t* code, std::size_t offset) {
  Factors factors;
  std::memcpy(&factors, code + offset, sizeof factors);
  return factors;
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
  switch (kind) {
    case CodeKind::int1:
      return 1;
    case CodeKind::int2:
      return 2;
    case CodeKind::int3:
      return 3;
    case CodeKind::int4:
      return 4;
    case CodeKind::int5:
      return 5;
    case CodeKind::int6:
      return 6;
    case CodeKind::int7:
      return 7;
    case CodeKind::int8:
      return 8;
    case CodeKind::automatic:
    case CodeKind::half:
    case CodeKind::single:
      break;
  }
  return 0;
}

CodeKind CodeSpace::choose(Metric metric, std::size_t dims) {
  if (dims <= kSingleDims) return CodeKind::single;
  if (metric == Metric::l1) return CodeKind::half;  // a rotation does not keep L1
  return dims <= kInt6Dims ? CodeKind::int6 : CodeKind::int3;
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

float CodeSpace::best_grid_factor(const float* r, float largest) const {
  const float widest = half_range_ / largest;  // covers every element
  if (bits_ == 1 || bits_ >= kWideGrid) return widest;
  // Clipping the few largest elements makes the grid finer for the others: take the factor whose
  // grid point has the smallest angle to r.
  constexpr std::array<float, 10> kFinerBy = {1.0f, 1.1f, 1.2f,  1.3f,  1.4f,
                                              1.5f, 1.6f, 1.75f, 1.95f, 2.2f};
  float best = widest;
  float best_cosine = -1;
  for (float finer : kFinerBy) {
    float ux;
    float uu;
    active_kernels().codes.grid_fit(r, shape_.dims, widest * finer, half_range_, &ux, &uu);
    const float cosine = ux / std::sqrt(uu);
    if (cosine > best_cosine) {
      best_cosine = cosine;
      best = widest * finer;
    }
  }
  return best;
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
  const float grid_factor = largest > 0 ? best_grid_factor(r, largest) : 0.0f;
  kernels.grid_codes(r, shape_.dims, grid_factor, half_range_, grid);
  if (largest > 0) {
    float ux;
    float uu;
    kernels.grid_fit(r, shape_.dims, grid_factor, half_range_, &ux, &uu);
    const float norm = active_kernels().floats.dot(r, r, shape_.dims);
    const float scale = ux > 0 ? norm / ux : 0.0f;
    factors = metric_ == Metric::inner_product ? Factors{0, -scale} : Factors{norm, -2 * scale};
  }
  kernels.pack(grid, shape_.dims, bits_, code);
  std::memcpy(code + shape_.factors, &factors, sizeof factors);
}

void CodeSpace::prepare(const float* query, PreparedQuery& out) const {
  out.exact.reset();
  if (kind_ == CodeKind::half) {
    out.halves.resize(dims_);
    encode_plain(query, out.halves.data());
    out.code.base = distance_kernels<Half>().dot(out.halves.data(), out.halves.data(), dims_);
    return;
  }
  if (kind_ == CodeKind::single) {
    out.singles.resize(dims_);
    encode_plain(query, out.singles.data());
    out.code.base = distance_kernels<float>().dot(out.singles.data(), out.singles.data(), dims_);
    return;
  }
  const CodeKernels& kernels = active_kernels().codes;
  rotate(query, out);
  const float* r = out.rotated.data();
  out.elements.resize(shape_.dims);
  const float largest = kernels.max_magnitude(r, shape_.dims);
  const float factor = largest > 0 ? 127.0f / largest : 0.0f;
  const std::int32_t sum = kernels.round_int8(r, shape_.dims, factor, out.elements.data());
  out.code.elements = out.elements.data();
  out.code.scale = largest / 127.0f;
  out.code.offset = (half_range_ - 0.5f) * static_cast<float>(sum);
  out.code.base =
      metric_ == Metric::inner_product ? 0.0f : active_kernels().floats.dot(r, r, shape_.dims);
}

void CodeSpace::prepare_from_code(const std::uint8_t* code, PreparedQuery& out) const {
  out.exact.reset();
  if (kind_ == CodeKind::half) {
    out.halves.resize(dims_);
    std::memcpy(static_cast<void*>(out.halves.data()), code, dims_ * sizeof(Half));
    return;
  }
  if (kind_ == CodeKind::single) {
    out.singles.resize(dims_);
    std::memcpy(out.singles.data(), code, dims_ * sizeof(float));
    return;
  }
  out.elements.resize(shape_.dims);
  std::int8_t* q = out.elements.data();
  const Factors factors = factors_at(code, shape_.factors);
  const bool is_product = metric_ == Metric::inner_product;
  const float scale = is_product ? -factors.f1 : -0.5f * factors.f1;
  const CodeKernels& kernels = active_kernels().codes;
  const std::int32_t sum = kernels.unpack[bits_ - 1](code, shape_.dims, q);
  out.code.elements = q;
  out.code.scale = bits_ == 8 ? scale : 0.5f * scale;
  out.code.offset = (half_range_ - 0.5f) * static_cast<float>(sum);
  out.code.base = factors.f0;
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
  if (kind_ == CodeKind::single) return estimate_plain(query.singles, codes, count, out);
  active_kernels().codes.estimate[bits_ - 1](query.code, shape_, codes, count, out);
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
  if (metric_ == Metric::inner_product) return false;
  std::vector<double> mean(dims_);
  double spread = 0;
  for (const float* row : sample) {
    const double norm = metric_ == Metric::cosine ? l2_norm(row, dims_) : 1.0;
    const double factor = norm > 0 ? 1.0 / norm : 0.0;
    for (std::size_t i = 0; i < dims_; ++i) {
      const double x = row[i] * factor;
      mean[i] += x;
      spread += (x - centroid_[i]) * (x - centroid_[i]);
    }
  }
  const double count = static_cast<double>(sample.size());
  double moved = 0;
  for (std::size_t i = 0; i < dims_; ++i) {
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
