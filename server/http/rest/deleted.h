// Deleted collections: tables that were moved out of schema public and are kept for a while.
//
// Each lies in a schema of its own, dvecdb_deleted_<seconds since 1970>_<random>, under its own
// name with its indexes. So a new collection may take the name at once, and restoring is moving it
// back. The schema belongs to the user who deleted: rights are those on the table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/http/rest/call.h"
#include "server/http/rest/collection.h"

namespace dvecdb::server::http::rest {

struct DeletedCollection {
  std::string id;  // "<seconds>_<random>"
  std::string name;
  std::int64_t deleted_at = 0;  // seconds since 1970

  std::string schema() const;
};

json::object describe(const DeletedCollection& deleted, const RestOptions& options);

DeletedCollection move_to_deleted(Call& call, const Collection& collection);
// Those that the user has the rights of the owner of.
std::vector<DeletedCollection> list_deleted(Sql& sql);
// Drops those that were kept for `hours`, and what a crash has left empty. As superuser.
void purge_deleted(Sql& sql, int hours);

}  // namespace dvecdb::server::http::rest
