// WINDOW definitions: inheritance, frames, offsets.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

// The bits of a raw window's frame (PostgreSQL's FRAMEOPTION_*).
enum FrameBit : int {
  frame_given = 0x00001,
  frame_range = 0x00002,
  frame_rows = 0x00004,
  frame_groups = 0x00008,
  start_unbounded_preceding = 0x00020,
  end_unbounded_following = 0x00100,
  start_current_row = 0x00200,
  end_current_row = 0x00400,
  start_offset_preceding = 0x00800,
  end_offset_preceding = 0x01000,
  start_offset_following = 0x02000,
  end_offset_following = 0x04000,
  exclude_current_row = 0x08000,
  exclude_group = 0x10000,
  exclude_ties = 0x20000,
};

FrameBound start_of(int bits) {
  if (bits & start_current_row) return FrameBound::current_row;
  if (bits & start_offset_preceding) return FrameBound::preceding;
  if (bits & start_offset_following) return FrameBound::following;
  return FrameBound::unbounded_preceding;
}

FrameBound end_of(int bits) {
  if (bits & end_unbounded_following) return FrameBound::unbounded_following;
  if (bits & end_offset_preceding) return FrameBound::preceding;
  if (bits & end_offset_following) return FrameBound::following;
  return FrameBound::current_row;
}

void read_frame(WindowDefinition& window, int bits) {
  window.has_frame = (bits & frame_given) != 0;
  if (bits & frame_rows) window.mode = FrameMode::rows;
  if (bits & frame_groups) window.mode = FrameMode::groups;
  window.start = start_of(bits);
  window.end = end_of(bits);
  if (bits & exclude_current_row) window.exclusion = FrameExclusion::current_row;
  if (bits & exclude_group) window.exclusion = FrameExclusion::group;
  if (bits & exclude_ties) window.exclusion = FrameExclusion::ties;
}

class WindowBuilder {
 public:
  WindowBuilder(Scope& scope, const PgQuery__WindowDef& definition)
      : scope_(scope), definition_(definition) {}

  WindowDefinition build(const std::vector<WindowDefinition>& earlier) {
    const std::string_view name = raw::view(definition_.name);
    window_.name = name;
    check_unique(earlier);
    if (!raw::view(definition_.refname).empty()) inherit(earlier);
    read_frame(window_, definition_.frame_options);
    for (const raw::Node* node :
         raw::list(definition_.n_partition_clause, definition_.partition_clause)) {
      add_partition(node);
    }
    for (const raw::Node* node : raw::list(definition_.n_order_clause, definition_.order_clause)) {
      add_order(*node->sort_by);
    }
    check_frame();
    window_.start_offset = offset(definition_.start_offset, window_.start);
    window_.end_offset = offset(definition_.end_offset, window_.end);
    return std::move(window_);
  }

 private:
  void check_unique(const std::vector<WindowDefinition>& earlier) const {
    if (window_.name.empty()) return;
    for (const WindowDefinition& other : earlier) {
      if (other.name != window_.name) continue;
      throw error_at(scope_, sqlstate::windowing_error,
                     fmt::format("window \"{}\" is already defined", window_.name),
                     definition_.location);
    }
  }

  void inherit(const std::vector<WindowDefinition>& earlier) {
    const std::string_view wanted = definition_.refname;
    const auto at = std::find_if(earlier.begin(), earlier.end(),
                                 [&](const WindowDefinition& w) { return w.name == wanted; });
    if (at == earlier.end()) {
      throw error_at(scope_, sqlstate::undefined_object,
                     fmt::format("window \"{}\" does not exist", wanted), definition_.location);
    }
    const auto refuse = [&](bool is_there, std::string_view message) {
      if (!is_there) return;
      throw error_at(scope_, sqlstate::windowing_error, fmt::format(fmt::runtime(message), wanted),
                     definition_.location);
    };
    refuse(definition_.n_partition_clause > 0,
           "cannot override PARTITION BY clause of window \"{}\"");
    refuse(definition_.n_order_clause > 0 && !at->order_by.empty(),
           "cannot override ORDER BY clause of window \"{}\"");
    refuse(at->has_frame, "cannot copy window \"{}\" because it has a frame clause");
    for (const ExprPtr& expr : at->partition_by) window_.partition_by.push_back(clone(*expr));
    for (const SortItem& item : at->order_by) {
      window_.order_by.push_back({clone(*item.expr), item.descending, item.nulls_first, item.op});
    }
  }

