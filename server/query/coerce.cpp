// Builds conversions into the tree.
#include <fmt/format.h>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

ExprPtr make_constant(TypeRef type, Value value, int location) {
  auto constant = std::make_unique<ConstantExpr>(type, std::move(value));
  constant->value.own();
  constant->location = location;
  return constant;
}

ExprPtr make_null(TypeRef type, int location) {
  return make_constant(type, Value::null(), location);
}

namespace {

// The literal's text through the target's input function; errors point at the literal.
ExprPtr convert_literal(Scope& scope, ExprPtr expr, const CoercionRequest& request) {
  const auto& literal = static_cast<const ConstantExpr&>(*expr);
  const TypeRef base =
      base_type(scope.statement, TypeRef{request.target.oid, request.target.typmod});
  // interval's modifier changes how its text is read; the others are applied afterwards.
  const TypeRef read{base.oid, base.oid == oids::interval ? request.target.typmod : -1};
  ExprPtr result;
  if (literal.value.is_null()) {
    result = make_null(read, literal.location);
  } else {
    try {
      result = make_constant(
          read, types::input_text(scope.statement.context.io, read, literal.value.as_bytes()),
          literal.location);
    } catch (SqlError& error) {
      if (error.fields().position == 0 && literal.location >= 0) {
        error.at(character_position(scope.statement.context.statement_text,
                                    static_cast<std::size_t>(literal.location)));
      }
      throw;
    }
  }
  result->collation = expr->collation;
  return result;
}

ExprPtr wrap(CoercionMethod method, ExprPtr argument, const CoercionRequest& request) {
  auto coercion = std::make_unique<CoercionExpr>(method, request.target);
  coercion->collation = argument->collation;
  coercion->argument = std::move(argument);
  coercion->is_explicit = request.context == CoercionContext::explicit_cast;
  coercion->form = request.form;
  coercion->location = request.location;
  return coercion;
}

ExprPtr to_domain(const Statement& statement, ExprPtr expr, const CoercionRequest& request) {
  const TypeDesc* desc = statement.catalog().find_type(request.target.oid);
  if (desc == nullptr || desc->kind != TypeKind::domain) return expr;
  CoercionRequest checked = request;
  checked.target.typmod = -1;
  return wrap(CoercionMethod::domain, std::move(expr), checked);
}

ExprPtr call_cast(Scope& scope, const ProcDesc& proc, ExprPtr argument,
                  const CoercionRequest& request) {
  auto call = std::make_unique<FunctionExpr>(&proc, TypeRef{request.target.oid, -1});
  call->form = request.form;
  call->location = request.location;
  call->arguments.push_back(std::move(argument));
  if (proc.arguments.size() >= 2) {
    call->arguments.push_back(
        make_constant({oids::int4, -1}, Value::integer(request.target.typmod)));
  }
  if (proc.arguments.size() >= 3) {
    call->arguments.push_back(make_constant(
        {oids::boolean, -1}, Value::boolean(request.context == CoercionContext::explicit_cast)));
  }
  // The first parameter may be of another, binary compatible type.
  if (!proc.arguments.empty() && proc.arguments[0] != call->arguments[0]->type.oid) {
    CoercionRequest relabel;
    relabel.target = {proc.arguments[0], -1};
    call->arguments[0] = coerce_type(scope, std::move(call->arguments[0]), relabel);
  }
  if (request.target.typmod >= 0 && proc.arguments.size() >= 2) {
    call->type.typmod = request.target.typmod;
  }
  return call;
}

ExprPtr convert_elements(Scope& scope, ExprPtr expr, const CoercionRequest& request) {
  const Oid source = array_element(scope.statement, expr->type.oid);
  CoercionRequest element = request;
  element.target.oid = array_element(scope.statement, request.target.oid);
  element.location = -1;
  ExprPtr placeholder = std::make_unique<CasePlaceholderExpr>(TypeRef{source, expr->type.typmod});
  ExprPtr converted = coerce_to_target(scope, placeholder, element);
  if (converted != nullptr && converted->kind == ExprKind::coercion &&
      static_cast<CoercionExpr&>(*converted).method == CoercionMethod::relabel) {
    return wrap(CoercionMethod::relabel, std::move(expr), request);
  }
  ExprPtr result = wrap(CoercionMethod::array_elements, std::move(expr), request);
  static_cast<CoercionExpr&>(*result).element_coercion = std::move(converted);
  return result;
}

ExprPtr along_path(Scope& scope, ExprPtr expr, const CoercionPath& path,
                   const CoercionRequest& request) {
  CoercionRequest to_base = request;
  const TypeRef base = base_type(scope.statement, request.target);
  to_base.target = base;
  switch (path.kind) {
    case CoercionPath::function:
      expr = call_cast(scope, *path.proc, std::move(expr), to_base);
      break;
    case CoercionPath::array:
      expr = convert_elements(scope, std::move(expr), to_base);
      break;
    case CoercionPath::via_text:
      to_base.target.typmod = -1;
      expr = wrap(CoercionMethod::via_text, std::move(expr), to_base);
      break;
    default:
      if (expr->type.oid == base.oid) break;
      to_base.target.typmod = -1;
      expr = wrap(CoercionMethod::relabel, std::move(expr), to_base);
      break;
  }
  return to_domain(scope.statement, std::move(expr), request);
}

// Gives an unknown parameter its type.
ExprPtr decide_param(Scope& scope, ExprPtr expr, const CoercionRequest& request) {
  auto& param = static_cast<ParamExpr&>(*expr);
  ParamTypes& params = *scope.statement.params;
  Oid& known = params.types[static_cast<std::size_t>(param.number - 1)];
  const Oid wanted = base_type(scope.statement, request.target.oid) == request.target.oid
                         ? request.target.oid
                         : base_type(scope.statement, request.target.oid);
  if (known == types::invalid_oid || known == oids::unknown) {
    known = wanted;
  } else if (known != wanted) {
    throw error_at(scope, ambiguous_parameter,
                   fmt::format("inconsistent types deduced for parameter ${}", param.number),
                   param.location)
        .detail(fmt::format("{} versus {}", type_text(scope.statement, known),
                            type_text(scope.statement, wanted)));
  }
  param.type = {known, -1};
  return to_domain(scope.statement, std::move(expr), request);
}

// A row constructor to a named row type, field by field.
ExprPtr row_to_composite(Scope& scope, ExprPtr expr, const CoercionRequest& request) {
  const TypeDesc& target = type_of(scope.statement, base_type(scope.statement, request.target.oid));
  const auto fail = [&](std::string detail, int location) -> SqlError {
    return error_at(scope, sqlstate::cannot_coerce,
                    fmt::format("cannot cast type record to {}",
                                type_text(scope.statement, request.target.oid)),
                    location < 0 ? location_of(*expr) : location)
        .detail(std::move(detail));
  };
  if (expr->kind != ExprKind::row) {
    throw error_at(scope, sqlstate::cannot_coerce,
                   fmt::format("cannot cast type record to {}",
                               type_text(scope.statement, request.target.oid)),
                   request.location);
  }
  auto& row = static_cast<RowExpr&>(*expr);
  if (row.fields.size() < target.columns.size()) {
    throw fail("Input has too few columns.", request.location);
  }
  if (row.fields.size() > target.columns.size()) {
    throw fail("Input has too many columns.", request.location);
  }
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    CoercionRequest field = request;
    field.target = target.columns[i].type;
    field.location = -1;
    const Oid source = row.fields[i]->type.oid;
    const int location = location_of(*row.fields[i]);
    row.fields[i] = coerce_to_target(scope, row.fields[i], field);
    if (row.fields[i] != nullptr) continue;
    throw error_at(scope, sqlstate::cannot_coerce,
                   fmt::format("cannot cast type record to {}",
                               type_text(scope.statement, request.target.oid)),
                   location)
        .detail(fmt::format("Cannot cast type {} to {} in column {}.",
                            type_text(scope.statement, source),
                            type_text(scope.statement, field.target.oid), i + 1));
  }
  row.type = {target.oid, -1};
  row.names.clear();
  for (const auto& column : target.columns) row.names.push_back(column.name);
  return to_domain(scope.statement, std::move(expr), request);
}

