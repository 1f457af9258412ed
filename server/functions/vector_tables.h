// The parts of the vector family. Internal to it.
#pragma once

#include "server/functions/families.h"

namespace dvecdb::server::functions {

ScalarTable sparse_vector_functions();
ScalarTable vector_cast_functions();

}  // namespace dvecdb::server::functions
