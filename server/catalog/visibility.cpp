#include "server/catalog/visibility.h"

#include <algorithm>
#include <vector>

namespace dvecdb::server::catalog {

namespace {

using query::Catalog;

// The rank of a schema in the path; its size when it is not there.
std::size_t rank_of(const Catalog& catalog, std::string_view schema) {
  const auto path = catalog.search_path();
  return static_cast<std::size_t>(std::find(path.begin(), path.end(), schema) - path.begin());
}

// `object` is visible when its schema is in the path and no `other` one of the same name (and
// arguments) stands in an earlier schema.
template <typename Desc, typename Same>
bool comes_first(const Catalog& catalog, const Desc& object, const std::vector<const Desc*>& others,
                 Same&& same) {
  const std::size_t rank = rank_of(catalog, object.schema);
  if (rank == catalog.search_path().size()) return false;
  return std::none_of(others.begin(), others.end(), [&](const Desc* other) {
    return rank_of(catalog, other->schema) < rank && same(*other);
  });
}

}  // namespace

const query::RelationDesc* relation_in_path(const Catalog& catalog, std::string_view name) {
  for (const std::string& schema : catalog.search_path()) {
    if (const query::RelationDesc* found = catalog.find_relation(schema, name)) return found;
  }
  return nullptr;
}

const types::TypeDesc* type_in_path(const Catalog& catalog, std::string_view name) {
  for (const std::string& schema : catalog.search_path()) {
    if (const types::TypeDesc* found = catalog.find_type(schema, name)) return found;
  }
  return nullptr;
}

bool schema_in_path(const Catalog& catalog, std::string_view schema) {
  return rank_of(catalog, schema) < catalog.search_path().size();
}

bool is_visible(const Catalog& catalog, const query::RelationDesc& relation) {
  if (!schema_in_path(catalog, relation.schema)) return false;
  const query::RelationDesc* first = relation_in_path(catalog, relation.name);
  return first != nullptr && first->oid == relation.oid;
}

bool is_visible(const Catalog& catalog, const types::TypeDesc& type) {
  if (!schema_in_path(catalog, type.schema)) return false;
  const types::TypeDesc* first = type_in_path(catalog, type.name);
  return first != nullptr && first->oid == type.oid;
}

bool is_visible(const Catalog& catalog, const query::ProcDesc& proc) {
  return comes_first(
      catalog, proc, catalog.find_procs(proc.name),
      [&](const query::ProcDesc& other) { return other.arguments == proc.arguments; });
}

bool is_visible(const Catalog& catalog, const query::OperatorDesc& op) {
  return comes_first(catalog, op, catalog.find_operators(op.name),
                     [&](const query::OperatorDesc& other) {
                       return other.left == op.left && other.right == op.right;
                     });
}

bool is_visible(const Catalog& catalog, const query::OperatorClassDesc& op_class) {
  return comes_first(
      catalog, op_class, catalog.find_operator_classes(op_class.method),
      [&](const query::OperatorClassDesc& other) { return other.name == op_class.name; });
}

}  // namespace dvecdb::server::catalog
