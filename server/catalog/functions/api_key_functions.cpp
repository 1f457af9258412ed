// API keys for HTTP: made, listed and dropped by SQL.
#include "server/catalog/access.h"
#include "server/catalog/functions/families.h"
#include "server/catalog/table.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

constexpr std::size_t max_label_bytes = 1024;

const RoleDesc& role_named(const FunctionContext& context, std::string_view name) {
  const RoleDesc* role = session_of(context).catalog().snapshot().find_role(name);
  if (role != nullptr) return *role;
  throw SqlError(sqlstate::undefined_object, "role \"" + std::string(name) + "\" does not exist");
}

const RoleDesc& own_role(const FunctionContext& context) {
  return role_named(context, context.environment.current_user());
}

// A superuser for everybody, every other role for itself.
bool may_manage(const FunctionContext& context, Oid role) {
  const RoleDesc& own = own_role(context);
  return own.is_superuser || own.oid == role;
}

std::string_view not_null(Arguments arguments, std::size_t at, std::string_view what) {
  if (!arguments[at].is_null()) return arguments[at].as_bytes();
  throw SqlError(sqlstate::null_value_not_allowed, std::string(what) + " must not be NULL");
}

// (role, label [, valid_until])
Value create_key(const FunctionContext& context, Arguments arguments) {
  const RoleDesc& role = role_named(context, not_null(arguments, 0, "role"));
  if (!may_manage(context, role.oid)) {
    throw SqlError(sqlstate::insufficient_privilege, "permission denied to create an API key")
        .detail("A role makes keys for itself, a superuser for every role.");
  }
  ApiKeyDesc key;
  key.role = role.oid;
  key.label = not_null(arguments, 1, "label");
  if (key.label.size() > max_label_bytes) {
    throw SqlError(sqlstate::string_data_right_truncation,
                   "label of " + std::to_string(key.label.size()) + " bytes is too long (limit " +
                       std::to_string(max_label_bytes) + ")");
  }
  key.created = context.environment.transaction_time();
  if (arguments.size() > 2 && !arguments[2].is_null()) {
    key.valid_until = arguments[2].as_integer();
  }
  return Value::text(session_of(context).create_api_key(std::move(key)));
}

// False: there is no such key.
Value drop_key(const FunctionContext& context, Arguments arguments) {
  CatalogEnvironment& session = session_of(context);
  const auto key = find_api_key(session.connection(), arguments[0].as_integer());
  if (!key) return Value::boolean(false);
  if (!may_manage(context, key->role)) {
    throw SqlError(sqlstate::insufficient_privilege,
                   "permission denied to drop API key " + std::to_string(key->id));
  }
  session.drop_api_key(key->id);
  return Value::boolean(true);
}

std::unique_ptr<RowSource> key_rows(const FunctionContext& context, Arguments) {
  std::vector<std::vector<Value>> out;
  for (const ApiKeyDesc& key : all_api_keys(session_of(context).connection())) {
    if (!may_manage(context, key.role)) continue;
    const RoleDesc* role = session_of(context).catalog().snapshot().find_role(key.role);
    if (role == nullptr) continue;
    out.push_back({Value::integer(key.id), text_value(role->name), text_value(key.label),
                   Value::integer(key.created),
                   key.valid_until ? Value::integer(*key.valid_until) : Value::null()});
  }
  return rows(std::move(out));
}

constexpr ScalarEntry entries[] = {
    {"dvecdb_create_api_key", create_key},
    {"dvecdb_drop_api_key", drop_key},
};
constexpr SetEntry sets[] = {{"dvecdb_api_keys", key_rows}};

}  // namespace

ScalarTable api_key_functions() {
  return entries;
}
SetTable api_key_sets() {
  return sets;
}

}  // namespace dvecdb::server::catalog
