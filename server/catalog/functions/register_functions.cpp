#include "server/catalog/register_functions.h"

#include "server/catalog/functions/families.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

void register_functions() {
  functions::Registry& registry = functions::Registry::instance();
  for (const ScalarTable table :
       {name_functions(), definition_functions(), function_description_functions(),
        comment_functions(), privilege_functions(), acl_functions(), size_functions(),
        server_functions(), setting_functions(), lock_functions(), statistics_functions(),
        type_facts_functions(), sequence_functions(), api_key_functions()}) {
    registry.add(table);
  }
  for (const SetTable table : {catalog_sets(), server_sets(), acl_sets(), api_key_sets()})
    registry.add(table);
}

CatalogEnvironment& session_of(const FunctionContext& context) {
  auto* session = dynamic_cast<CatalogEnvironment*>(&context.environment);
  if (session == nullptr) {
    throw types::SqlError(types::sqlstate::internal_error,
                          "this function needs a session with a catalog");
  }
  return *session;
}

}  // namespace dvecdb::server::catalog
