// Operators: which one is meant, and the expression that applies it.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

struct OperatorName {
  std::string schema;
  std::string name;
};

OperatorName split(const Scope& scope, raw::NodeList names, int location) {
  auto [schema, name] = qualified_name(scope.statement, names, location);
  return {std::move(schema), std::move(name)};
}

std::string full_name(const OperatorName& op) {
  return op.schema.empty() ? op.name : op.schema + "." + op.name;
}

std::vector<Candidate> operator_candidates(const Statement& statement, const OperatorName& wanted,
                                           char kind) {
  const std::vector<std::string_view> order = lookup_order(statement);
  std::vector<Candidate> all;
  for (const OperatorDesc* op : statement.catalog().find_operators(wanted.name)) {
    if (op->kind != kind) continue;
    Candidate candidate;
    candidate.op = op;
    if (wanted.schema.empty()) {
      const auto at = std::find(order.begin(), order.end(), op->schema);
      if (at == order.end()) continue;
      candidate.path_rank = static_cast<int>(at - order.begin());
    } else if (op->schema != wanted.schema) {
      continue;
    }
    if (kind == 'b') candidate.types.push_back(op->left);
    candidate.types.push_back(op->right);
    const auto same = std::find_if(all.begin(), all.end(), [&](const Candidate& other) {
      return other.types == candidate.types;
    });
    if (same == all.end()) {
      all.push_back(std::move(candidate));
    } else if (candidate.path_rank < same->path_rank) {
      *same = std::move(candidate);
    }
  }
  return all;
}

const OperatorDesc* exact(const std::vector<Candidate>& candidates, const std::vector<Oid>& types) {
  for (const Candidate& candidate : candidates) {
    if (candidate.types == types) return candidate.op;
  }
  return nullptr;
}

// An unknown side is supposed to be of the other side's type; domains act as their base.
const OperatorDesc* exact_binary(const Statement& statement,
                                 const std::vector<Candidate>& candidates, Oid left, Oid right) {
  bool was_unknown = false;
  if (left == oids::unknown && right != oids::unknown) {
    left = right;
    was_unknown = true;
  } else if (right == oids::unknown && left != oids::unknown) {
    right = left;
    was_unknown = true;
  }
  if (const OperatorDesc* op = exact(candidates, {left, right})) return op;
  if (!was_unknown) return nullptr;
  const Oid base = base_type(statement, left);
  return base == left ? nullptr : exact(candidates, {base, base});
}

struct Choice {
  const OperatorDesc* op = nullptr;
  bool is_ambiguous = false;
};

Choice choose(const Statement& statement, std::vector<Candidate> candidates,
              const std::vector<Oid>& types) {
  std::vector<Candidate> fit = match_types(statement, types, candidates);
  if (fit.empty()) return {};
  if (fit.size() == 1) return {fit[0].op, false};
  const Candidate* chosen = select_candidate(statement, types, fit);
  if (chosen == nullptr) return {nullptr, true};
  return {chosen->op, false};
}

[[noreturn]] void fail_operator(const Scope& scope, const OperatorName& name, Oid left, Oid right,
                                bool is_ambiguous, int location) {
  std::string signature;
  if (left != types::invalid_oid) signature = type_text(scope.statement, left) + " ";
  signature += full_name(name);
  if (right != types::invalid_oid) signature += " " + type_text(scope.statement, right);
  if (is_ambiguous) {
    throw error_at(scope, sqlstate::ambiguous_function, "operator is not unique: " + signature,
                   location)
        .hint(
            "Could not choose a best candidate operator. You might need to add explicit type "
            "casts.");
  }
  const bool is_plain = left == types::invalid_oid || right == types::invalid_oid;
  throw error_at(scope, sqlstate::undefined_function, "operator does not exist: " + signature,
                 location)
      .hint(is_plain ? "No operator matches the given name and argument type. You might need to "
                       "add an explicit type cast."
                     : "No operator matches the given name and argument types. You might need to "
                       "add explicit type casts.");
}

const OperatorDesc* find_binary(const Scope& scope, const OperatorName& name, Oid left, Oid right,
                                bool no_error, int location) {
  const Statement& statement = scope.statement;
  std::vector<Candidate> candidates = operator_candidates(statement, name, 'b');
  if (const OperatorDesc* op = exact_binary(statement, candidates, left, right)) return op;
  // PostgreSQL supposes the other side's type in a second round, too.
  const Choice choice = choose(statement, std::move(candidates), {left, right});
  if (choice.op != nullptr) return choice.op;
  if (no_error) return nullptr;
  fail_operator(scope, name, left, right, choice.is_ambiguous, location);
}

const OperatorDesc& find_prefix(const Scope& scope, const OperatorName& name, Oid right,
                                int location) {
  std::vector<Candidate> candidates = operator_candidates(scope.statement, name, 'l');
  if (const OperatorDesc* op = exact(candidates, {right})) return *op;
  const Choice choice = choose(scope.statement, std::move(candidates), {right});
  if (choice.op != nullptr) return *choice.op;
  fail_operator(scope, name, types::invalid_oid, right, choice.is_ambiguous, location);
}

const ProcDesc& function_of(const Scope& scope, const OperatorDesc& op, int location) {
  const ProcDesc* proc = scope.statement.catalog().find_proc(op.function);
  if (proc == nullptr) {
    throw error_at(scope, sqlstate::undefined_function, "operator is only a shell: " + op.name,
                   location);
  }
  return *proc;
}

