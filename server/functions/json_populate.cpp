#include "server/functions/json_populate.h"

#include <fmt/format.h>

#include "server/functions/json_tables.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_catalog.h"

namespace dvecdb::server::functions {
namespace {

using types::JsonValue;
using types::SqlError;
using Kind = JsonValue::Kind;
namespace sqlstate = types::sqlstate;

const types::TypeDesc* describe(const types::IoContext& io, Oid type) {
  return io.types == nullptr ? nullptr : io.types->find_type(type);
}

class Populator {
 public:
  Populator(const types::IoContext& io, bool is_jsonb) : io_(io), is_jsonb_(is_jsonb) {}

  std::vector<Value> columns(const JsonValue& json, const std::vector<PopulateColumn>& wanted) {
    if (!json.is_object()) {
      throw json_error(fmt::format("cannot call populate_composite on {}",
                                   json.is_array() ? "an array" : "a scalar"));
    }
    std::vector<Value> values;
    for (const PopulateColumn& column : wanted) {
      const JsonValue* member = json.find(column.name);
      key_ = column.name;
      values.push_back(member == nullptr ? column.fallback : convert(*member, column.type));
      values.back().own();
    }
    return values;
  }

 private:
  std::string written(const JsonValue& json) const {
    return is_jsonb_ ? types::jsonb_text(json) : std::string(json.source);
  }

  Value convert(const JsonValue& json, TypeRef type) {
    if (json.kind == Kind::null) return Value::null();
    if (type.oid == types::oids::json || type.oid == types::oids::jsonb) {
      return types::input_text(io_, type, written(json)).own();
    }
    const types::TypeDesc* desc = describe(io_, type.oid);
    if (json.kind != Kind::string && desc != nullptr) {
      if (desc->is_array) return convert_array(json, type, *desc);
      if (desc->kind == types::TypeKind::composite) return convert_composite(json, *desc);
    }
    std::string text = json.kind == Kind::string ? json.text : written(json);
    return types::input_text(io_, type, text).own();
  }

  Value convert_composite(const JsonValue& json, const types::TypeDesc& desc) {
    std::vector<PopulateColumn> wanted;
    for (const types::CompositeColumn& column : desc.columns) {
      wanted.push_back({column.name, column.type, Value::null()});
    }
    std::vector<Value> values = columns(json, wanted);
    std::vector<types::RecordField> fields;
    for (std::size_t i = 0; i < values.size(); ++i) {
      fields.push_back({wanted[i].type, std::move(values[i])});
    }
    return types::encode_record(fields);
  }

  Value convert_array(const JsonValue& json, TypeRef type, const types::TypeDesc& desc) {
    types::Array array;
    array.element_type = desc.element;
    // Arrays within an array of documents are documents.
    depth_is_known_ = desc.element == types::oids::json || desc.element == types::oids::jsonb;
    if (!json.is_array()) throw expected_array();
    array.dimensions.assign(1, {-1, 1});
    add_elements(json, {desc.element, type.typmod}, 0, array);
    if (array.elements.empty()) array.dimensions.clear();
    return types::encode_array(array);
  }

  SqlError expected_array() const {
    return SqlError(sqlstate::invalid_text_representation, "expected JSON array")
        .hint(fmt::format("See the value of key \"{}\".", key_));
  }

  // The first element that is no array tells how many dimensions there are.
  void add_elements(const JsonValue& json, TypeRef element, std::size_t depth,
                    types::Array& array) {
    constexpr std::size_t max_dimensions = 6;
    auto length = static_cast<std::int32_t>(json.items.size());
    if (array.dimensions[depth].length == -1) array.dimensions[depth].length = length;
    if (array.dimensions[depth].length != length) {
      throw SqlError(sqlstate::invalid_text_representation, "malformed JSON array")
          .detail("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }
    for (const JsonValue& item : json.items) {
      bool is_leaf = depth_is_known_ ? depth + 1 == array.dimensions.size() : !item.is_array();
      if (is_leaf) {
        if (depth + 1 != array.dimensions.size()) throw expected_array();
        depth_is_known_ = true;
        array.elements.push_back(convert(item, element));
        continue;
      }
      if (!item.is_array()) throw expected_array();
      if (depth + 1 == array.dimensions.size()) {
        if (array.dimensions.size() == max_dimensions) {
          throw SqlError(sqlstate::program_limit_exceeded,
                         "number of array dimensions (7) exceeds the maximum allowed (6)");
        }
        array.dimensions.push_back({-1, 1});
      }
      add_elements(item, element, depth + 1, array);
    }
  }

  const types::IoContext& io_;
  bool is_jsonb_;
  bool depth_is_known_ = false;
  std::string key_;
};

}  // namespace

std::vector<Value> populate_columns(const types::IoContext& io, const types::JsonValue& json,
                                    const std::vector<PopulateColumn>& columns, bool is_jsonb) {
  return Populator(io, is_jsonb).columns(json, columns);
}

std::vector<PopulateColumn> columns_of_call(const FunctionContext& context, const Value& base) {
  std::vector<PopulateColumn> columns;
  for (const CallTypes::Column& column : context.call.columns) {
    columns.push_back({column.name, column.type, Value::null()});
  }
  Oid composite = context.call.result.oid;
  if (columns.empty()) {
    const types::TypeDesc* desc = describe(context.io, composite);
    if (desc == nullptr || desc->columns.empty()) {
      throw SqlError(sqlstate::datatype_mismatch, "could not determine row type for result")
          .hint(
              "Provide a non-null record argument, or call the function in the FROM clause "
              "using a column definition list.");
    }
    for (const types::CompositeColumn& column : desc->columns) {
      columns.push_back({column.name, column.type, Value::null()});
    }
  }
  if (!base.is_null()) {
    std::vector<types::RecordField> fields = types::decode_record(base.as_bytes());
    for (std::size_t i = 0; i < columns.size() && i < fields.size(); ++i) {
      columns[i].fallback = fields[i].value;
    }
  }
  return columns;
}

}  // namespace dvecdb::server::functions
