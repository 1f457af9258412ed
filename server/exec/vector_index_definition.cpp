#include "server/exec/vector_index_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "dvecdb/code_space.h"
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

using Options = std::vector<std::pair<std::string, std::string>>;

// As they were written, or what stands for those that were not.
struct IndexOptions {
  int m = 16;
  int ef_construction = 64;
  std::string quantizer = "auto";
  int quantizer_bits = 0;  // 0: by dimensions
};

struct IntegerOption {
  std::string_view name;
  int low, high;
  int IndexOptions::*value;
};
constexpr std::array<IntegerOption, 3> integer_options = {{
    {"m", 2, 100, &IndexOptions::m},
    {"ef_construction", 4, 1000, &IndexOptions::ef_construction},
    {"quantizer_bits", 1, 8, &IndexOptions::quantizer_bits},
}};

struct QuantizerName {
  std::string_view name;
  core::CodeKind code;
};
constexpr std::array<QuantizerName, 5> quantizers = {{{"auto", core::CodeKind::automatic},
                                                      {"none", core::CodeKind::single},
                                                      {"half", core::CodeKind::half},
                                                      {"sq8", core::CodeKind::int8},
                                                      {"rabitq", core::CodeKind::automatic}}};

void read_integer(const IntegerOption& option, const std::string& text, IndexOptions& options) {
  char* end = nullptr;
  const long value = std::strtol(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0') {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("invalid value for integer option \"{}\": {}", option.name, text));
  }
  if (value < option.low || value > option.high) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("value {} out of bounds for option \"{}\"", value, option.name))
        .detail(
            fmt::format("Valid values are between \"{}\" and \"{}\".", option.low, option.high));
  }
  options.*option.value = static_cast<int>(value);
}

core::CodeKind code_of(const IndexOptions& options) {
  if (options.quantizer == "rabitq" && options.quantizer_bits > 0) {
    return core::CodeSpace::grid_kind(options.quantizer_bits);
  }
  for (const QuantizerName& quantizer : quantizers) {
    if (quantizer.name == options.quantizer) return quantizer.code;
  }
  throw SqlError(sqlstate::invalid_parameter_value,
                 fmt::format("invalid value for enum option \"quantizer\": {}", options.quantizer))
      .detail(R"(Valid values are "auto", "none", "half", "sq8" and "rabitq".)");
}

IndexOptions read_options(const Options& written) {
  IndexOptions options;
  for (const auto& [name, text] : written) {
    if (name == "quantizer") {
      options.quantizer = text;
      continue;
    }
    const auto* option = std::find_if(integer_options.begin(), integer_options.end(),
                                      [&name = name](const auto& one) { return one.name == name; });
    if (option == integer_options.end()) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     fmt::format("unrecognized parameter \"{}\"", name));
    }
    read_integer(*option, text, options);
  }
  return options;
}

// What a quantizer cannot code; found when the index is made.
void check_quantizer(const IndexOptions& options, VectorElement element, VectorMetric metric) {
  const bool is_dense = element == VectorElement::float32 || element == VectorElement::float16;
  const bool is_plain = options.quantizer == "auto" || options.quantizer == "none";
  if (!is_dense && !is_plain) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "sparsevec and bit are indexed without a quantizer")
        .hint(R"(Leave the quantizer out, or set it to "none".)");
  }
  if (metric == VectorMetric::l1 && !is_plain && options.quantizer != "half") {
    throw SqlError(sqlstate::invalid_parameter_value,
                   R"(an index for L1 distances takes quantizer "half" or "none")")
        .detail("The others rotate vectors, which does not keep L1 distances.");
  }
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

void check_vector_index_options(const Options& written) {
  const IndexOptions options = read_options(written);
  code_of(options);
  if (options.ef_construction < 2 * options.m) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "ef_construction must be greater than or equal to 2 * m");
  }
  if (options.quantizer_bits != 0 && options.quantizer != "rabitq") {
    throw SqlError(sqlstate::invalid_parameter_value, "quantizer_bits needs quantizer = rabitq")
        .detail("The other quantizers have a fixed number of bits an element.");
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
  const IndexOptions options = read_options(index.options);
  check_quantizer(options, definition.element, definition.metric);
  definition.m = options.m;
  definition.ef_construction = options.ef_construction;
  definition.code = code_of(options);
  return definition;
}

}  // namespace dvecdb::server::exec