bool keeps_type(Oid target, Oid source) {
  if (target == oids::any || target == oids::anyelement || target == oids::anynonarray ||
      target == oids::anycompatible || target == oids::anycompatiblenonarray) {
    return true;
  }
  return is_polymorphic(target) && source != oids::unknown;
}

}  // namespace

ExprPtr coerce_type(Scope& scope, ExprPtr expr, const CoercionRequest& request) {
  const Oid source = expr->type.oid;
  const Oid target = request.target.oid;
  if (source == target) return expr;
  if (keeps_type(target, source)) {
    const Oid base = base_type(scope.statement, source);
    const bool wants_base = target == oids::anyarray || target == oids::anycompatiblearray;
    if (!wants_base || base == source) return expr;
    CoercionRequest relabel = request;
    relabel.target = {base, -1};
    return wrap(CoercionMethod::relabel, std::move(expr), relabel);
  }
  if (source == oids::unknown && expr->kind == ExprKind::constant) {
    return to_domain(scope.statement, convert_literal(scope, std::move(expr), request), request);
  }
  if (source == oids::unknown && expr->kind == ExprKind::param &&
      scope.statement.params != nullptr) {
    return decide_param(scope, std::move(expr), request);
  }
  const Oid from = source == oids::unknown ? oids::text : source;
  const CoercionPath path =
      find_coercion(scope.statement, from, target,
                    source == oids::unknown ? CoercionContext::explicit_cast : request.context);
  if (path.kind != CoercionPath::none) {
    return along_path(scope, std::move(expr), path, request);
  }
  if (source == oids::record && is_composite(scope.statement, target)) {
    return row_to_composite(scope, std::move(expr), request);
  }
  if (target == oids::record && is_composite(scope.statement, source)) {
    return wrap(CoercionMethod::row_to_record, std::move(expr), request);
  }
  if (target == oids::record_array) {
    return wrap(CoercionMethod::relabel, std::move(expr), request);
  }
  throw error_at(
      scope, sqlstate::internal_error,
      fmt::format("failed to find conversion function from {} to {}",
                  type_text(scope.statement, source), type_text(scope.statement, target)),
      request.location);
}

