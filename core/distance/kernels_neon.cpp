#include "core/distance/isa_neon.h"

namespace dvecdb::core {

const KernelTable kNeonKernels = kernel_table<Neon>();

}  // namespace dvecdb::core