void refuse_set(const Scope& scope, const ProcDesc& proc, int location) {
  if (proc.returns_set) {
    throw error_at(scope, sqlstate::feature_not_supported,
                   "set-returning operators are not supported", location);
  }
}

ExprPtr apply(Scope& scope, const OperatorDesc& op, ExprList arguments, int location) {
  const ProcDesc& proc = function_of(scope, op, location);
  refuse_set(scope, proc, location);
  std::vector<Oid> declared;
  if (op.kind == 'b') declared.push_back(op.left);
  declared.push_back(op.right);
  const Oid result = resolve_polymorphic(scope.statement, types_of(arguments), declared, op.result);
  auto expr = std::make_unique<OperationExpr>(&op, &proc, TypeRef{result, -1});
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    expr->arguments.push_back(coerce_implicitly(scope, std::move(arguments[i]), declared[i]));
  }
  expr->location = location;
  return expr;
}

ExprPtr make(Scope& scope, const OperatorName& name, ExprPtr left, ExprPtr right, int location) {
  ExprList arguments;
  const OperatorDesc* op = nullptr;
  if (left == nullptr) {
    op = &find_prefix(scope, name, right->type.oid, location);
  } else {
    op = find_binary(scope, name, left->type.oid, right->type.oid, false, location);
    arguments.push_back(std::move(left));
  }
  arguments.push_back(std::move(right));
  return apply(scope, *op, std::move(arguments), location);
}

ExprPtr make_array(Scope& scope, const OperatorName& name, bool is_any, ExprPtr left, ExprPtr right,
                   int location) {
  const Oid left_type = left->type.oid;
  const Oid array_type = right->type.oid;
  Oid element = oids::unknown;
  if (array_type != oids::unknown) {
    element = array_element(scope.statement, array_type);
    if (element == types::invalid_oid) {
      throw error_at(scope, sqlstate::wrong_object_type,
                     "op ANY/ALL (array) requires array on right side", location);
    }
  }
  const OperatorDesc& op = *find_binary(scope, name, left_type, element, false, location);
  const ProcDesc& proc = function_of(scope, op, location);
  std::vector<Oid> declared{op.left, op.right};
  const Oid result =
      resolve_polymorphic(scope.statement, {left_type, element}, declared, op.result);
  if (result != oids::boolean) {
    throw error_at(scope, sqlstate::wrong_object_type,
                   "op ANY/ALL (array) requires operator to yield boolean", location);
  }
  if (proc.returns_set) {
    throw error_at(scope, sqlstate::wrong_object_type,
                   "op ANY/ALL (array) requires operator not to return a set", location);
  }
  Oid wanted_array = array_type;
  if (!is_polymorphic(declared[1])) wanted_array = array_of(scope.statement, declared[1]);
  if (wanted_array == types::invalid_oid) {
    throw error_at(
        scope, sqlstate::undefined_object,
        "could not find array type for data type " + type_text(scope.statement, declared[1]),
        location);
  }
  auto expr = std::make_unique<ScalarArrayExpr>(&op, &proc);
  expr->is_any = is_any;
  expr->left = coerce_implicitly(scope, std::move(left), declared[0]);
  expr->array = coerce_implicitly(scope, std::move(right), wanted_array);
  expr->location = location;
  return expr;
}

}  // namespace

const OperatorDesc* find_binary_operator(const Scope& scope, raw::NodeList name, Oid left,
                                         Oid right, bool no_error, int location) {
  return find_binary(scope, split(scope, name, location), left, right, no_error, location);
}

const OperatorDesc* find_binary_operator(const Scope& scope, std::string_view name, Oid left,
                                         Oid right, bool no_error, int location) {
  return find_binary(scope, {"", std::string(name)}, left, right, no_error, location);
}

ExprPtr make_operation(Scope& scope, raw::NodeList name, ExprPtr left, ExprPtr right,
                       int location) {
  return make(scope, split(scope, name, location), std::move(left), std::move(right), location);
}

ExprPtr make_operation(Scope& scope, std::string_view name, ExprPtr left, ExprPtr right,
                       int location) {
  return make(scope, {"", std::string(name)}, std::move(left), std::move(right), location);
}

ExprPtr make_scalar_array(Scope& scope, raw::NodeList name, bool is_any, ExprPtr left,
                          ExprPtr right, int location) {
  return make_array(scope, split(scope, name, location), is_any, std::move(left), std::move(right),
                    location);
}

ExprPtr make_scalar_array(Scope& scope, std::string_view name, bool is_any, ExprPtr left,
                          ExprPtr right, int location) {
  return make_array(scope, {"", std::string(name)}, is_any, std::move(left), std::move(right),
                    location);
}

ExprPtr make_distinct(Scope& scope, raw::NodeList name, ExprPtr left, ExprPtr right, bool negated,
                      int location) {
  ExprPtr compared =
      make(scope, split(scope, name, location), std::move(left), std::move(right), location);
  auto& operation = static_cast<OperationExpr&>(*compared);
  if (operation.type.oid != oids::boolean) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   "IS DISTINCT FROM requires = operator to yield boolean", location);
  }
  auto expr = std::make_unique<DistinctFromExpr>(operation.op);
  expr->left = std::move(operation.arguments[0]);
  expr->right = std::move(operation.arguments[1]);
  expr->negated = negated;
  expr->location = location;
  return expr;
}

}  // namespace dvecdb::server::query
