#include "server/catalog/reg_names.h"

#include <cctype>
#include <vector>

#include "server/catalog/builtin_rows.h"
#include "server/catalog/names.h"
#include "server/catalog/snapshot.h"
#include "server/catalog/type_names.h"
#include "server/catalog/visibility.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

namespace oids = types::oids;
namespace sqlstate = types::sqlstate;
using query::Catalog;
using types::SqlError;

struct Name {
  std::string schema;  // "" when not given
  std::string name;
};

Name split_name(std::string_view text) {
  std::vector<std::string> parts = split_identifier(text);
  if (parts.size() == 3) parts.erase(parts.begin());
  if (parts.size() > 3) {
    throw SqlError(sqlstate::syntax_error,
                   "improper qualified name (too many dotted names): " + std::string(text));
  }
  if (parts.size() == 1) return {"", parts[0]};
  return {parts[0], parts[1]};
}

// The schema of a name that an object's first match must have: given, or anywhere in the path.
template <typename Desc>
std::vector<const Desc*> in_reach(const Catalog& catalog, const Name& name,
                                  const std::vector<const Desc*>& all) {
  std::vector<const Desc*> found;
  for (const Desc* desc : all) {
    const bool reached =
        name.schema.empty() ? is_visible(catalog, *desc) : desc->schema == name.schema;
    if (reached) found.push_back(desc);
  }
  return found;
}

std::optional<Oid> find_relation(const Catalog& catalog, std::string_view text) {
  const Name name = split_name(text);
  const query::RelationDesc* found = name.schema.empty()
                                         ? relation_in_path(catalog, name.name)
                                         : catalog.find_relation(name.schema, name.name);
  return found == nullptr ? std::nullopt : std::optional<Oid>(found->oid);
}

std::optional<Oid> find_proc(const Catalog& catalog, std::string_view text) {
  const Name name = split_name(text);
  const auto found = in_reach(catalog, name, catalog.find_procs(name.name));
  if (found.size() > 1) {
    throw SqlError(sqlstate::ambiguous_function,
                   "more than one function named \"" + std::string(text) + "\"");
  }
  return found.empty() ? std::nullopt : std::optional<Oid>(found.front()->oid);
}

// "name(type, type)" -> the name and the types' oids.
struct Signature {
  Name name;
  std::vector<Oid> arguments;
};

std::optional<Signature> read_signature(const Snapshot& snapshot, const Catalog& catalog,
                                        std::string_view text, bool is_operator) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) {
    throw SqlError(sqlstate::invalid_text_representation, "expected a left parenthesis");
  }
  const std::size_t close = text.rfind(')');
  if (close == std::string_view::npos || close < open) {
    throw SqlError(sqlstate::invalid_text_representation, "expected a right parenthesis");
  }
  Signature signature;
  std::string_view head = text.substr(0, open);
  if (is_operator) {
    const std::size_t dot = head.find('.');
    if (dot != std::string_view::npos) signature.name.schema = head.substr(0, dot);
    signature.name.name = head.substr(dot == std::string_view::npos ? 0 : dot + 1);
  } else {
    signature.name = split_name(head);
  }
  std::string_view list = text.substr(open + 1, close - open - 1);
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one == "none" || one == "NONE") {
      signature.arguments.push_back(types::invalid_oid);
      continue;
    }
    const std::optional<Oid> type = find_reg(snapshot, catalog, oids::regtype, one);
    if (!type) return std::nullopt;
    signature.arguments.push_back(*type);
  }
  return signature;
}

std::optional<Oid> find_procedure(const Snapshot& snapshot, const Catalog& catalog,
                                  std::string_view text) {
  const auto signature = read_signature(snapshot, catalog, text, false);
  if (!signature) return std::nullopt;
  for (const auto* proc :
       in_reach(catalog, signature->name, catalog.find_procs(signature->name.name))) {
    if (proc->arguments == signature->arguments) return proc->oid;
  }
  return std::nullopt;
}

std::optional<Oid> find_operator(const Catalog& catalog, std::string_view text) {
  Name name;
  const std::size_t dot = text.find('.');
  if (dot != std::string_view::npos) name.schema = text.substr(0, dot);
  name.name = text.substr(dot == std::string_view::npos ? 0 : dot + 1);
  const auto found = in_reach(catalog, name, catalog.find_operators(name.name));
  if (found.size() > 1) {
    throw SqlError(sqlstate::ambiguous_function,
                   "more than one operator named " + std::string(text));
  }
  return found.empty() ? std::nullopt : std::optional<Oid>(found.front()->oid);
}

