// What anyelement, anyarray, anycompatible ... stand for in one call.
#include <fmt/format.h>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

bool is_element_like(Oid type) {
  return type == oids::anyelement || type == oids::anynonarray || type == oids::anyenum;
}

bool is_compatible_element(Oid type) {
  return type == oids::anycompatible || type == oids::anycompatiblenonarray;
}

SqlError mismatch(std::string message) {
  return SqlError(sqlstate::datatype_mismatch, std::move(message));
}

// What was learnt from the arguments. `problem` holds the first contradiction.
struct Findings {
  const Statement& statement;
  Oid element = types::invalid_oid;
  Oid array = types::invalid_oid;
  std::vector<Oid> compatible{};
  bool has_one = false;         // anyelement and its kin are declared
  bool has_compatible = false;  // anycompatible and its kin
  bool wants_enum = false;
  bool wants_non_array = false;
  bool compatible_non_array = false;
  std::optional<SqlError> problem{};

  void contradict(SqlError error) {
    if (!problem) problem = std::move(error);
  }

  void see_element(Oid actual) {
    if (element != types::invalid_oid && element != actual) {
      contradict(
          mismatch("arguments declared \"anyelement\" are not all alike")
              .detail(type_text(statement, element) + " versus " + type_text(statement, actual)));
    }
    if (element == types::invalid_oid) element = actual;
  }

  void see_array(Oid actual) {
    actual = base_type(statement, actual);
    if (array != types::invalid_oid && array != actual) {
      contradict(
          mismatch("arguments declared \"anyarray\" are not all alike")
              .detail(type_text(statement, array) + " versus " + type_text(statement, actual)));
    }
    if (array == types::invalid_oid) array = actual;
  }

  void see_compatible_array(Oid actual) {
    const Oid found = array_element(statement, actual);
    if (found == types::invalid_oid) {
      contradict(
          mismatch(fmt::format("argument declared anycompatiblearray is not an array but "
                               "type {}",
                               type_text(statement, actual))));
      return;
    }
    compatible.push_back(found);
  }

  void see(Oid declared, Oid actual) {
    const bool is_known = actual != oids::unknown;
    if (is_element_like(declared)) {
      has_one = true;
      wants_enum = wants_enum || declared == oids::anyenum;
      wants_non_array = wants_non_array || declared == oids::anynonarray;
      if (is_known) see_element(actual);
    } else if (declared == oids::anyarray) {
      has_one = true;
      if (is_known) see_array(actual);
    } else if (is_compatible_element(declared)) {
      has_compatible = true;
      compatible_non_array = compatible_non_array || declared == oids::anycompatiblenonarray;
      if (is_known) compatible.push_back(actual);
    } else if (declared == oids::anycompatiblearray) {
      has_compatible = true;
      if (is_known) see_compatible_array(actual);
    } else if (is_polymorphic(declared)) {
      // Ranges are no types of ours.
      if (is_known) contradict(mismatch("range types are not supported"));
    }
  }

  void relate_array() {
    if (array == types::invalid_oid || array == oids::anyarray) return;
    const Oid found = array_element(statement, array);
    if (found == types::invalid_oid) {
      contradict(mismatch("argument declared anyarray is not an array but type " +
                          type_text(statement, array)));
    } else if (element == types::invalid_oid) {
      element = found;
    } else if (found != element) {
      contradict(
          mismatch("argument declared anyarray is not consistent with argument declared "
                   "anyelement")
              .detail(type_text(statement, array) + " versus " + type_text(statement, element)));
    }
  }

  void check_kinds() {
    if (element == types::invalid_oid) return;
    if (wants_non_array && array_element(statement, element) != types::invalid_oid) {
      contradict(mismatch("type matched to anynonarray is an array type: " +
                          type_text(statement, element)));
    }
    const TypeDesc* desc = statement.catalog().find_type(element);
    if (wants_enum && (desc == nullptr || desc->kind != TypeKind::enumeration)) {
      contradict(mismatch("type matched to anyenum is not an enum type: " +
                          type_text(statement, element)));
    }
  }
};

Findings examine(const Statement& statement, const std::vector<Oid>& actual,
                 const std::vector<Oid>& declared) {
  Findings findings{statement};
  for (std::size_t i = 0; i < actual.size(); ++i) findings.see(declared[i], actual[i]);
  findings.relate_array();
  findings.check_kinds();
  return findings;
}

Oid array_type_for(const Statement& statement, Oid element) {
  if (element == types::invalid_oid) return types::invalid_oid;
  const Oid array = array_of(statement, element);
  if (array == types::invalid_oid) {
    throw SqlError(sqlstate::undefined_object,
                   "could not find array type for data type " + type_text(statement, element));
  }
  return array;
}

Oid resolved(const Statement& statement, Oid declared, Oid element, Oid array, Oid compatible) {
  if (is_element_like(declared)) return element;
  if (declared == oids::anyarray) {
    return array != types::invalid_oid ? array : array_type_for(statement, element);
  }
  if (is_compatible_element(declared)) return compatible;
  if (declared == oids::anycompatiblearray) return array_type_for(statement, compatible);
  return declared;
}

}  // namespace

bool polymorphic_consistent(const Statement& statement, const std::vector<Oid>& actual,
                            const std::vector<Oid>& declared) {
  const Findings findings = examine(statement, actual, declared);
  if (findings.problem) return false;
  if (findings.compatible.empty()) return true;
  const Oid common = common_type_of(statement, findings.compatible);
  if (common == types::invalid_oid) return false;
  if (findings.compatible_non_array && array_element(statement, common) != types::invalid_oid) {
    return false;
  }
  for (const Oid type : findings.compatible) {
    if (!can_coerce(statement, type, common, CoercionContext::implicit)) return false;
  }
  return true;
}

Oid resolve_polymorphic(const Statement& statement, const std::vector<Oid>& actual,
                        std::vector<Oid>& declared, Oid result) {
  const Findings findings = examine(statement, actual, declared);
  if (findings.problem) throw SqlError(*findings.problem);
  if (!findings.has_one && !findings.has_compatible) return result;

  Oid element = findings.element;
  if (findings.has_one && element == types::invalid_oid && findings.array == types::invalid_oid) {
    throw mismatch("could not determine polymorphic type because input has type unknown");
  }
  Oid compatible = types::invalid_oid;
  if (findings.has_compatible) {
    compatible = findings.compatible.empty() ? static_cast<Oid>(oids::text)
                                             : common_type_of(statement, findings.compatible);
    if (compatible == types::invalid_oid) {
      throw mismatch("arguments of anycompatible family cannot be cast to a common type");
    }
  }
  for (Oid& type : declared) {
    const Oid now = resolved(statement, type, element, findings.array, compatible);
    if (now != types::invalid_oid) type = now;
  }
  return resolved(statement, result, element, findings.array, compatible);
}

}  // namespace dvecdb::server::query