  ExprPtr key(const raw::Node* node, Clause clause) {
    ExprPtr expr = analyze_expr(scope_, node, clause);
    if (expr->type.oid == oids::unknown) {
      expr = coerce_implicitly(scope_, std::move(expr), oids::text);
    }
    return expr;
  }

  void add_partition(const raw::Node* node) {
    ExprPtr expr = key(node, Clause::window_partition);
    require_equality(scope_, expr->type.oid, raw::location_of(node));
    window_.partition_by.push_back(std::move(expr));
  }

  void add_order(const PgQuery__SortBy& raw_item) {
    SortItem item;
    item.expr = key(raw_item.node, Clause::window_order);
    const SortClause options = sort_options(scope_, raw_item, item.expr->type.oid);
    item.descending = options.descending;
    item.nulls_first = options.nulls_first;
    item.op = options.op;
    window_.order_by.push_back(std::move(item));
  }

  void check_frame() const {
    const bool has_offset =
        definition_.start_offset != nullptr || definition_.end_offset != nullptr;
    if (window_.mode == FrameMode::range && has_offset && window_.order_by.size() != 1) {
      throw error_at(scope_, sqlstate::windowing_error,
                     "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
                     definition_.location);
    }
    if (window_.mode == FrameMode::groups && window_.order_by.empty()) {
      throw error_at(scope_, sqlstate::windowing_error, "GROUPS mode requires an ORDER BY clause",
                     definition_.location);
    }
  }

  ExprPtr offset(const raw::Node* node, FrameBound bound) {
    if (node == nullptr) return nullptr;
    if (bound != FrameBound::preceding && bound != FrameBound::following) return nullptr;
    if (window_.mode == FrameMode::range) return range_offset(node);
    const bool is_rows = window_.mode == FrameMode::rows;
    ExprPtr expr =
        analyze_expr(scope_, node, is_rows ? Clause::window_rows : Clause::window_groups);
    refuse_columns(*expr, is_rows ? "ROWS" : "GROUPS");
    return coerce_to_bigint(scope_, std::move(expr), is_rows ? "ROWS" : "GROUPS");
  }

  // The distance in a RANGE frame is of the type that in_range takes for the ordered column.
  ExprPtr range_offset(const raw::Node* node) {
    ExprPtr expr = analyze_expr(scope_, node, Clause::window_range);
    refuse_columns(*expr, "RANGE");
    const Oid ordered = window_.order_by[0].expr->type.oid;
    Oid wanted = ordered;
    switch (ordered) {
      case oids::int2:
      case oids::int4:
      case oids::int8:
      case oids::numeric:
      case oids::float4:
      case oids::float8:
        if (ordered == oids::float4) wanted = oids::float8;
        break;
      case oids::date:
      case oids::time:
      case oids::timetz:
      case oids::timestamp:
      case oids::timestamptz:
      case oids::interval:
        wanted = oids::interval;
        break;
      default:
        throw error_at(scope_, sqlstate::feature_not_supported,
                       fmt::format("RANGE with offset PRECEDING/FOLLOWING is not supported for "
                                   "column type {}",
                                   type_text(scope_.statement, ordered)),
                       location_of(*expr));
    }
    const Oid source = expr->type.oid;
    if (!can_coerce(scope_.statement, source, wanted, CoercionContext::implicit)) {
      throw error_at(
          scope_, sqlstate::feature_not_supported,
          fmt::format("RANGE with offset PRECEDING/FOLLOWING is not supported for "
                      "column type {} and offset type {}",
                      type_text(scope_.statement, ordered), type_text(scope_.statement, source)),
          location_of(*expr))
          .hint("Cast the offset value to an appropriate type.");
    }
    return coerce_implicitly(scope_, std::move(expr), wanted);
  }

  void refuse_columns(const Expr& expr, std::string_view name) const {
    if (expr.kind == ExprKind::column && static_cast<const ColumnExpr&>(expr).levels_up == 0) {
      throw error_at(scope_, sqlstate::invalid_column_reference,
                     fmt::format("argument of {} must not contain variables", name), expr.location);
    }
    visit_children(expr, [&](const Expr& child) { refuse_columns(child, name); });
  }

  Scope& scope_;
  const PgQuery__WindowDef& definition_;
  WindowDefinition window_;
};

}  // namespace

void analyze_windows(Scope& scope) {
  // Definitions may grow no further: window calls are not allowed inside them.
  for (const PgQuery__WindowDef* definition : scope.window_definitions) {
    WindowBuilder builder(scope, *definition);
    scope.query->windows.push_back(builder.build(scope.query->windows));
  }
}

}  // namespace dvecdb::server::query