namespace {

// Is there a length or precision to apply for the type?
bool has_length_cast(const Statement& statement, Oid type) {
  const Oid element = array_element(statement, type);
  const Oid one = element == types::invalid_oid ? type : element;
  return statement.catalog().find_cast(one, one) != nullptr;
}

ExprPtr apply_length(Scope& scope, ExprPtr expr, const CoercionRequest& request) {
  if (request.target.typmod < 0 || request.target.typmod == expr->type.typmod) return expr;
  if (!has_length_cast(scope.statement, request.target.oid)) {
    return wrap(CoercionMethod::relabel, std::move(expr), request);
  }
  if (array_element(scope.statement, request.target.oid) != types::invalid_oid) {
    return convert_elements(scope, std::move(expr), request);
  }
  return wrap(CoercionMethod::typmod, std::move(expr), request);
}

}  // namespace

ExprPtr coerce_to_target(Scope& scope, ExprPtr& expr, const CoercionRequest& request) {
  if (!can_coerce(scope.statement, expr->type.oid, request.target.oid, request.context)) {
    return nullptr;
  }
  const TypeRef target = request.target;
  const TypeDesc* desc = scope.statement.catalog().find_type(target.oid);
  if (desc == nullptr || desc->kind != TypeKind::domain) {
    return apply_length(scope, coerce_type(scope, std::move(expr), request), request);
  }
  // A domain's length is checked on the base value, before the domain's own checks.
  if (expr->type.oid == target.oid) return std::move(expr);
  CoercionRequest base = request;
  base.target = base_type(scope.statement, target);
  ExprPtr value = coerce_type(scope, std::move(expr), base);
  value = apply_length(scope, std::move(value), base);
  return to_domain(scope.statement, std::move(value), request);
}

ExprPtr coerce_implicitly(Scope& scope, ExprPtr expr, Oid target) {
  CoercionRequest request;
  request.target = {target, -1};
  return coerce_type(scope, std::move(expr), request);
}

ExprPtr coerce_to_boolean(Scope& scope, ExprPtr expr, std::string_view construct) {
  const Oid source = expr->type.oid;
  const int location = location_of(*expr);
  if (source != oids::boolean) {
    CoercionRequest request;
    request.target = {oids::boolean, -1};
    request.context = CoercionContext::assignment;
    expr = coerce_to_target(scope, expr, request);
    if (expr == nullptr) {
      throw error_at(scope, sqlstate::datatype_mismatch,
                     fmt::format("argument of {} must be type boolean, not type {}", construct,
                                 type_text(scope.statement, source)),
                     location);
    }
  }
  if (contains_set(*expr)) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("argument of {} must not return a set", construct), location);
  }
  return expr;
}

ExprPtr coerce_to_bigint(Scope& scope, ExprPtr expr, std::string_view construct) {
  const Oid source = expr->type.oid;
  const int location = location_of(*expr);
  CoercionRequest request;
  request.target = {oids::int8, -1};
  request.context = CoercionContext::assignment;
  expr = coerce_to_target(scope, expr, request);
  if (expr == nullptr) {
    throw error_at(scope, sqlstate::datatype_mismatch,
                   fmt::format("argument of {} must be type bigint, not type {}", construct,
                               type_text(scope.statement, source)),
                   location);
  }
  return expr;
}

}  // namespace dvecdb::server::query
