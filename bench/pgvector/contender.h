// Who is measured: an index method with its options in a database, and the statements to reach it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/ann/vectors.h"
#include "demo/client.h"

namespace dvecdb::bench::pgvector {

struct Contender {
  std::string name;           ///< "pgvector", "ours", "ours-compact"
  std::string conninfo;       ///< libpq's, of a database that has the extension
  std::string index_options;  ///< what stands in WITH (...) beside m and ef_construction
};

/// Of "name;conninfo;options", the last optional. Throws std::invalid_argument.
Contender parse_contender(const std::string& text);

/// A contender's own table of a set, with the columns id (primary key) and v.
class Table {
 public:
  Table(const Contender& contender, const ann::VectorSet& set);

  const std::string& name() const { return name_; }  ///< quoted
  const std::string& index() const { return index_; }
  std::string create() const;
  std::string create_index(std::size_t m, std::size_t ef_construction) const;
  /// SELECT of the ten nearest to $1.
  std::string search() const;

 private:
  std::size_t dims_;
  std::string name_;
  std::string index_;
  std::string operator_;
  std::string operator_class_;
  std::string options_;
};

/// One row in the binary format of COPY, and what stands before and behind all rows.
std::string copy_row(std::size_t id, const float* vector, std::size_t dims);
extern const std::string_view copy_head;
extern const std::string_view copy_tail;

/// The parameters of an INSERT of id and v.
std::vector<std::string> row_parameters(std::size_t id, const float* vector, std::size_t dims);

/// The first column of what a search answered.
std::vector<std::uint32_t> ids_of(const demo::Result& found);

/// A single number that a statement answers.
double number(demo::Client& client, const std::string& sql);

}  // namespace dvecdb::bench::pgvector
