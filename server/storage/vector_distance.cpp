#include "server/storage/vector_distance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "dvecdb/distance.h"
#include "dvecdb/half.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

// Of sparsevec: dimensions and count before the arrays; of bit: the number of bits.
constexpr std::size_t sparse_header_bytes = 8;
constexpr std::size_t bit_header_bytes = 4;

std::int32_t read_little_endian(std::string_view bytes, std::size_t at) {
  std::int32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::int32_t read_big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int32_t>(value);
}

[[noreturn]] void throw_damaged() {
  throw SqlError(sqlstate::data_corrupted, "a stored vector is damaged");
}

core::SparseView sparse_view(std::string_view bytes) {
  const auto count = static_cast<std::size_t>(read_little_endian(bytes, 4));
  if (bytes.size() != sparse_header_bytes + count * 8) throw_damaged();
  const char* arrays = bytes.data() + sparse_header_bytes;
  return {reinterpret_cast<const std::int32_t*>(arrays),
          reinterpret_cast<const float*>(arrays + count * 4), count};
}

core::Metric dense_metric(VectorMetric metric) {
  switch (metric) {
    case VectorMetric::l2:
      return core::Metric::l2_squared;
    case VectorMetric::inner_product:
      return core::Metric::inner_product;
    case VectorMetric::cosine:
      return core::Metric::cosine;
    case VectorMetric::l1:
      return core::Metric::l1;
    case VectorMetric::hamming:
    case VectorMetric::jaccard:
      break;
  }
  throw SqlError(sqlstate::internal_error, "a bit metric on an index of numbers");
}

}  // namespace

std::int64_t stored_dimensions(VectorElement element, std::string_view bytes) {
  switch (element) {
    case VectorElement::float32:
      if (bytes.size() % 4 != 0) throw_damaged();
      return static_cast<std::int64_t>(bytes.size() / 4);
    case VectorElement::float16:
      if (bytes.size() % 2 != 0) throw_damaged();
      return static_cast<std::int64_t>(bytes.size() / 2);
    case VectorElement::sparse:
      if (bytes.size() < sparse_header_bytes) throw_damaged();
      return read_little_endian(bytes, 0);
    case VectorElement::bit:
      if (bytes.size() < bit_header_bytes) throw_damaged();
      return read_big_endian(bytes, 0);
  }
  throw_damaged();
}

bool has_graph(VectorElement element) {
  return element == VectorElement::float32 || element == VectorElement::float16;
}

const float* as_floats(VectorElement element, std::string_view bytes, std::vector<float>& buffer) {
  const bool is_half = element == VectorElement::float16;
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0;
  if (!is_half && is_aligned) return reinterpret_cast<const float*>(bytes.data());
  const std::size_t count = bytes.size() / (is_half ? 2 : 4);
  buffer.resize(count);
  if (!is_half) {
    std::memcpy(buffer.data(), bytes.data(), bytes.size());
    return buffer.data();
  }
  std::vector<core::Half> halves(count);
  std::memcpy(halves.data(), bytes.data(), bytes.size());
  core::to_float(halves.data(), buffer.data(), count);
  return buffer.data();
}

bool is_finite(const float* vector, std::size_t dimensions) {
  return std::all_of(vector, vector + dimensions, [](float x) { return std::isfinite(x); });
}

QueryDistance::QueryDistance(const VectorIndexDefinition& definition, std::string_view query)
    : element_(definition.element),
      metric_(definition.metric),
      dimensions_(definition.dimensions),
      query_(query) {
  const std::int64_t dimensions = stored_dimensions(element_, query);
  if (dimensions != dimensions_) {
    throw SqlError(sqlstate::data_exception,
                   fmt::format("different vector dimensions {} and {}", dimensions_, dimensions));
  }
  if (!has_graph(element_)) return;
  std::vector<float> buffer;
  const float* floats = as_floats(element_, query_, buffer);
  floats_.assign(floats, floats + dimensions_);
}

double QueryDistance::operator()(std::string_view row) {
  const std::int64_t dimensions = stored_dimensions(element_, row);
  if (dimensions != dimensions_) {
    throw SqlError(sqlstate::data_exception,
                   fmt::format("different vector dimensions {} and {}", dimensions, dimensions_));
  }
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(row.data()) % alignof(float) == 0;
  if (is_aligned) return measure(row);
  aligned_row_.assign(row);
  return measure(aligned_row_);
}

double QueryDistance::measure(std::string_view row) {
  const auto count = static_cast<std::size_t>(dimensions_);
  switch (element_) {
    case VectorElement::float32:
      return core::operator_distance(
          dense_metric(metric_), reinterpret_cast<const float*>(row.data()), floats_.data(), count);
    case VectorElement::float16:
      return core::operator_distance(dense_metric(metric_),
                                     reinterpret_cast<const core::Half*>(row.data()),
                                     reinterpret_cast<const core::Half*>(query_.data()), count);
    case VectorElement::sparse:
      return core::operator_distance(dense_metric(metric_), sparse_view(row), sparse_view(query_));
    case VectorElement::bit:
      break;
  }
  const auto metric =
      metric_ == VectorMetric::hamming ? core::BitMetric::hamming : core::BitMetric::jaccard;
  const std::size_t bytes = row.size() - bit_header_bytes;
  if (bytes != query_.size() - bit_header_bytes) throw_damaged();
  return core::bit_distance(
      metric, reinterpret_cast<const std::uint8_t*>(row.data()) + bit_header_bytes,
      reinterpret_cast<const std::uint8_t*>(query_.data()) + bit_header_bytes, bytes);
}

}  // namespace dvecdb::server::storage
