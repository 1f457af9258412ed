// Which function a call means.
#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

// For named notation: the parameter of each argument; nothing when the names do not fit.
std::optional<std::vector<int>> match_names(const ProcDesc& proc, std::size_t count,
                                            const std::vector<std::string>& names) {
  const std::size_t parameters = proc.arguments.size();
  const std::size_t positional = count - names.size();
  if (proc.argument_names.empty() || positional > parameters) return std::nullopt;
  std::vector<int> positions;
  std::vector<bool> taken(parameters, false);
  for (std::size_t i = 0; i < positional; ++i) {
    positions.push_back(static_cast<int>(i));
    taken[i] = true;
  }
  for (const std::string& name : names) {
    const auto end = proc.argument_names.begin() +
                     static_cast<std::ptrdiff_t>(std::min(parameters, proc.argument_names.size()));
    const auto at = std::find(proc.argument_names.begin(), end, name);
    if (at == end) return std::nullopt;
    const auto position = static_cast<std::size_t>(at - proc.argument_names.begin());
    if (taken[position]) return std::nullopt;
    taken[position] = true;
    positions.push_back(static_cast<int>(position));
  }
  // Parameters not given must have defaults; they are the last ones.
  for (std::size_t i = 0; i < parameters; ++i) {
    if (!taken[i] && i + static_cast<std::size_t>(proc.default_count) < parameters) {
      return std::nullopt;
    }
  }
  for (std::size_t i = 0; i < parameters; ++i) {
    if (!taken[i]) positions.push_back(static_cast<int>(i));
  }
  return positions;
}

// The candidate that `proc` is for a call with `count` arguments, if it can be one.
std::optional<Candidate> candidate_of(const ProcDesc& proc, std::size_t count,
                                      const std::vector<std::string>& names, bool expand_variadic) {
  Candidate candidate;
  candidate.proc = &proc;
  const std::size_t parameters = proc.arguments.size();
  if (!names.empty()) {
    if (parameters < count || (proc.variadic != types::invalid_oid && expand_variadic)) {
      return std::nullopt;
    }
    const auto positions = match_names(proc, count, names);
    if (!positions) return std::nullopt;
    candidate.positions = *positions;
    candidate.default_count = static_cast<int>(parameters - count);
    for (const int position : candidate.positions) {
      candidate.types.push_back(proc.arguments[static_cast<std::size_t>(position)]);
    }
    candidate.types.resize(count);
    return candidate;
  }
  candidate.types = proc.arguments;
  const bool is_variadic = proc.variadic != types::invalid_oid && expand_variadic;
  if (is_variadic && count >= parameters && parameters > 0) {
    candidate.variadic_count = static_cast<int>(count - parameters + 1);
    candidate.types.resize(parameters - 1);
    candidate.types.resize(count, proc.variadic);
    return candidate;
  }
  if (parameters == count) return candidate;
  if (parameters > count && parameters <= count + static_cast<std::size_t>(proc.default_count) &&
      !is_variadic) {
    candidate.default_count = static_cast<int>(parameters - count);
    candidate.types.resize(count);
    return candidate;
  }
  return std::nullopt;
}

// Of two candidates with the same types: -1 keeps the first, 1 the second, 0 neither can win.
int preference(const Candidate& a, const Candidate& b) {
  if (a.path_rank != b.path_rank) return a.path_rank < b.path_rank ? -1 : 1;
  const bool a_variadic = a.variadic_count > 0;
  const bool b_variadic = b.variadic_count > 0;
  if (a_variadic != b_variadic) return a_variadic ? 1 : -1;
  if (a.default_count != b.default_count) return a.default_count < b.default_count ? -1 : 1;
  return 0;
}

void add_candidate(std::vector<Candidate>& all, Candidate candidate) {
  for (Candidate& other : all) {
    if (other.types != candidate.types) continue;
    if (preference(other, candidate) > 0) other = std::move(candidate);
    return;
  }
  all.push_back(std::move(candidate));
}

CallKind kind_of(const ProcDesc& proc) {
  switch (proc.kind) {
    case 'a':
      return CallKind::aggregate;
    case 'w':
      return CallKind::window;
    case 'p':
      return CallKind::procedure;
    default:
      return CallKind::normal;
  }
}

// f(x) may be a cast when f names a type and the cast needs no function of its own.
bool is_cast_by_call(const Statement& statement, std::string_view schema, std::string_view name,
                     const CallArguments& arguments, Candidate& candidate) {
  if (arguments.values.size() != 1 || !arguments.names.empty()) return false;
  const TypeDesc* target = find_type_named(statement, schema, name);
  if (target == nullptr || target->kind == TypeKind::composite) return false;
  const Oid source = arguments.values[0]->type.oid;
  bool possible = source == oids::unknown;
  if (!possible) {
    const CoercionPath path =
        find_coercion(statement, source, target->oid, CoercionContext::explicit_cast);
    if (path.kind == CoercionPath::relabel) {
      possible = true;
    } else if (path.kind == CoercionPath::via_text) {
      possible = source != oids::record && !is_composite(statement, source) &&
                 !(category_of(statement, target->oid) == 'S' && is_composite(statement, source));
    }
  }
  if (!possible) return false;
  candidate = Candidate{};
  candidate.types = {target->oid};
  return true;
}

}  // namespace

std::vector<Candidate> function_candidates(const Statement& statement, std::string_view schema,
                                           std::string_view name, std::size_t count,
                                           const std::vector<std::string>& argument_names,
                                           bool expand_variadic) {
  const std::vector<std::string_view> order = lookup_order(statement);
  std::vector<Candidate> all;
  for (const ProcDesc* proc : statement.catalog().find_procs(name)) {
    int rank = 0;
    if (schema.empty()) {
      const auto at = std::find(order.begin(), order.end(), proc->schema);
      if (at == order.end()) continue;
      rank = static_cast<int>(at - order.begin());
    } else if (proc->schema != schema) {
      continue;
    }
    auto candidate = candidate_of(*proc, count, argument_names, expand_variadic);
    if (!candidate) continue;
    candidate->path_rank = rank;
    add_candidate(all, std::move(*candidate));
  }
  return all;
}

CallChoice choose_function(const Scope& scope, std::string_view schema, std::string_view name,
                           const CallArguments& arguments, bool expand_variadic) {
  const Statement& statement = scope.statement;
  const std::vector<Oid> types = types_of(arguments.values);
  std::vector<Candidate> candidates =
      function_candidates(statement, schema, name, types.size(), arguments.names, expand_variadic);
  for (const Candidate& candidate : candidates) {
    if (candidate.types == types) return {kind_of(*candidate.proc), candidate};
  }
  Candidate cast;
  if (is_cast_by_call(statement, schema, name, arguments, cast)) {
    return {CallKind::coercion, cast};
  }
  std::vector<Candidate> fit = match_types(statement, types, candidates);
  if (fit.empty()) return {CallKind::not_found, {}};
  if (fit.size() == 1) return {kind_of(*fit[0].proc), fit[0]};
  const Candidate* chosen = select_candidate(statement, types, fit);
  if (chosen == nullptr) return {CallKind::multiple, {}};
  return {kind_of(*chosen->proc), *chosen};
}

}  // namespace dvecdb::server::query
