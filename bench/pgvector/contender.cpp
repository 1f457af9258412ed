#include "bench/pgvector/contender.h"

#include <cstdlib>
#include <stdexcept>

#include "bench/ann/text.h"

namespace dvecdb::bench::pgvector {

using ann::text;

const std::string_view copy_head("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
const std::string_view copy_tail("\377\377", 2);

Contender parse_contender(const std::string& text) {
  const std::size_t first = text.find(';');
  if (first == std::string::npos || first == 0) {
    throw std::invalid_argument("--contender is name;conninfo;options, not \"" + text + "\"");
  }
  const std::size_t second = text.find(';', first + 1);
  Contender contender;
  contender.name = text.substr(0, first);
  contender.conninfo = text.substr(first + 1, second - first - 1);
  if (second != std::string::npos) contender.index_options = text.substr(second + 1);
  return contender;
}

Table::Table(const Contender& contender, const ann::VectorSet& set)
    : dims_(set.base.dims),
      name_("\"" + contender.name + " " + set.name + "\""),
      index_("\"" + contender.name + " " + set.name + " hnsw\""),
      operator_(set.metric == ann::Metric::l2 ? "<->" : "<=>"),
      operator_class_(set.metric == ann::Metric::l2 ? "vector_l2_ops" : "vector_cosine_ops"),
      options_(contender.index_options) {}

std::string Table::create() const {
  return text(
      "DROP TABLE IF EXISTS %s; CREATE TABLE %s (id integer PRIMARY KEY, v vector(%zu)) "
      "WITH (parallel_workers = 3)",
      name_.c_str(), name_.c_str(), dims_);
}

std::string Table::create_index(std::size_t m, std::size_t ef_construction) const {
  return text("CREATE INDEX %s ON %s USING hnsw (v %s) WITH (m = %zu, ef_construction = %zu%s%s)",
              index_.c_str(), name_.c_str(), operator_class_.c_str(), m, ef_construction,
              options_.empty() ? "" : ", ", options_.c_str());
}

std::string Table::search() const {
  return text("SELECT id FROM %s ORDER BY v %s $1 LIMIT %zu", name_.c_str(), operator_.c_str(),
              ann::neighbors);
}

std::string copy_row(std::size_t id, const float* vector, std::size_t dims) {
  const std::string bytes = demo::vector_bytes({vector, dims});
  demo::BinaryWriter row;
  row.int16(2).int32(4).int32(static_cast<std::int32_t>(id));
  row.int32(static_cast<std::int32_t>(bytes.size())).raw(bytes);
  return row.bytes();
}

std::vector<std::string> row_parameters(std::size_t id, const float* vector, std::size_t dims) {
  demo::BinaryWriter number;
  number.int32(static_cast<std::int32_t>(id));
  return {number.bytes(), demo::vector_bytes({vector, dims})};
}

std::vector<std::uint32_t> ids_of(const demo::Result& found) {
  std::vector<std::uint32_t> ids;
  for (int row = 0; row < found.rows(); ++row) {
    ids.push_back(
        static_cast<std::uint32_t>(std::strtoul(found.text(row, 0).c_str(), nullptr, 10)));
  }
  return ids;
}

double number(demo::Client& client, const std::string& sql) {
  return std::strtod(client.query(sql).text(0, 0).c_str(), nullptr);
}

}  // namespace dvecdb::bench::pgvector
