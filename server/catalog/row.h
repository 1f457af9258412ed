// One row of a catalog table, wherever it comes from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::catalog {

using types::Oid;

// Columns count from 1, as attnums do. A NULL reads as zero, false, "" or empty.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::string text(int column) const = 0;
  virtual char character(int column) const = 0;  // '\0' for ""
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  // Elements of an array, oidvector or int2vector.
  virtual std::vector<std::string> texts(int column) const = 0;
  virtual std::vector<std::int64_t> integers(int column) const = 0;

  bool boolean(int column) const { return integer(column) != 0; }
  Oid oid(int column) const { return static_cast<Oid>(integer(column)); }
};

}  // namespace dvecdb::server::catalog
