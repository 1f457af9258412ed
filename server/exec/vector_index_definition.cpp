#include "server/exec/vector_index_definition.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "server/query/plan.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using storage::VectorElement;
using storage::VectorMetric;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

struct ElementLimit {
  std::string_view type;
  VectorElement element;
  int max_dimensions;
};
constexpr std::array<ElementLimit, 4> elements = {{{"vector", VectorElement::float32, 2000},
                                                   {"halfvec", VectorElement::float16, 4000},
                                                   {"sparsevec", VectorElement::sparse, 1000000000},
                                                   {"bit", VectorElement::bit, 64000}}};

struct MetricName {
  std::string_view op;
  VectorMetric metric;
};
constexpr std::array<MetricName, 6> metrics = {{{"<->", VectorMetric::l2},
                                                {"<#>", VectorMetric::inner_product},
                                                {"<=>", VectorMetric::cosine},
                                                {"<+>", VectorMetric::l1},
                                                {"<~>", VectorMetric::hamming},
                                                {"<%>", VectorMetric::jaccard}}};

const ElementLimit& element_of(const query::Catalog& catalog, types::Oid type) {
  const types::TypeDesc* desc = catalog.find_type(type);
  while (desc != nullptr && desc->kind == types::TypeKind::domain) {
    desc = catalog.find_type(desc->base.oid);
  }
  for (const ElementLimit& element : elements) {
    if (desc != nullptr && desc->name == element.type) return element;
  }
  throw SqlError(sqlstate::feature_not_supported, "type not supported for hnsw index");
}

int option(const query::IndexDesc& index, std::string_view name, int otherwise) {
  for (const auto& [key, value] : index.options) {
    if (key == name) return std::atoi(value.c_str());
  }
  return otherwise;
}

}  // namespace

void check_vector_index_type(const query::Catalog& catalog, types::TypeRef type) {
  const ElementLimit& element = element_of(catalog, type.oid);
  if (type.typmod < 0) {
    throw SqlError(sqlstate::invalid_parameter_value, "column does not have dimensions");
  }
  if (type.typmod > element.max_dimensions) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("column cannot have more than {} dimensions for hnsw index",
                               element.max_dimensions));
  }
}

void check_vector_index_options(const std::vector<std::pair<std::string, std::string>>& options) {
  struct Bounds {
    std::string_view name;
    int low, high;
  };
  static constexpr std::array<Bounds, 2> known = {{{"m", 2, 100}, {"ef_construction", 4, 1000}}};
  int m = 16;
  int ef_construction = 64;
  for (const auto& [name, text] : options) {
    const Bounds* bounds = nullptr;
    for (const Bounds& candidate : known) {
      if (candidate.name == name) bounds = &candidate;
    }
    if (bounds == nullptr) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     fmt::format("unrecognized parameter \"{}\"", name));
    }
    char* end = nullptr;
    const long value = std::strtol(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0') {
      throw SqlError(sqlstate::invalid_parameter_value,
                     fmt::format("invalid value for integer option \"{}\": {}", name, text));
    }
    if (value < bounds->low || value > bounds->high) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     fmt::format("value {} out of bounds for option \"{}\"", value, name))
          .detail(fmt::format("Valid values are between \"{}\" and \"{}\".", bounds->low,
                              bounds->high));
    }
    (name == "m" ? m : ef_construction) = static_cast<int>(value);
  }
  if (ef_construction < 2 * m) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "ef_construction must be greater than or equal to 2 * m");
  }
}

storage::VectorIndexDefinition vector_index_definition(const query::AnalyzeContext& analysis,
                                                       const query::RelationDesc& table,
                                                       const query::IndexDesc& index) {
  const query::IndexDesc::Key& key = index.keys.front();
  storage::VectorIndexDefinition definition;
  definition.index = index.oid;
  definition.table_oid = table.oid;
  definition.table = table.store_name;
  if (key.column != 0) {
    definition.expression = table.columns[static_cast<std::size_t>(key.column - 1)].store_name;
  } else {
    const query::ExprPtr expr =
        query::analyze_expression(analysis, key.expression_text, &table, key.type);
    definition.expression = query::lower_expression(analysis, *expr, &table, "");
  }
  if (!index.predicate_text.empty()) {
    const query::ExprPtr expr =
        query::analyze_expression(analysis, index.predicate_text, &table, {16, -1});
    definition.predicate = query::lower_expression(analysis, *expr, &table, "");
  }
  definition.element = element_of(analysis.catalog, key.type.oid).element;
  definition.dimensions = key.type.typmod;
  const query::OperatorClassDesc* op_class =
      analysis.catalog.find_operator_class(key.operator_class);
  for (const MetricName& metric : metrics) {
    if (op_class != nullptr && op_class->order_operator == metric.op) {
      definition.metric = metric.metric;
    }
  }
  definition.m = option(index, "m", 16);
  definition.ef_construction = option(index, "ef_construction", 64);
  return definition;
}

}  // namespace dvecdb::server::exec
