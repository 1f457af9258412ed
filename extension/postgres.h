// PostgreSQL's headers as C++ sees them, with those that much of the extension needs. Every file of
// the extension includes this one before any other of PostgreSQL's, and those in an `extern "C"`
// block.
#pragma once

extern "C" {
#include <postgres.h>
// These need postgres.h before them.
#include <access/amapi.h>
#include <access/genam.h>
#include <access/reloptions.h>
#include <access/relscan.h>
#include <catalog/pg_type.h>
#include <fmgr.h>
#include <miscadmin.h>
#include <storage/bufmgr.h>
#include <utils/array.h>
#include <utils/builtins.h>
#include <utils/guc.h>
#include <utils/memutils.h>
#include <utils/rel.h>
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

// Its macros are C, and clang warns of that where they are used.
#ifdef __clang__
#pragma clang diagnostic ignored "-Wc99-extensions"
#pragma clang diagnostic ignored "-Wgnu-statement-expression"
#pragma clang diagnostic ignored "-Wsign-compare"
#endif

#include "extension/compat.h"
