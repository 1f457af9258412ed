// Comparisons: by SQLite itself where its order is the type's, so that its indexes serve.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query::lower {

namespace oids = types::oids;
using types::Ordering;

namespace {

constexpr std::array comparisons{std::string_view("="), std::string_view("<>"),
                                 std::string_view("<"), std::string_view("<="),
                                 std::string_view(">"), std::string_view(">=")};

bool is_comparison(std::string_view op) {
  return std::find(comparisons.begin(), comparisons.end(), op) != comparisons.end();
}

}  // namespace

Oid Lowering::base_type(Oid type) const {
  constexpr int deepest = 32;
  for (int i = 0; i < deepest; ++i) {
    const TypeDesc* desc = context_.catalog.find_type(type);
    if (desc == nullptr || desc->kind != types::TypeKind::domain) break;
    type = desc->base.oid;
  }
  return type;
}

// Values of one class compare with each other as they are stored.
int Lowering::comparison_class(Oid type) const {
  constexpr int integers = 1;
  constexpr int reals = 2;
  constexpr int texts = 3;
  const Oid base = base_type(type);
  switch (base) {
    case oids::int2:
    case oids::int4:
    case oids::int8:
    case oids::oid:
    case oids::xid:
    case oids::cid:
    case oids::regproc:
    case oids::regprocedure:
    case oids::regoper:
    case oids::regoperator:
    case oids::regclass:
    case oids::regtype:
    case oids::regconfig:
    case oids::regdictionary:
    case oids::regnamespace:
    case oids::regrole:
    case oids::regcollation:
      return integers;
    case oids::float4:
    case oids::float8:
      return reals;
    case oids::text:
    case oids::varchar:
    case oids::name:
    case oids::unknown:
      return texts;
    default:
      return static_cast<int>(base);
  }
}

bool Lowering::is_native(TypeRef type) const {
  const Ordering ordering = types::ordering_of(context_.io, base_type(type.oid));
  return ordering == Ordering::native || ordering == Ordering::collation;
}

// Of equal values under a collation (1.0, 1.00) PostgreSQL's extremes keep the last one.
bool Lowering::is_plainly_ordered(TypeRef type) const {
  return types::ordering_of(context_.io, base_type(type.oid)) == Ordering::native;
}

std::string Lowering::collated(TypeRef type, const std::string& sql) const {
  const Oid base = base_type(type.oid);
  if (types::ordering_of(context_.io, base) != Ordering::collation) return sql;
  return fmt::format("{} COLLATE {}", sql, types::collation_name(context_.io, base));
}

std::string Lowering::key(TypeRef type, const std::string& sql) const {
  const Oid base = base_type(type.oid);
  if (types::ordering_of(context_.io, base) == Ordering::sort_key) {
    return fmt::format("sort_key({}, {})", base, sql);
  }
  return collated(type, sql);
}

std::optional<NativeComparison> Lowering::native_comparison(std::string_view op, Oid left,
                                                            Oid right) const {
  if (!is_comparison(op) || comparison_class(left) != comparison_class(right)) return {};
  if (!is_native({left, -1}) || !is_native({right, -1})) return {};
  return NativeComparison{collated({left, -1}, "")};
}

std::string Lowering::compare(const OperatorDesc& op, TypeRef left, TypeRef right,
                              const std::string& left_sql, const std::string& right_sql,
                              const Context& context) {
  if (const auto native = native_comparison(op.name, left.oid, right.oid)) {
    return fmt::format("({}{} {} {})", left_sql, native->collate, op.name, right_sql);
  }
  const ProcDesc* proc = context_.catalog.find_proc(op.function);
  const bool is_known =
      proc != nullptr &&
      (has_sql_body(*proc) || functions::Registry::instance().find_scalar(proc->symbol) != nullptr);
  if (!is_known && is_comparison(op.name)) {
    return fmt::format("({} {} {})", key(left, left_sql), op.name, key(right, right_sql));
  }
  if (proc == nullptr) not_supported(fmt::format("operator {}", op.name));
  return call_proc(*proc, {left, right}, {op.result, -1}, {left_sql, right_sql}, context);
}

