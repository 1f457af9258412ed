// A record: a row of a collection as the API shows and takes it.
//
// Metadata is one object. A member that has a column's name is that column; the others live in the
// jsonb column named metadata.
#pragma once

#include <string>
#include <vector>

#include "server/http/rest/collection.h"
#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

struct Shown {
  bool vector = false;
  bool metadata = true;
};
Shown read_shown(Members& body, Shown otherwise = {});

// What to select for a record, as a list in SQL: the id comes first.
std::string record_columns(const Collection& collection, Shown shown);
// From `at` on, the row holds what record_columns() selected.
json::object record_of(const Collection& collection, Shown shown, const Row& row,
                       std::size_t at = 0);

struct Assignment {
  std::string column;
  std::string value;  // SQL
};

// What a body gives for columns: of the id (if given), the vector and the metadata.
struct NewRecord {
  std::string id;  // for sentences; "" when none was given
  std::vector<Assignment> assignments;
};
// Reads {"id": ..., "vector": [...], "metadata": {...}}.
NewRecord read_record(const json::value& value, const std::string& where,
                      const Collection& collection, Parameters& parameters);

// Columns that are changed by a metadata object whose members replace those of the same name; null
// removes.
std::vector<Assignment> read_metadata_change(const json::object& metadata, const std::string& where,
                                             const Collection& collection, Parameters& parameters);

}  // namespace dvecdb::server::http::rest
