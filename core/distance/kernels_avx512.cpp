#include "core/distance/isa_avx512.h"

namespace dvecdb::core {

const KernelTable kAvx512Kernels = kernel_table<Avx512>();

}  // namespace dvecdb::core
