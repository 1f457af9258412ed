// FAISS's two storages with their distances compiled for this machine. Debian's library is built
// for any x86-64 (SSE2), which would make FAISS slower than its own AVX2 builds are: here its
// graph asks distances of these functions, which the compiler turns into the machine's widest.
#pragma once

#include <faiss/IndexFlat.h>
#include <faiss/IndexScalarQuantizer.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dvecdb::bench::ann {

using RowId = decltype(faiss::Index::ntotal);

inline float squared_difference(float sum, float a, float b) {
  return sum + (a - b) * (a - b);
}

struct FlatRow {
  const float* values;
  float operator[](std::size_t i) const { return values[i]; }
};

/// A row of QT_8bit codes, decoded as FAISS decodes it.
struct Sq8Row {
  const std::uint8_t* codes;
  const float* minimum;
  const float* step;
  float operator[](std::size_t i) const {
    return minimum[i] + (static_cast<float>(codes[i]) + 0.5F) * step[i];
  }
};

template <class A, class B>
float squared_distance(const A& a, const B& b, std::size_t dims) {
  float sum = 0;
  for (std::size_t i = 0; i < dims; ++i) sum = squared_difference(sum, a[i], b[i]);
  return sum;
}

/// How a code is read as a row.
struct FlatRows {
  explicit FlatRows(const faiss::IndexFlat&) {}
  FlatRow operator()(const std::uint8_t* code) const {
    return {reinterpret_cast<const float*>(code)};
  }
};

class Sq8Rows {
 public:
  explicit Sq8Rows(const faiss::IndexScalarQuantizer& index)
      : minimum_(index.sq.trained.data()), step_(minimum_ + index.d, minimum_ + 2 * index.d) {
    for (float& step : step_) step /= 255;
  }
  Sq8Row operator()(const std::uint8_t* code) const { return {code, minimum_, step_.data()}; }

 private:
  const float* minimum_;
  std::vector<float> step_;
};

template <class Rows>
class NativeDistances final : public faiss::FlatCodesDistanceComputer {
 public:
  template <class Index>
  explicit NativeDistances(const Index& index)
      : FlatCodesDistanceComputer(index.codes.data(), index.code_size),
        dims_(static_cast<std::size_t>(index.d)),
        rows_(index) {}

  void set_query(const float* query) override { query_ = query; }
  float distance_to_code(const std::uint8_t* code) override {
    return squared_distance(FlatRow{query_}, rows_(code), dims_);
  }
  float symmetric_dis(RowId i, RowId j) override {
    return squared_distance(rows_(codes + static_cast<std::size_t>(i) * code_size),
                            rows_(codes + static_cast<std::size_t>(j) * code_size), dims_);
  }

 private:
  std::size_t dims_;
  Rows rows_;
  const float* query_ = nullptr;
};

class NativeFlat final : public faiss::IndexFlatL2 {
 public:
  using IndexFlatL2::IndexFlatL2;
  faiss::FlatCodesDistanceComputer* get_FlatCodesDistanceComputer() const override {
    return new NativeDistances<FlatRows>(*this);
  }
};

class NativeSq8 final : public faiss::IndexScalarQuantizer {
 public:
  explicit NativeSq8(int dims) : IndexScalarQuantizer(dims, faiss::ScalarQuantizer::QT_8bit) {}
  faiss::FlatCodesDistanceComputer* get_FlatCodesDistanceComputer() const override {
    return new NativeDistances<Sq8Rows>(*this);
  }
};

}  // namespace dvecdb::bench::ann
