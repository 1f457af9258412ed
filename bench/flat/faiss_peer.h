#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace dvecdb::bench {

/// FAISS's exact index by squared L2.
class __attribute__((visibility("default"))) FaissPeer {
 public:
  FaissPeer(const std::vector<float>& rows, std::size_t dims);
  ~FaissPeer();
  FaissPeer(const FaissPeer&) = delete;
  FaissPeer& operator=(const FaissPeer&) = delete;

  /// The k nearest rows of each query, with that many threads.
  std::vector<std::int64_t> search(const float* queries, std::size_t count, std::size_t k,
                                   int threads) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dvecdb::bench
