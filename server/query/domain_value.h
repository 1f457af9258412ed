// What a domain's CHECK is analyzed over: one column, "value", of the domain's base type.
#pragma once

#include "server/query/catalog.h"

namespace dvecdb::server::query {

RelationDesc domain_value_row(TypeRef base);

}  // namespace dvecdb::server::query