std::optional<Oid> find_operator_with_types(const Snapshot& snapshot, const Catalog& catalog,
                                            std::string_view text) {
  const auto signature = read_signature(snapshot, catalog, text, true);
  if (!signature || signature->arguments.size() != 2) return std::nullopt;
  for (const auto* op :
       in_reach(catalog, signature->name, catalog.find_operators(signature->name.name))) {
    if (op->left == signature->arguments[0] && op->right == signature->arguments[1]) {
      return op->oid;
    }
  }
  return std::nullopt;
}

// Objects that only the built-in rows have: text search configurations and dictionaries.
constexpr Oid pg_ts_config = 3602;
constexpr Oid pg_ts_dict = 3600;

std::optional<Oid> find_builtin(Oid table, std::string_view text) {
  const Name name = split_name(text);
  if (!name.schema.empty() && name.schema != "pg_catalog") return std::nullopt;
  const TextTable& rows = BuiltinRows::instance().table(table).rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.row(i).raw(2) == name.name) return rows.row(i).oid(1);
  }
  return std::nullopt;
}

std::string print_builtin(Oid table, Oid value) {
  const TextTable& rows = BuiltinRows::instance().table(table).rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.row(i).oid(1) == value) return quote_name(rows.row(i).raw(2));
  }
  return {};
}

std::string print_type(const Catalog& catalog, Oid oid) {
  return oid == types::invalid_oid ? "NONE" : type_text(catalog, {oid, -1});
}

std::string print_arguments(const Catalog& catalog, const std::vector<Oid>& arguments) {
  std::string out = "(";
  for (const Oid argument : arguments) {
    if (out.size() > 1) out += ",";
    out += print_type(catalog, argument);
  }
  return out + ")";
}

template <typename Desc>
std::string print_visible(const Catalog& catalog, const Desc* desc) {
  if (desc == nullptr) return {};
  return qualified_name(is_visible(catalog, *desc) ? "" : desc->schema, desc->name);
}

// A function's bare name does not find it where others share it.
std::string print_proc(const Catalog& catalog, const query::ProcDesc* proc) {
  if (proc == nullptr) return {};
  const Name name{"", proc->name};
  const bool is_unique = in_reach(catalog, name, catalog.find_procs(proc->name)).size() == 1;
  return qualified_name(is_unique && is_visible(catalog, *proc) ? "" : proc->schema, proc->name);
}

std::string operator_name(const query::OperatorDesc& op, bool with_schema) {
  return with_schema ? quote_name(op.schema) + "." + op.name : op.name;
}

std::string print_operator(const Catalog& catalog, const query::OperatorDesc* op) {
  if (op == nullptr) return {};
  const Name name{"", op->name};
  const bool is_unique = in_reach(catalog, name, catalog.find_operators(op->name)).size() == 1;
  return operator_name(*op, !is_unique);
}

std::string print_operator_with_types(const Catalog& catalog, const query::OperatorDesc* op) {
  if (op == nullptr) return {};
  return operator_name(*op, !is_visible(catalog, *op)) +
         print_arguments(catalog, {op->left, op->right});
}

struct Wording {
  Oid reg_type;
  std::string_view sqlstate;
  std::string_view before;
  bool is_quoted;
};

constexpr Wording wordings[] = {
    {oids::regclass, sqlstate::undefined_table, "relation", true},
    {oids::regproc, sqlstate::undefined_function, "function", true},
    {oids::regprocedure, sqlstate::undefined_function, "function", true},
    {oids::regoper, sqlstate::undefined_function, "operator does not exist:", false},
    {oids::regoperator, sqlstate::undefined_function, "operator does not exist:", false},
    {oids::regtype, sqlstate::undefined_object, "type", true},
    {oids::regnamespace, sqlstate::invalid_schema_name, "schema", true},
    {oids::regrole, sqlstate::undefined_object, "role", true},
    {oids::regconfig, sqlstate::undefined_object, "text search configuration", true},
    {oids::regdictionary, sqlstate::undefined_object, "text search dictionary", true},
    {oids::regcollation, sqlstate::undefined_object, "collation", true},
};

