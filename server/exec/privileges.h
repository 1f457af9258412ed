// Who may do what. Superusers and owners may do all; others need a grant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/exec/session_context.h"

namespace dvecdb::server::exec {

// PostgreSQL's letters of table privileges: r select, w update, a insert, d delete, D truncate,
// x references, t trigger.
bool has_table_privilege(SessionContext& context, const query::RelationDesc& relation,
                         char privilege);
void require_table_privilege(SessionContext& context, const query::RelationDesc& relation,
                             char privilege);
// Throws 42501 for what the plan reads and writes.
void check_plan_privileges(SessionContext& context, const query::Plan& plan);
// "must be owner of table x"
void require_owner(SessionContext& context, types::Oid owner, std::string_view kind,
                   std::string_view name);
void require_superuser(SessionContext& context, std::string_view what);
// CONNECT to the session's database, by the role that has logged in.
void require_database_connect(SessionContext& context);
// CREATE in the session's database (schemas).
void require_database_create(SessionContext& context);
// CREATE in a schema.
void require_schema_create(SessionContext& context, const query::SchemaDesc& schema);

}  // namespace dvecdb::server::exec
