// ALTER TABLE's work on single columns, existing rows included.
#pragma once

#include "server/exec/ddl/ddl.h"

namespace dvecdb::server::exec {

void add_column(Ddl& ddl, Oid table, const PgQuery__ColumnDef& node, bool if_not_exists);
void drop_column(Ddl& ddl, const query::RelationDesc& table, const PgQuery__AlterTableCmd& command);
// A null node drops the default.
void set_column_default(Ddl& ddl, const query::RelationDesc& table, std::string_view name,
                        const query::raw::Node* value);
void set_column_not_null(Ddl& ddl, const query::RelationDesc& table, std::string_view name);
void drop_column_not_null(Ddl& ddl, const query::RelationDesc& table, std::string_view name);
void alter_column_type(Ddl& ddl, const query::RelationDesc& table, std::string_view name,
                       const PgQuery__ColumnDef& node);
void alter_identity(Ddl& ddl, const query::RelationDesc& table,
                    const PgQuery__AlterTableCmd& command);
// Throws 23514 when a row breaks the constraint.
void check_all_rows(Ddl& ddl, const query::RelationDesc& table,
                    const query::ConstraintDesc& constraint);

}  // namespace dvecdb::server::exec
