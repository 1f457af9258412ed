// The right answers: what recall is measured against. Read-only once made.
#pragma once

#include <vector>

#include "demo/demo_set.h"

namespace dvecdb::bench {

class ExactNeighbors {
 public:
  // The last `queries` images ask for the `count` nearest of the others.
  ExactNeighbors(const std::vector<demo::Image>& images, int queries, int count);

  // How many of the found ids are right. Ties count as right.
  int count_right(int query, const std::vector<int>& found) const;

 private:
  double squared_distance(int query, int row) const;
  double last_distance(int query) const;

  const std::vector<demo::Image>& images_;
  const int rows_;
  const int count_;
  std::vector<double> last_distances_;  // squared, of each query's last neighbor
};

}  // namespace dvecdb::bench
