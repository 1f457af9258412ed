// PostgreSQL's headers as C++ sees them. Every file of the extension includes this one first of
// PostgreSQL's; further headers of PostgreSQL are included in an `extern "C"` block after it.
#pragma once

extern "C" {
#include <postgres.h>
// These need postgres.h before them.
#include <fmgr.h>
#include <miscadmin.h>
#include <utils/memutils.h>
}

// PostgreSQL's own printf family; as macros they change what the standard headers that follow mean.
#undef fprintf
#undef printf
#undef snprintf
#undef sprintf
#undef strerror
#undef strerror_r
#undef vfprintf
#undef vprintf
#undef vsnprintf
#undef vsprintf

#include "extension/compat.h"
