// aclexplode, acldefault and the like.
#include "server/catalog/acl.h"
#include "server/catalog/functions/families.h"
#include "server/catalog/table.h"
#include "server/types/array.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

Oid role_oid(const FunctionContext& context, const std::string& name) {
  const RoleDesc* role = session_of(context).catalog().snapshot().find_role(name);
  return role == nullptr ? types::invalid_oid : role->oid;
}

std::string role_name(const FunctionContext& context, Oid oid) {
  const RoleDesc* role = session_of(context).catalog().snapshot().find_role(oid);
  return role == nullptr ? std::to_string(oid) : role->name;
}

Value acl_default(const FunctionContext& context, Arguments arguments) {
  const std::string_view type = arguments[0].as_bytes();
  const char letter = type.empty() ? '\0' : type.front();
  return aclitem_array(default_acl(letter, role_name(context, oid_of(arguments[1]))));
}

Value make_acl_item(const FunctionContext& context, Arguments arguments) {
  AclItem item;
  const Oid grantee = oid_of(arguments[0]);
  if (grantee != types::invalid_oid) item.grantee = role_name(context, grantee);
  item.grantor = role_name(context, oid_of(arguments[1]));
  std::string_view list = arguments[2].as_bytes();
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    const char letter = privilege_letter(one);
    if (letter == '\0') {
      throw types::SqlError(types::sqlstate::invalid_parameter_value,
                            "unrecognized privilege type: \"" + std::string(one) + "\"");
    }
    item.privileges.push_back({letter, arguments[3].as_boolean()});
  }
  return Value::text(print_aclitem(item));
}

Value acl_contains(const FunctionContext&, Arguments arguments) {
  const AclItem wanted = parse_aclitem(arguments[1].as_bytes());
  const types::Array array = types::decode_array(arguments[0].as_bytes());
  for (const Value& element : array.elements) {
    const AclItem item = parse_aclitem(element.as_bytes());
    if (item.grantee != wanted.grantee || item.grantor != wanted.grantor) continue;
    std::size_t held = 0;
    for (const AclItem::Privilege& want : wanted.privileges) {
      for (const AclItem::Privilege& have : item.privileges) {
        if (have.letter == want.letter && (have.with_grant || !want.with_grant)) ++held;
      }
    }
    if (held == wanted.privileges.size()) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value acl_item_equal(const FunctionContext&, Arguments arguments) {
  return Value::boolean(arguments[0].as_bytes() == arguments[1].as_bytes());
}

// grantor, grantee, privilege_type, is_grantable
std::unique_ptr<RowSource> acl_explode(const FunctionContext& context, Arguments arguments) {
  std::vector<std::vector<Value>> out;
  if (arguments[0].is_null()) return rows({});
  const types::Array array = types::decode_array(arguments[0].as_bytes());
  for (const Value& element : array.elements) {
    const AclItem item = parse_aclitem(element.as_bytes());
    for (const AclItem::Privilege& privilege : item.privileges) {
      out.push_back(
          {oid_value(role_oid(context, item.grantor)),
           oid_value(item.grantee.empty() ? types::invalid_oid : role_oid(context, item.grantee)),
           text_value(privilege_name(privilege.letter)), Value::boolean(privilege.with_grant)});
    }
  }
  return rows(std::move(out));
}

constexpr ScalarEntry entries[] = {
    {"aclcontains", acl_contains},
    {"acldefault_sql", acl_default},
    {"aclitem_eq", acl_item_equal},
    {"makeaclitem", make_acl_item},
};
constexpr SetEntry set_entries[] = {
    {"aclexplode", acl_explode},
};

}  // namespace

ScalarTable acl_functions() {
  return entries;
}
SetTable acl_sets() {
  return set_entries;
}

}  // namespace dvecdb::server::catalog
