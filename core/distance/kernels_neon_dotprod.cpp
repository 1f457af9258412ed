// As kernels_neon.cpp, for machines with dot products of bytes (FEAT_DotProd).
#define DVECDB_DOTPROD
#include "core/distance/isa_neon.h"

namespace dvecdb::core {

const KernelTable kNeonDotprodKernels = kernel_table<Neon>();

}  // namespace dvecdb::core
