// What an unqualified name finds along a search path.
#pragma once

#include <string_view>

#include "server/query/catalog.h"

namespace dvecdb::server::catalog {

// The first object of that name along catalog.search_path(); null or 0 when there is none.
const query::RelationDesc* relation_in_path(const query::Catalog& catalog, std::string_view name);
const types::TypeDesc* type_in_path(const query::Catalog& catalog, std::string_view name);

// pg_table_is_visible and its like.
bool is_visible(const query::Catalog& catalog, const query::RelationDesc& relation);
bool is_visible(const query::Catalog& catalog, const types::TypeDesc& type);
bool is_visible(const query::Catalog& catalog, const query::ProcDesc& proc);
bool is_visible(const query::Catalog& catalog, const query::OperatorDesc& op);
bool is_visible(const query::Catalog& catalog, const query::OperatorClassDesc& op_class);
// Objects of kinds of which no two schemas share a name.
bool schema_in_path(const query::Catalog& catalog, std::string_view schema);

}  // namespace dvecdb::server::catalog
