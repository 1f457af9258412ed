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
  bool is_member = false;          // the document is a member of metadata, and all of the field
  bool is_indexed = false;         // that member has an index
};

// (metadata -> 'color'), as indexes have it: not a parameter.
std::string metadata_member(const Collection& collection, std::string_view name);

// "color", "address.city", "tags[]", "orders[].sum". The first name may be a column. Throws Failure
// 422. What is in the metadata is found there only if that is an object.
FieldPlace find_field(const std::string& key, const Collection& collection,
                      const std::string& where);

}  // namespace dvecdb::server::http::rest
