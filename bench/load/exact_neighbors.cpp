#include "bench/load/exact_neighbors.h"

#include <algorithm>
#include <set>
#include <thread>

namespace dvecdb::bench {

ExactNeighbors::ExactNeighbors(const std::vector<demo::Image>& images, int queries, int count)
    : images_(images),
      rows_(static_cast<int>(images.size()) - queries),
      count_(count),
      last_distances_(static_cast<std::size_t>(queries)) {
  std::vector<std::thread> threads;
  const int workers = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  for (int first = 0; first < workers; ++first) {
    threads.emplace_back([this, first, workers, queries] {
      for (int query = first; query < queries; query += workers) {
        last_distances_[static_cast<std::size_t>(query)] = last_distance(query);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

int ExactNeighbors::count_right(int query, const std::vector<int>& found) const {
  // Sums of floats in another order differ a little.
  const double limit = last_distances_[static_cast<std::size_t>(query)] * 1.001;
  const std::set<int> ids(found.begin(), found.end());
  return static_cast<int>(std::count_if(ids.begin(), ids.end(), [&](int id) {
    return id < rows_ && squared_distance(query, id) <= limit;
  }));
}

double ExactNeighbors::last_distance(int query) const {
  std::vector<double> distances;
  for (int row = 0; row < rows_; ++row) distances.push_back(squared_distance(query, row));
  const auto last = distances.begin() + (count_ - 1);
  std::nth_element(distances.begin(), last, distances.end());
  return *last;
}

double ExactNeighbors::squared_distance(int query, int row) const {
  const std::vector<float>& target = images_[static_cast<std::size_t>(rows_ + query)].pixels;
  const std::vector<float>& other = images_[static_cast<std::size_t>(row)].pixels;
  float sum = 0;
  for (std::size_t i = 0; i < other.size(); ++i) {
    sum += (target[i] - other[i]) * (target[i] - other[i]);
  }
  return sum;
}

}  // namespace dvecdb::bench