std::string Lowering::distinct_from(const DistinctFromExpr& e, const Context& context) {
  const std::string left = expr(*e.left, context);
  const std::string right = expr(*e.right, context);
  const std::string_view is = e.negated ? "IS" : "IS NOT";
  if (native_comparison("=", e.left->type.oid, e.right->type.oid) ||
      comparison_class(e.left->type.oid) == comparison_class(e.right->type.oid)) {
    return fmt::format("({} {} {})", key(e.left->type, left), is, key(e.right->type, right));
  }
  const std::string equal_sql = compare(*e.op, e.left->type, e.right->type, left, right, context);
  return fmt::format(
      "(CASE WHEN {0} IS NULL OR {1} IS NULL THEN ({0} IS NULL) {2} ({1} IS NULL) "
      "ELSE {3}({4}) END)",
      left, right, e.negated ? "=" : "<>", e.negated ? "" : "NOT ", equal_sql);
}

std::string Lowering::null_if(const NullIfExpr& e, const Context& context) {
  const std::string left = expr(*e.left, context);
  const std::string right = expr(*e.right, context);
  if (native_comparison("=", e.left->type.oid, e.right->type.oid)) {
    return call_sql("nullif", {collated(e.left->type, left), right});
  }
  return fmt::format("CASE WHEN {} THEN NULL ELSE {} END",
                     compare(*e.op, e.left->type, e.right->type, left, right, context), left);
}

std::string Lowering::scalar_array(const ScalarArrayExpr& e, const Context& context) {
  const std::string left = expr(*e.left, context);
  // The element type of the array as the operator sees it.
  const TypeRef left_type = e.left->type;
  const TypeDesc* array_desc = context_.catalog.find_type(base_type(e.array->type.oid));
  TypeRef element{array_desc == nullptr ? e.op->right : array_desc->element, -1};
  if (element.oid == types::invalid_oid) element.oid = e.op->right;
  const bool is_in = (e.is_any && e.op->name == "=") || (!e.is_any && e.op->name == "<>");
  const bool is_direct = native_comparison(e.op->name, left_type.oid, element.oid).has_value();
  const std::string_view in = e.is_any ? "IN" : "NOT IN";
  if (e.array->kind == ExprKind::array && !static_cast<const ArrayExpr&>(*e.array).is_nested) {
    std::vector<std::string> items =
        exprs(static_cast<const ArrayExpr&>(*e.array).elements, context);
    if (is_in && is_direct && !items.empty()) {
      return fmt::format("({} {} ({}))", collated(left_type, left), in, join(items, ", "));
    }
    if (items.size() <= most_arguments && !items.empty()) {
      for (std::string& item : items)
        item = compare(*e.op, left_type, element, left, item, context);
      return join_balanced(items, e.is_any ? "OR" : "AND");
    }
  }
  if (is_in && is_direct && e.array->kind == ExprKind::constant) {
    const Value& value = static_cast<const ConstantExpr&>(*e.array).value;
    if (!value.is_null()) {
      std::vector<std::string> items;
      const types::Array decoded = types::decode_array(value.as_bytes());
      for (const Value& item : decoded.elements) items.push_back(value_literal(item));
      return fmt::format("({} {} ({}))", collated(left_type, left), in, join(items, ", "));
    }
  }
  const std::string array_sql = expr(*e.array, context);
  const std::string alias = next_alias();
  if (is_in && is_direct) {
    return fmt::format("({} {} (SELECT {}.value FROM array_elements({}) AS {}))",
                       collated(left_type, left), in, alias, array_sql, alias);
  }
  return fmt::format(
      "(SELECT {}({}) FROM array_elements({}) AS {})", e.is_any ? "bool_any" : "bool_all",
      compare(*e.op, left_type, element, left, alias + ".value", context), array_sql, alias);
}

std::string Lowering::row_compare(const RowCompareExpr& e, const Context& context) {
  std::vector<std::string> left;
  std::vector<std::string> right;
  for (std::size_t i = 0; i < e.left.size(); ++i) {
    left.push_back(key(e.left[i]->type, expr(*e.left[i], context)));
    right.push_back(key(e.right[i]->type, expr(*e.right[i], context)));
  }
  return fmt::format("(({}) {} ({}))", join(left, ", "), e.op, join(right, ", "));
}

}  // namespace dvecdb::server::query::lower
