// Function calls and operators.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query::lower {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

// Shorter chains stay plain calls, which the store may index.
constexpr std::size_t min_fold = 8;
constexpr std::size_t max_fold = 100;  // of SQLite's 127 arguments

bool is_foldable(const Expr& e) {
  if (e.kind != ExprKind::operation) return false;
  const auto& operation = static_cast<const OperationExpr&>(e);
  if (operation.arguments.size() != 2 || !operation.proc->is_strict) return false;
  if (operation.type.oid == types::oids::boolean) return false;
  const functions::ScalarEntry* entry =
      functions::Registry::instance().find_scalar(operation.proc->symbol);
  return entry != nullptr && !entry->needs_types;
}

constexpr std::array writing_symbols{
    std::string_view("nextval_oid"), std::string_view("setval_oid"),
    std::string_view("setval3_oid"), std::string_view("dvecdb_create_api_key"),
    std::string_view("dvecdb_drop_api_key")};

bool writes(std::string_view symbol) {
  return std::find(writing_symbols.begin(), writing_symbols.end(), symbol) != writing_symbols.end();
}

// Casts between types of one stored form.
constexpr std::array widening_symbols{std::string_view("i2toi4"), std::string_view("int28"),
                                      std::string_view("int48"), std::string_view("ftod"),
                                      std::string_view("oidtoi8")};

}  // namespace

const Expr& without_widening(const Expr& expr) {
  const Expr* at = &expr;
  while (at->kind == ExprKind::function) {
    const auto& call = static_cast<const FunctionExpr&>(*at);
    const bool is_widening =
        call.arguments.size() == 1 && std::find(widening_symbols.begin(), widening_symbols.end(),
                                                call.proc->symbol) != widening_symbols.end();
    if (!is_widening) break;
    at = call.arguments.front().get();
  }
  return *at;
}

bool stays_outside(const Expr& expr) {
  const auto is_grouped_value = [](const Expr& e) {
    return e.kind == ExprKind::aggregate || e.kind == ExprKind::window;
  };
  return any_of(expr, [&](const Expr& e) {
    if (e.kind == ExprKind::function) return static_cast<const FunctionExpr&>(e).returns_set;
    if (e.kind == ExprKind::scalar_array_op) return any_of(e, is_grouped_value);
    if (e.kind == ExprKind::sublink) {
      const auto& left = static_cast<const SublinkExpr&>(e).left;
      return std::any_of(left.begin(), left.end(),
                         [&](const ExprPtr& item) { return any_of(*item, is_grouped_value); });
    }
    if (e.kind != ExprKind::coercion) return false;
    return static_cast<const CoercionExpr&>(e).method == CoercionMethod::array_elements &&
           any_of(e, is_grouped_value);
  });
}

std::string Lowering::call_symbol(std::string_view symbol, bool is_strict,
                                  const std::vector<TypeRef>& types, TypeRef result,
                                  std::vector<std::string> arguments) {
  const functions::ScalarEntry* entry = functions::Registry::instance().find_scalar(symbol);
  if (entry == nullptr) {
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("function {} is not supported", symbol));
  }
  if (writes(symbol)) plan_.writes = true;
  if (entry->needs_types) arguments.insert(arguments.begin(), types_literal(types, result));
  return call_sql(fmt::format("{}_{}", is_strict ? 's' : 'f', symbol), arguments);
}

std::string Lowering::call_proc(const ProcDesc& proc, const std::vector<TypeRef>& types,
                                TypeRef result, std::vector<std::string> arguments,
                                const Context& context) {
  if (functions::Registry::instance().find_scalar(proc.symbol) == nullptr) {
    if (has_sql_body(proc)) return sql_function(proc, types, arguments, context.scope);
    std::vector<std::string> names;
    for (const TypeRef& type : types) {
      const TypeDesc* desc = context_.catalog.find_type(type.oid);
      names.push_back(desc == nullptr ? std::to_string(type.oid) : desc->name);
    }
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("function {}({}) is not supported", proc.name, join(names, ", ")));
  }
  return call_symbol(proc.symbol, proc.is_strict, types, result, std::move(arguments));
}

std::string Lowering::function(const FunctionExpr& e, const Context& context) {
  if (e.returns_set) {
    throw SqlError(sqlstate::feature_not_supported,
                   "set-returning functions are not allowed in this place");
  }
  const Expr& plain = without_widening(e);
  if (&plain != &e) return expr(plain, context);
  return call_proc(*e.proc, types_of(e.arguments), e.type, exprs(e.arguments, context), context);
}

// a + b - c + ... as one call: SQLite's parser takes calls some thirty deep.
std::string Lowering::fold(const OperationExpr& e, const Context& context) {
  std::vector<const OperationExpr*> links;
  const Expr* first = &e;
  while (is_foldable(*first)) {
    links.push_back(static_cast<const OperationExpr*>(first));
    first = links.back()->arguments[0].get();
  }
  if (links.size() < min_fold) return {};
  std::reverse(links.begin(), links.end());
  std::string sql = expr(*first, context);
  for (std::size_t begin = 0; begin < links.size(); begin += max_fold) {
    const std::size_t end = std::min(links.size(), begin + max_fold);
    std::string symbols;
    std::vector<std::string> arguments{std::move(sql)};
    for (std::size_t i = begin; i < end; ++i) {
      symbols += (i == begin ? "" : ",") + links[i]->proc->symbol;
      arguments.push_back(expr(*links[i]->arguments[1], context));
    }
    arguments.insert(arguments.begin(), "'" + symbols + "'");
    sql = call_sql("fold", arguments);
  }
  return sql;
}

std::string Lowering::operation(const OperationExpr& e, const Context& context) {
  if (std::string folded = fold(e, context); !folded.empty()) return folded;
  std::vector<std::string> arguments = exprs(e.arguments, context);
  if (arguments.size() == 2) {
    const TypeRef left = e.arguments[0]->type;
    const TypeRef right = e.arguments[1]->type;
    if (native_comparison(e.op->name, left.oid, right.oid)) {
      return compare(*e.op, left, right, arguments[0], arguments[1], context);
    }
  }
  return call_proc(*e.proc, types_of(e.arguments), e.type, std::move(arguments), context);
}

}  // namespace dvecdb::server::query::lower
