#include <fmt/format.h>

#include <algorithm>

#include "server/query/deparse_internal.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query {

namespace oids = types::oids;

namespace {

template <typename Target>
const Target& as(const Expr& expr) {
  return static_cast<const Target&>(expr);
}

std::string quote_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Strips conversions that the text does not show.
const Expr& without_implicit(const Expr& expr) {
  const Expr* at = &expr;
  for (;;) {
    if (at->kind == ExprKind::function &&
        as<FunctionExpr>(*at).form == CoercionForm::implicit_cast &&
        !as<FunctionExpr>(*at).arguments.empty()) {
      at = as<FunctionExpr>(*at).arguments[0].get();
    } else if (at->kind == ExprKind::coercion &&
               as<CoercionExpr>(*at).form == CoercionForm::implicit_cast) {
      at = as<CoercionExpr>(*at).argument.get();
    } else {
      return *at;
    }
  }
}

}  // namespace

namespace {

// Under COLLATE: what is more than one word or call.
bool is_composite(const Expr& e) {
  switch (e.kind) {
    case ExprKind::operation:
    case ExprKind::boolean_op:
    case ExprKind::scalar_array_op:
    case ExprKind::sublink:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Deparser::expr(const Expr& e, bool show_implicit) {
  if (e.collation == types::invalid_oid) return expr_node(e, show_implicit);
  open();
  const bool needs_parens = spares_parens_ && is_composite(e);
  if (needs_parens) out_ += "(";
  expr_node(e, show_implicit);
  if (needs_parens) out_ += ")";
  out_ += " COLLATE " + quote_identifier(catalog_.collation_name(e.collation));
  close();
}

void Deparser::expr_node(const Expr& e, bool show_implicit) {
  switch (e.kind) {
    case ExprKind::constant:
      return constant(as<ConstantExpr>(e), true);
    case ExprKind::param:
      out_ += fmt::format("${}", as<ParamExpr>(e).number);
      return;
    case ExprKind::column:
      return column(as<ColumnExpr>(e));
    case ExprKind::function:
      return function(as<FunctionExpr>(e), show_implicit);
    case ExprKind::operation:
      return operation(as<OperationExpr>(e));
    case ExprKind::distinct_from: {
      const auto& distinct = as<DistinctFromExpr>(e);
      if (distinct.negated) {
        open();
        out_ += "NOT ";
      }
      infix(e, *distinct.left, "IS DISTINCT FROM", *distinct.right);
      if (distinct.negated) close();
      return;
    }
    case ExprKind::null_if:
      out_ += "NULLIF(";
      expr(*as<NullIfExpr>(e).left);
      out_ += ", ";
      expr(*as<NullIfExpr>(e).right);
      out_ += ")";
      return;
    case ExprKind::scalar_array_op:
      return scalar_array(as<ScalarArrayExpr>(e));
    case ExprKind::boolean_op:
      return boolean(as<BooleanExpr>(e));
    case ExprKind::case_when:
      return case_when(as<CaseExpr>(e));
    case ExprKind::case_placeholder:
      out_ += "CASE_TEST_EXPR";
      return;
    case ExprKind::coalesce:
      return call("COALESCE", as<CoalesceExpr>(e).arguments);
    case ExprKind::min_max:
      return call(as<MinMaxExpr>(e).is_greatest ? "GREATEST" : "LEAST",
                  as<MinMaxExpr>(e).arguments);
    case ExprKind::null_test:
      return null_test(as<NullTestExpr>(e));
    case ExprKind::boolean_test:
      return boolean_test(as<BooleanTestExpr>(e));
    case ExprKind::coercion:
      return coercion(as<CoercionExpr>(e), show_implicit);
    case ExprKind::array:
      return array(as<ArrayExpr>(e));
    case ExprKind::row:
      return row(as<RowExpr>(e));
    case ExprKind::row_compare:
      return row_compare(as<RowCompareExpr>(e));
    case ExprKind::field:
      return field(as<FieldExpr>(e));
    case ExprKind::subscript:
      return subscript(as<SubscriptExpr>(e));
    case ExprKind::aggregate:
      return aggregate(as<AggregateExpr>(e));
    case ExprKind::window:
      return window(as<WindowExpr>(e));
    case ExprKind::grouping:
      return grouping(as<GroupingExpr>(e));
    case ExprKind::sublink:
      return sublink(as<SublinkExpr>(e));
    case ExprKind::sql_value:
      return sql_value(as<SqlValueExpr>(e));
    case ExprKind::set_default:
      out_ += "DEFAULT";
      return;
    case ExprKind::next_value: {
      const RelationDesc* sequence = catalog_.find_relation(as<NextValueExpr>(e).sequence);
      const std::string name = sequence == nullptr ? "" : relation_name(*sequence);
      out_ += "nextval(" + quote_literal(name) + "::regclass)";
      return;
    }
  }
}

void Deparser::list(const ExprList& items) {
  bool first = true;
  for (const ExprPtr& item : items) {
    if (!first) out_ += ", ";
    first = false;
    expr(*item);
  }
}

void Deparser::call(std::string_view name, const ExprList& arguments) {
  out_ += name;
  out_ += "(";
  list(arguments);
  out_ += ")";
}

void Deparser::infix(const Expr& parent, const Expr& left, const std::string& op,
                     const Expr& right) {
  open();
  operand(left, parent);
  out_ += " " + op + " ";
  operand(right, parent);
  close();
}

void Deparser::constant(const ConstantExpr& e, bool with_type) {
  const std::string type = format_type(catalog_, e.type);
  if (e.value.is_null()) {
    out_ += "NULL";
    if (with_type) out_ += "::" + type;
    return;
  }
  std::string text;
  types::output_text(io_, {e.type.oid, e.type.typmod}, e.value, text);
  bool needs_type = true;
  if (e.type.oid == oids::int4 && text[0] != '-') {
    out_ += text;
    needs_type = false;
  } else if (e.type.oid == oids::numeric && is_digit(text[0]) &&
             text.find_first_of("eE.") != std::string::npos) {
    out_ += text;
    needs_type = e.type.typmod >= 0;
  } else if (e.type.oid == oids::boolean) {
    out_ += text == "t" ? "true" : "false";
    needs_type = false;
  } else {
    out_ += quote_literal(text);
    needs_type = e.type.oid != oids::unknown;
  }
  if (needs_type && with_type) out_ += "::" + type;
}

void Deparser::cast(const Expr& parent, const Expr& argument, TypeRef type) {
  const bool is_bare_constant = argument.kind == ExprKind::constant &&
                                argument.type.oid == type.oid && argument.type.typmod == -1;
  if (is_bare_constant) {
    constant(as<ConstantExpr>(argument), false);
  } else {
    open();
    operand(argument, parent, false);
    close();
  }
  out_ += "::" + format_type(catalog_, type);
}

namespace {

struct SyntaxCall {
  std::string_view function;
  std::string_view before, between, after;
};
// Functions that SQL spells with words, two arguments each.
constexpr SyntaxCall syntax_calls[] = {
    {"timezone", "(", " AT TIME ZONE ", ")"},   {"position", "POSITION((", ") IN (", "))"},
    {"btrim", "TRIM(BOTH ", " FROM ", ")"},     {"ltrim", "TRIM(LEADING ", " FROM ", ")"},
    {"rtrim", "TRIM(TRAILING ", " FROM ", ")"},
};

}  // namespace

bool Deparser::sql_syntax(const FunctionExpr& e) {
  const auto& arguments = e.arguments;
  if (e.proc->schema != "pg_catalog") return false;
  const std::string& name = e.proc->name;
  if (name == "extract" && arguments.size() == 2 && arguments[0]->kind == ExprKind::constant) {
    out_ += "EXTRACT(" + std::string(as<ConstantExpr>(*arguments[0]).value.as_bytes()) + " FROM ";
    expr(*arguments[1]);
    out_ += ")";
    return true;
  }
  if (name == "substring" && arguments.size() >= 2) {
    out_ += "SUBSTRING(";
    expr(*arguments[0]);
    out_ += " FROM ";
    expr(*arguments[1]);
    if (arguments.size() == 3) {
      out_ += " FOR ";
      expr(*arguments[2]);
    }
    out_ += ")";
    return true;
  }
  if (name == "overlaps" && arguments.size() == 4) {
    const char* const separators[] = {"((", ", ", ") OVERLAPS (", ", "};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      out_ += separators[i];
      expr(*arguments[i]);
    }
    out_ += "))";
    return true;
  }
  if (name == "overlay" && arguments.size() >= 3) {
    const char* const separators[] = {"OVERLAY(", " PLACING ", " FROM ", " FOR "};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      out_ += separators[i];
      expr(*arguments[i]);
    }
    out_ += ")";
    return true;
  }
  if (arguments.empty() || arguments.size() > 2) return false;
  for (const SyntaxCall& syntax : syntax_calls) {
    if (syntax.function != name) continue;
    // The second argument of the call is what SQL writes first.
    out_ += syntax.before;
    if (arguments.size() == 2) {
      operand(*arguments[1], e);
      out_ += syntax.between;
    } else {
      out_ += syntax.between.substr(1);
    }
    operand(*arguments[0], e);
    out_ += syntax.after;
    return true;
  }
  return false;
}

void Deparser::function(const FunctionExpr& e, bool show_implicit) {
  const bool is_cast =
      e.form == CoercionForm::implicit_cast || e.form == CoercionForm::explicit_cast;
  if (e.form == CoercionForm::implicit_cast && !show_implicit) {
    return operand(*e.arguments[0], e, false);
  }
  if (is_cast) {
    return cast(e, *e.arguments[0], e.type);
  }
  if (e.form == CoercionForm::sql_syntax && sql_syntax(e)) return;
  out_ += function_name(*e.proc) + "(";
  for (std::size_t i = 0; i < e.arguments.size(); ++i) {
    if (i > 0) out_ += ", ";
    const bool is_gathered =
        e.is_variadic && i + 1 == e.arguments.size() && e.proc->variadic != oids::any;
    if (is_gathered) out_ += "VARIADIC ";
    expr(*e.arguments[i]);
  }
  out_ += ")";
}

void Deparser::coercion(const CoercionExpr& e, bool show_implicit) {
  if (e.form == CoercionForm::implicit_cast && !show_implicit) {
    return operand(*e.argument, e, false);
  }
  // A length on top of a conversion prints as one cast.
  if (e.method == CoercionMethod::typmod || e.method == CoercionMethod::domain) {
    const Expr& inner = *e.argument;
    const bool is_cast = (inner.kind == ExprKind::coercion &&
                          as<CoercionExpr>(inner).form == CoercionForm::explicit_cast) ||
                         (inner.kind == ExprKind::function &&
                          as<FunctionExpr>(inner).form == CoercionForm::explicit_cast);
    if (is_cast && inner.location == e.location) {
      const Expr& source = inner.kind == ExprKind::coercion ? *as<CoercionExpr>(inner).argument
                                                            : *as<FunctionExpr>(inner).arguments[0];
      if (!needs_parens(inner, e)) return cast(inner, source, e.type);
      // The hidden conversion and the length each ask for parentheses.
      out_ += "(";
      operand(source, inner, false);
      out_ += ")::" + format_type(catalog_, e.type);
      return;
    }
  }
  cast(e, *e.argument, e.type);
}

void Deparser::operation(const OperationExpr& e) {
  const std::string name = operator_name(*e.op);
  if (e.arguments.size() == 2) return infix(e, *e.arguments[0], name, *e.arguments[1]);
  open();
  out_ += name + " ";
  operand(*e.arguments[0], e);
  close();
}

void Deparser::scalar_array(const ScalarArrayExpr& e) {
  open();
  operand(*e.left, e);
  out_ += " " + operator_name(*e.op) + (e.is_any ? " ANY (" : " ALL (");
  operand(*e.array, e);
  // An array from a subquery would read as a subquery.
  if (e.array->kind == ExprKind::sublink) {
    out_ += "::" + format_type(catalog_, e.array->type);
  }
  out_ += ")";
  close();
}

void Deparser::boolean(const BooleanExpr& e) {
  open();
  if (e.op == BooleanOperator::not_) {
    out_ += "NOT ";
    operand(*e.arguments[0], e, false);
  } else {
    bool first = true;
    for (const ExprPtr& argument : e.arguments) {
      if (!first) out_ += e.op == BooleanOperator::and_ ? " AND " : " OR ";
      first = false;
      operand(*argument, e, false);
    }
  }
  close();
}

void Deparser::case_condition(const Expr& condition) {
  // CASE x WHEN y holds x = y: only y is written.
  if (condition.kind == ExprKind::operation) {
    const auto& comparison = as<OperationExpr>(condition);
    if (comparison.arguments.size() == 2 &&
        without_implicit(*comparison.arguments[0]).kind == ExprKind::case_placeholder) {
      return expr(*comparison.arguments[1], false);
    }
  }
  expr(condition, false);
}

void Deparser::case_when(const CaseExpr& e) {
  keyword("CASE", 0, item_step, 0);
  if (e.subject) {
    out_ += " ";
    expr(*e.subject);
  }
  for (const auto& [condition, result] : e.branches) {
    if (!pretty_) out_ += " ";
    keyword("WHEN ", 0, 0, 0);
    e.subject ? case_condition(*condition) : expr(*condition, false);
    out_ += " THEN ";
    expr(*result);
  }
  if (!pretty_) out_ += " ";
  keyword("ELSE ", 0, 0, 0);
  expr(*e.otherwise);
  if (!pretty_) out_ += " ";
  keyword("END", -item_step, 0, 0);
}

void Deparser::array(const ArrayExpr& e) {
  out_ += "ARRAY[";
  list(e.elements);
  out_ += "]";
  if (e.elements.empty()) out_ += "::" + format_type(catalog_, e.type);
}

void Deparser::row(const RowExpr& e) {
  out_ += "ROW(";
  list(e.fields);
  out_ += ")";
  if (e.type.oid != oids::record) out_ += "::" + format_type(catalog_, e.type);
}

void Deparser::row_compare(const RowCompareExpr& e) {
  out_ += "(ROW(";
  list(e.left);
  out_ += ") " + e.op + " ROW(";
  list(e.right);
  out_ += "))";
}

void Deparser::field(const FieldExpr& e) {
  out_ += "(";
  expr(*e.argument);
  out_ += ")." + quote_identifier(e.name);
}

void Deparser::subscript(const SubscriptExpr& e) {
  const bool is_simple =
      e.container->kind == ExprKind::column || e.container->kind == ExprKind::param;
  if (!is_simple) out_ += "(";
  expr(*e.container);
  if (!is_simple) out_ += ")";
  for (const SubscriptExpr::Index& index : e.indexes) {
    out_ += "[";
    if (index.is_slice) {
      if (index.lower) expr(*index.lower);
      out_ += ":";
    }
    if (index.upper) expr(*index.upper);
    out_ += "]";
  }
}

void Deparser::filter(const ExprPtr& condition) {
  if (!condition) return;
  out_ += " FILTER (WHERE ";
  expr(*condition, false);
  out_ += ")";
}

void Deparser::sort_item(const Expr& e, bool descending, bool nulls_first, const OperatorDesc* op) {
  const bool is_bare = e.kind == ExprKind::column || e.kind == ExprKind::constant;
  const bool needs_parens = (spares_parens_ && (!is_bare || e.collation != types::invalid_oid)) ||
                            e.kind == ExprKind::function || e.kind == ExprKind::aggregate ||
                            e.kind == ExprKind::window;
  if (needs_parens) out_ += "(";
  expr(e);
  if (needs_parens) out_ += ")";
  if (op != nullptr && op->name != "<" && op->name != ">") {
    out_ += " USING " + operator_name(*op);
    if (nulls_first) out_ += " NULLS FIRST";
    return;
  }
  if (descending) out_ += " DESC";
  if (descending != nulls_first) out_ += nulls_first ? " NULLS FIRST" : " NULLS LAST";
}

void Deparser::aggregate(const AggregateExpr& e) {
  out_ += function_name(*e.proc) + "(";
  if (e.is_distinct) out_ += "DISTINCT ";
  const bool is_ordered_set = e.proc->aggregate_kind != 'n';
  if (is_ordered_set) {
    list(e.direct_arguments);
    out_ += ") WITHIN GROUP (";
  } else if (e.is_star) {
    out_ += "*";
  } else {
    list(e.arguments);
  }
  if (!e.order_by.empty()) {
    out_ += is_ordered_set ? "ORDER BY " : " ORDER BY ";
    bool first = true;
    for (const SortItem& item : e.order_by) {
      if (!first) out_ += ", ";
      first = false;
      sort_item(*item.expr, item.descending, item.nulls_first, item.op);
    }
  }
  out_ += ")";
  filter(e.filter);
}

void Deparser::window(const WindowExpr& e) {
  out_ += function_name(*e.proc) + "(";
  if (e.is_star) {
    out_ += "*";
  } else {
    list(e.arguments);
  }
  out_ += ")";
  filter(e.filter);
  out_ += " OVER ";
  if (queries_.empty()) {
    out_ += "(?)";
    return;
  }
  const WindowDefinition& definition = queries_.back()->windows[static_cast<std::size_t>(e.window)];
  if (definition.name.empty()) {
    window_body(definition);
  } else {
    out_ += quote_identifier(definition.name);
  }
}

void Deparser::grouping(const GroupingExpr& e) {
  out_ += "GROUPING(";
  bool first = true;
  for (const int group : e.groups) {
    if (!first) out_ += ", ";
    first = false;
    const Query& query = query_at(0);
    const int target = query.group_by[static_cast<std::size_t>(group)];
    expr(*query.targets[static_cast<std::size_t>(target)].expr);
  }
  out_ += ")";
}

void Deparser::sublink(const SublinkExpr& e) {
  const auto body = [&] {
    const bool saved = names_visible_;
    names_visible_ = false;
    if (!pretty_) out_ += " ";
    query(*e.query);
    names_visible_ = saved;
    out_ += ")";
  };
  switch (e.sublink) {
    case SublinkKind::array:
      out_ += "ARRAY(";
      return body();
    case SublinkKind::scalar:
      out_ += "(";
      return body();
    case SublinkKind::exists:
      out_ += "(EXISTS (";
      body();
      out_ += ")";
      return;
    default:
      break;
  }
  out_ += "(";
  if (e.left.size() > 1) out_ += "(";
  list(e.left);
  if (e.left.size() > 1) out_ += ")";
  if (e.sublink == SublinkKind::any && e.op == "=") {
    out_ += " IN (";
  } else {
    out_ += " " + e.op;
    out_ += e.sublink == SublinkKind::any   ? " ANY ("
            : e.sublink == SublinkKind::all ? " ALL ("
                                            : " (";
  }
  body();
  out_ += ")";
}

namespace {

struct SqlValueWord {
  SqlValueKind kind;
  std::string_view word;
};
constexpr SqlValueWord sql_value_words[] = {
    {SqlValueKind::current_date, "CURRENT_DATE"},
    {SqlValueKind::current_time, "CURRENT_TIME"},
    {SqlValueKind::current_timestamp, "CURRENT_TIMESTAMP"},
    {SqlValueKind::local_time, "LOCALTIME"},
    {SqlValueKind::local_timestamp, "LOCALTIMESTAMP"},
    {SqlValueKind::current_user, "CURRENT_USER"},
    {SqlValueKind::session_user, "SESSION_USER"},
    {SqlValueKind::current_role, "CURRENT_ROLE"},
    {SqlValueKind::current_catalog, "CURRENT_CATALOG"},
    {SqlValueKind::current_schema, "CURRENT_SCHEMA"},
};

constexpr std::string_view boolean_test_words[] = {
    " IS TRUE", " IS NOT TRUE", " IS FALSE", " IS NOT FALSE", " IS UNKNOWN", " IS NOT UNKNOWN"};

}  // namespace

void Deparser::sql_value(const SqlValueExpr& e) {
  for (const SqlValueWord& known : sql_value_words) {
    if (known.kind == e.value) out_ += known.word;
  }
  if (e.type.typmod >= 0) out_ += fmt::format("({})", e.type.typmod);
}

void Deparser::null_test(const NullTestExpr& e) {
  open();
  operand(*e.argument, e);
  out_ += e.is_not_null ? " IS NOT NULL" : " IS NULL";
  close();
}

void Deparser::boolean_test(const BooleanTestExpr& e) {
  open();
  operand(*e.argument, e, false);
  out_ += boolean_test_words[static_cast<std::size_t>(e.test)];
  close();
}

}  // namespace dvecdb::server::query
