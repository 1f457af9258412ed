// Where the values of a field are: a document in SQL and a path into it. Used by filters alone.
#pragma once

#include <string>
#include <string_view>

#include "server/http/rest/collection.h"

namespace dvecdb::server::http::rest {

struct FieldPlace {
  std::string document;            // SQL of type jsonb; a NULL column is JSON's null
  std::string path;                // jsonpath from there, "$.\"a\".\"b\""
  const Column* column = nullptr;  // when the field is a column, whole
};

// "color", "address.city", "tags[]", "orders[].sum". The first name may be a column. Throws Failure
// 422.
FieldPlace find_field(const std::string& key, const Collection& collection,
                      const std::string& where);

}  // namespace dvecdb::server::http::rest
