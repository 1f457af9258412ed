// Isolation level, READ ONLY and DEFERRABLE of BEGIN and SET TRANSACTION.
#pragma once

#include "server/exec/session_context.h"
#include "server/query/raw_tree.h"

namespace dvecdb::server::exec {

// `options`: DefElem nodes transaction_isolation, transaction_read_only, transaction_deferrable.
void apply_transaction_modes(SessionContext& context, query::raw::NodeList options);
// One of them by name. Throws 25001 when it is too late to change it.
void set_transaction_mode(SessionContext& context, std::string_view name, std::string_view value);
bool is_transaction_mode(std::string_view name);
std::string show_transaction_mode(const SessionContext& context, std::string_view name);

}  // namespace dvecdb::server::exec
