// Functions that SQL calls by a C symbol.
#pragma once

#include "extension/postgres.h"

// DVECDB_FUNCTION(dvecdb_name) { ... return Datum; } defines the SQL function of that symbol.
// Symbols start with dvecdb_: PostgreSQL loads all modules into one name space.
#define DVECDB_FUNCTION(name)               \
  extern "C" {                              \
  PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
  PG_FUNCTION_INFO_V1(name);                \
  }                                         \
  extern "C" Datum name([[maybe_unused]] PG_FUNCTION_ARGS)
