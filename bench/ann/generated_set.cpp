#include "bench/ann/generated_set.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <stdexcept>

#include "bench/ann/numbers.h"
#include "bench/ann/on_threads.h"

namespace dvecdb::bench::ann {

namespace {

constexpr std::size_t clusters = 1000;
constexpr std::size_t reflections = 4;
// How fast the deviations fall along the axes, and how wide a cluster is beside the distances
// between clusters. Chosen so that clusters overlap and recall rises with ef about as it does on
// SIFT's vectors: narrow clusters are easy, and leave a graph in pieces that no ef brings together.
constexpr double center_decay = 0.5;
constexpr double cluster_decay = 0.6;
constexpr double cluster_width = 4;
constexpr std::size_t widest_axes = 16;  // a cluster is widest along one of so many
constexpr std::uint64_t seed = 0x5eed;
constexpr std::uint64_t first_query_row = 1ULL << 40;

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014), so
/// that every row has its own stream and every standard library gives the same numbers.
class Random {
 public:
  Random(std::uint64_t stream, std::uint64_t row) : state_(seed ^ (stream << 56) ^ (row * odd)) {
    next();
  }

  std::uint64_t next() {
    state_ += odd;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  /// Above 0, up to 1.
  float uniform() { return static_cast<float>((next() >> 40) + 1) * 0x1p-24F; }

  void fill_normal(float* out, std::size_t count) {
    for (std::size_t i = 0; i < count; i += 2) {
      const float radius = std::sqrt(-2 * std::log(uniform()));
      const float angle = 2 * std::numbers::pi_v<float> * uniform();
      out[i] = radius * std::cos(angle);
      if (i + 1 < count) out[i + 1] = radius * std::sin(angle);
    }
  }

 private:
  static constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;
  std::uint64_t state_;
};

std::vector<float> decaying(std::size_t dims, double decay) {
  std::vector<float> deviations(dims);
  for (std::size_t i = 0; i < dims; ++i) {
    deviations[i] = static_cast<float>(std::pow(static_cast<double>(i + 1), -decay));
  }
  return deviations;
}

class Mixture {
 public:
  explicit Mixture(std::size_t dims)
      : dims_(dims),
        widths_(decaying(dims, cluster_decay)),
        centers_(clusters, dims),
        mirrors_(reflections, dims) {
    const std::vector<float> spread = decaying(dims, center_decay);
    for (std::size_t c = 0; c < clusters; ++c) {
      Random(1, c).fill_normal(centers_.row(c), dims);
      for (std::size_t i = 0; i < dims; ++i) centers_.row(c)[i] *= spread[i];
    }
    for (std::size_t r = 0; r < reflections; ++r) Random(2, r).fill_normal(mirrors_.row(r), dims);
    scale_to_unit(mirrors_);
  }

  void fill(std::uint64_t row, float* out) const {
    Random random(3, row);
    const std::size_t cluster = random.next() % clusters;
    random.fill_normal(out, dims_);
    const float* center = centers_.row(cluster);
    std::size_t axis = cluster % std::min(widest_axes, dims_);
    for (std::size_t i = 0; i < dims_; ++i) {
      out[i] = center[i] + static_cast<float>(cluster_width) * widths_[axis] * out[i];
      axis = axis + 1 == dims_ ? 0 : axis + 1;
    }
    for (std::size_t r = 0; r < reflections; ++r) reflect(mirrors_.row(r), out);
  }

 private:
  void reflect(const float* mirror, float* out) const {
    float dot = 0;
    for (std::size_t i = 0; i < dims_; ++i) dot += mirror[i] * out[i];
    for (std::size_t i = 0; i < dims_; ++i) out[i] -= 2 * dot * mirror[i];
  }

  std::size_t dims_;
  std::vector<float> widths_;
  Vectors centers_;
  Vectors mirrors_;
};

std::size_t parse_rows(std::string text) {
  std::size_t unit = 1;
  if (text.ends_with('k')) unit = 1000;
  if (text.ends_with('m')) unit = 1000000;
  if (unit > 1) text.pop_back();
  return unit * parse_count("a mixture's number of rows", text);
}

}  // namespace

std::optional<MixtureShape> mixture_shape(const std::string& name) {
  const std::vector<std::string> parts = split(name, '-');
  if (parts.size() != 3 || parts[0] != "mixture") return std::nullopt;
  const MixtureShape shape{parse_rows(parts[1]), parse_count("a mixture's dimensions", parts[2])};
  if (shape.rows < neighbors || shape.rows > (1U << 31) || shape.dims > 16000) {
    throw std::invalid_argument("a mixture has 10 to 2^31 rows of up to 16000 dimensions, not \"" +
                                name + "\"");
  }
  return shape;
}

VectorSet make_mixture(const std::string& name, const MixtureShape& shape, std::size_t queries,
                       int threads) {
  const Mixture mixture(shape.dims);
  VectorSet set;
  set.name = name;
  set.base = Vectors(shape.rows, shape.dims);
  set.queries = Vectors(queries, shape.dims);
  on_threads(threads, [&](int t) {
    const auto step = static_cast<std::size_t>(threads);
    for (auto i = static_cast<std::size_t>(t); i < shape.rows; i += step) {
      mixture.fill(i, set.base.row(i));
    }
    for (auto i = static_cast<std::size_t>(t); i < queries; i += step) {
      mixture.fill(first_query_row + i, set.queries.row(i));
    }
  });
  return set;
}

}  // namespace dvecdb::bench::ann
