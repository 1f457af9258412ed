// hnswlib's kernels, as its index calls them. Compiled for this machine.
#include <hnswlib/hnswlib.h>

#include <map>

#include "bench/kernels/measures.h"

namespace dvecdb::bench {
namespace {

/// Making a space is slow (it asks what the processor can): one for each number of dimensions.
template <class Space>
Space& space_of(std::size_t dims) {
  static std::map<std::size_t, Space> spaces;
  return spaces.try_emplace(dims, dims).first->second;
}

template <class Space>
double run(const Rows& rows) {
  Space& space = space_of<Space>(rows.dims);
  const auto measure = space.get_dist_func();
  void* const dims = space.get_dist_func_param();
  double last = 0;
  for (std::size_t i = 1; i < rows.count; ++i) last = measure(rows.row(0), rows.row(i), dims);
  return last;
}

}  // namespace

std::vector<Measure> hnswlib_measures() {
  return {{"hnswlib", "float", "l2", run<hnswlib::L2Space>, {}, run<hnswlib::L2Space>},
          {"hnswlib",
           "float",
           "dot",
           run<hnswlib::InnerProductSpace>,
           {},
           run<hnswlib::InnerProductSpace>}};
}

}  // namespace dvecdb::bench
