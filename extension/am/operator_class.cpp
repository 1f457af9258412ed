#include "extension/am/operator_class.h"

#include <cstring>

extern "C" {
#include <access/amvalidate.h>
#include <access/htup_details.h>
#include <catalog/pg_amop.h>
#include <catalog/pg_amproc.h>
#include <catalog/pg_opclass.h>
#include <utils/builtins.h>
#include <utils/lsyscache.h>
#include <utils/regproc.h>
#include <utils/syscache.h>
}

namespace dvecdb::extension {
namespace {

constexpr const char* kElements[] = {"vector", "halfvec", "sparsevec", "bit"};
constexpr const char* kDistances[] = {"<->", "<#>", "<=>", "<+>", "<~>", "<%>"};

/// The place of a name, which is the number of its kind.
template <std::size_t N>
bool find_name(const char* const (&names)[N], const char* name, std::uint8_t* out) {
  for (std::size_t i = 0; name != nullptr && i < N; ++i) {
    if (std::strcmp(names[i], name) != 0) continue;
    *out = static_cast<std::uint8_t>(i);
    return true;
  }
  return false;
}

/// Looks through what the catalog has of one operator class, and tells what is wrong.
class Validation {
 public:
  explicit Validation(const FormData_pg_opclass& row) : row_(row) {}

  bool run() {
    for_each<FormData_pg_amop>(AMOPSTRATEGY, [this](const auto& member) { look_at(member); });
    for_each<FormData_pg_amproc>(AMPROCNUM, [this](const auto& function) { look_at(function); });
    require(has_ordering_, "lacks its ordering operator, number 1");
    require(has_distance_, "lacks its distance, support function 1");
    ElementKind element;
    const char* type = type_name(row_.opcintype);
    require(find_element(type, &element), psprintf("is of type %s, which is not indexed", type));
    return is_right_;
  }

 private:
  template <class Form, class Visit>
  void for_each(int cache, Visit visit) {
    CatCList* list = SearchSysCacheList1(cache, ObjectIdGetDatum(row_.opcfamily));
    for (int i = 0; i < list->n_members; ++i) {
      visit(*reinterpret_cast<const Form*>(GETSTRUCT(&list->members[i]->tuple)));
    }
    ReleaseCatCacheList(list);
  }

  void require(bool is_so, const char* else_what) {
    if (is_so) return;
    is_right_ = false;
    ereport(INFO, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                   errmsg("operator class \"%s\" of access method hnsw %s", NameStr(row_.opcname),
                          else_what)));
  }

  /// Of another type: of another operator class in the family.
  bool is_of_type(Oid left, Oid right) const {
    return left == row_.opcintype && right == row_.opcintype;
  }

  void look_at(const FormData_pg_amop& member) {
    const char* name = format_operator(member.amopopr);
    require(member.amopstrategy == kOrderingStrategy,
            psprintf("has operator %s with number %d; there is only 1", name, member.amopstrategy));
    require(member.amoppurpose == AMOP_ORDER,
            psprintf("has operator %s to search by; it must be FOR ORDER BY", name));
    const bool is_ordered = member.amoppurpose != AMOP_ORDER ||
                            opfamily_can_sort_type(member.amopsortfamily, FLOAT8OID);
    require(is_ordered, psprintf("orders operator %s otherwise than by float_ops", name));
    const bool has_signature =
        check_amop_signature(member.amopopr, FLOAT8OID, member.amoplefttype, member.amoprighttype);
    require(has_signature, psprintf("has operator %s, which is no distance: it must return double "
                                    "precision for two values of the type",
                                    name));
    if (!is_of_type(member.amoplefttype, member.amoprighttype)) return;
    has_ordering_ = has_ordering_ || member.amopstrategy == kOrderingStrategy;
    ElementKind element;
    DistanceKind distance;
    const char* short_name = get_opname(member.amopopr);
    if (!find_element(type_name(row_.opcintype), &element)) return;
    require(find_distance(short_name, element, &distance),
            psprintf("has operator %s, which is none of the distances that hnsw knows", name));
  }

  void look_at(const FormData_pg_amproc& function) {
    const char* name = format_procedure(function.amproc);
    const Oid type = function.amproclefttype;
    require(type == function.amprocrighttype,
            psprintf("has function %s for two different types", name));
    const bool is_known =
        function.amprocnum == kDistanceFunction || function.amprocnum == kNormFunction;
    require(is_known, psprintf("has function %s with number %d; there are 1 and 2", name,
                               function.amprocnum));
    if (!is_known) return;
    const int count = function.amprocnum == kDistanceFunction ? 2 : 1;
    require(check_amproc_signature(function.amproc, FLOAT8OID, true, count, count, type, type),
            psprintf("has function %s as number %d, which must take %d of the type and return "
                     "double precision",
                     name, function.amprocnum, count));
    has_distance_ = has_distance_ || (function.amprocnum == kDistanceFunction &&
                                      is_of_type(type, function.amprocrighttype));
  }

  const FormData_pg_opclass& row_;
  bool has_ordering_ = false;
  bool has_distance_ = false;
  bool is_right_ = true;
};

}  // namespace

bool find_element(const char* name, ElementKind* out) {
  std::uint8_t place;
  if (!find_name(kElements, name, &place)) return false;
  *out = static_cast<ElementKind>(place);
  return true;
}

bool find_distance(const char* name, ElementKind element, DistanceKind* out) {
  std::uint8_t place;
  if (!find_name(kDistances, name, &place)) return false;
  *out = static_cast<DistanceKind>(place);
  const bool is_of_bits = *out == DistanceKind::hamming || *out == DistanceKind::jaccard;
  return is_of_bits == (element == ElementKind::bit);
}

char* type_name(Oid type) {
  HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for type %u", type);
  char* name = pstrdup(NameStr(reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typname));
  ReleaseSysCache(tuple);
  return name;
}

bool validate_operator_class(Oid oid) {
  HeapTuple tuple = SearchSysCache1(CLAOID, ObjectIdGetDatum(oid));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for operator class %u", oid);
  const bool is_right =
      Validation(*reinterpret_cast<const FormData_pg_opclass*>(GETSTRUCT(tuple))).run();
  ReleaseSysCache(tuple);
  return is_right;
}

}  // namespace dvecdb::extension
