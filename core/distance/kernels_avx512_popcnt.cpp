// As kernels_avx512.cpp, for machines that count bits in registers too (VPOPCNTDQ).
#include "core/distance/isa_avx512.h"

namespace dvecdb::core {

const KernelTable kAvx512PopcntKernels = kernel_table<Avx512>();

}  // namespace dvecdb::core