std::string plain_name(Oid reg_type, std::string_view text) {
  if (reg_type == oids::regprocedure) return std::string(text);
  std::string out;
  for (const std::string& part : split_identifier(text)) {
    if (!out.empty()) out += ".";
    out += part;
  }
  return out;
}

[[noreturn]] void refuse(const Catalog& catalog, Oid reg_type, std::string_view text) {
  for (const Wording& wording : wordings) {
    if (wording.reg_type != reg_type) continue;
    if (!wording.is_quoted) {
      throw SqlError(wording.sqlstate, std::string(wording.before) + " " + std::string(text));
    }
    if (reg_type == oids::regclass || reg_type == oids::regtype) {
      const std::vector<std::string> parts = split_identifier(text);
      if (parts.size() == 2 && catalog.find_schema(parts[0]) == nullptr &&
          reg_type == oids::regtype) {
        throw SqlError(sqlstate::invalid_schema_name, "schema \"" + parts[0] + "\" does not exist");
      }
    }
    throw SqlError(wording.sqlstate, std::string(wording.before) + " \"" +
                                         plain_name(reg_type, text) + "\" does not exist");
  }
  throw SqlError(sqlstate::internal_error, "not a reg type: " + std::to_string(reg_type));
}

}  // namespace

std::optional<Oid> find_reg(const Snapshot& snapshot, const Catalog& catalog, Oid reg_type,
                            std::string_view name) {
  switch (reg_type) {
    case oids::regclass:
      return find_relation(catalog, name);
    case oids::regtype:
      return find_type_by_text(catalog, name);
    case oids::regproc:
      return find_proc(catalog, name);
    case oids::regprocedure:
      return find_procedure(snapshot, catalog, name);
    case oids::regoper:
      return find_operator(catalog, name);
    case oids::regoperator:
      return find_operator_with_types(snapshot, catalog, name);
    case oids::regnamespace: {
      const SchemaDesc* schema = catalog.find_schema(split_name(name).name);
      return schema == nullptr ? std::nullopt : std::optional<Oid>(schema->oid);
    }
    case oids::regrole: {
      const RoleDesc* role = snapshot.find_role(split_name(name).name);
      return role == nullptr ? std::nullopt : std::optional<Oid>(role->oid);
    }
    case oids::regcollation: {
      const Oid collation = catalog.find_collation(split_name(name).name);
      return collation == 0 ? std::nullopt : std::optional<Oid>(collation);
    }
    case oids::regconfig:
      return find_builtin(pg_ts_config, name);
    case oids::regdictionary:
      return find_builtin(pg_ts_dict, name);
    default:
      return std::nullopt;
  }
}

Oid resolve_reg(const Snapshot& snapshot, const Catalog& catalog, Oid reg_type,
                std::string_view name) {
  const std::optional<Oid> found = find_reg(snapshot, catalog, reg_type, name);
  if (!found) refuse(catalog, reg_type, name);
  return *found;
}

std::string print_reg(const Snapshot& snapshot, const Catalog& catalog, Oid reg_type, Oid value) {
  switch (reg_type) {
    case oids::regclass:
      return print_visible(catalog, catalog.find_relation(value));
    case oids::regtype:
      return catalog.find_type(value) == nullptr ? "" : print_type(catalog, value);
    case oids::regproc:
      return print_proc(catalog, catalog.find_proc(value));
    case oids::regprocedure: {
      const query::ProcDesc* proc = catalog.find_proc(value);
      if (proc == nullptr) return {};
      return print_visible(catalog, proc) + print_arguments(catalog, proc->arguments);
    }
    case oids::regoper:
      return print_operator(catalog, catalog.find_operator(value));
    case oids::regoperator:
      return print_operator_with_types(catalog, catalog.find_operator(value));
    case oids::regnamespace: {
      const SchemaDesc* schema = catalog.find_schema(value);
      return schema == nullptr ? "" : quote_name(schema->name);
    }
    case oids::regrole: {
      const RoleDesc* role = snapshot.find_role(value);
      return role == nullptr ? "" : quote_name(role->name);
    }
    case oids::regcollation: {
      const std::string name = catalog.collation_name(value);
      return name.empty() ? "" : quote_name(name);
    }
    case oids::regconfig:
      return print_builtin(pg_ts_config, value);
    case oids::regdictionary:
      return print_builtin(pg_ts_dict, value);
    default:
      return {};
  }
}

}  // namespace dvecdb::server::catalog
