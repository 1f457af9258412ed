// Which conversions exist: PostgreSQL's rules over pg_cast.
#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

bool allowed(const CastDesc& cast, CoercionContext context) {
  switch (cast.context) {
    case 'i':
      return true;
    case 'a':
      return context != CoercionContext::implicit;
    default:
      return context == CoercionContext::explicit_cast;
  }
}

CoercionPath path_of_cast(const Statement& statement, const CastDesc& cast,
                          CoercionContext context) {
  if (!allowed(cast, context)) return {};
  if (cast.method == 'b') return {CoercionPath::relabel, nullptr};
  if (cast.method == 'i') return {CoercionPath::via_text, nullptr};
  const ProcDesc* proc = statement.catalog().find_proc(cast.function);
  return proc == nullptr ? CoercionPath{} : CoercionPath{CoercionPath::function, proc};
}

CoercionPath path_of_arrays(const Statement& statement, Oid source, Oid target,
                            CoercionContext context) {
  // Only true arrays: a conversion to these two could not keep their shape.
  if (target == oids::oidvector || target == oids::int2vector) return {};
  const Oid source_element = array_element(statement, source);
  const Oid target_element = array_element(statement, target);
  if (source_element == types::invalid_oid || target_element == types::invalid_oid) return {};
  const CoercionPath element = find_coercion(statement, source_element, target_element, context);
  if (element.kind == CoercionPath::none) return {};
  return {element.kind == CoercionPath::via_text ? CoercionPath::via_text : CoercionPath::array,
          nullptr};
}

}  // namespace

CoercionPath find_coercion(const Statement& statement, Oid source, Oid target,
                           CoercionContext context) {
  source = base_type(statement, source);
  target = base_type(statement, target);
  if (source == target) return {CoercionPath::relabel, nullptr};
  if (const CastDesc* cast = statement.catalog().find_cast(source, target)) {
    return path_of_cast(statement, *cast, context);
  }
  const CoercionPath arrays = path_of_arrays(statement, source, target, context);
  if (arrays.kind != CoercionPath::none) return arrays;
  // Any type converts to a string type by assignment and from one explicitly.
  if (context != CoercionContext::implicit && category_of(statement, target) == 'S') {
    return {CoercionPath::via_text, nullptr};
  }
  if (context == CoercionContext::explicit_cast && category_of(statement, source) == 'S') {
    return {CoercionPath::via_text, nullptr};
  }
  return {};
}

bool can_coerce(const Statement& statement, const std::vector<Oid>& sources,
                const std::vector<Oid>& targets, CoercionContext context) {
  bool has_polymorphic = false;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Oid source = sources[i];
    const Oid target = targets[i];
    if (source == target || target == oids::any) continue;
    if (is_polymorphic(target)) {
      has_polymorphic = true;
      continue;
    }
    if (source == oids::unknown) continue;
    if (find_coercion(statement, source, target, context).kind != CoercionPath::none) continue;
    if (source == oids::record && is_composite(statement, target)) continue;
    if (target == oids::record && is_composite(statement, source)) continue;
    if (target == oids::record_array && is_composite(statement, array_element(statement, source))) {
      continue;
    }
    return false;
  }
  return !has_polymorphic || polymorphic_consistent(statement, sources, targets);
}

}  // namespace dvecdb::server::query
