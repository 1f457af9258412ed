#include "server/catalog/snapshot.h"

#include <algorithm>

#include "server/catalog/reg_names.h"

namespace dvecdb::server::catalog {

namespace {

std::uint64_t pair_key(Oid high, std::uint32_t low) {
  return static_cast<std::uint64_t>(high) << 32 | low;
}

// This snapshot's answer, else the base's.
template <typename Found, typename Base, typename Search>
Found or_base(Found own, const Base& base, Search&& search) {
  return own != Found{} || base == nullptr ? own : search(*base);
}

}  // namespace

const SchemaDesc* Snapshot::find_schema(std::string_view name) const {
  return schemas_.find_first(name);
}
const SchemaDesc* Snapshot::find_schema(Oid oid) const {
  return schemas_.find(oid);
}
std::vector<const SchemaDesc*> Snapshot::schemas() const {
  std::vector<const SchemaDesc*> all;
  for (const SchemaDesc& schema : schemas_.items()) all.push_back(&schema);
  return all;
}

const RelationDesc* Snapshot::find_relation(std::string_view schema, std::string_view name) const {
  return or_base(relations_.find(schema, name), base_,
                 [&](const Snapshot& base) { return base.find_relation(schema, name); });
}
const RelationDesc* Snapshot::find_relation(Oid oid) const {
  return or_base(relations_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_relation(oid); });
}
std::vector<const RelationDesc*> Snapshot::relations() const {
  std::vector<const RelationDesc*> all;
  for (const RelationDesc& relation : relations_.items()) all.push_back(&relation);
  if (base_ == nullptr) return all;
  for (const RelationDesc& relation : base_->relations_.items()) all.push_back(&relation);
  return all;
}

const IndexDesc* Snapshot::find_index(Oid oid) const {
  return or_base(indexes_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_index(oid); });
}

const ConstraintDesc* Snapshot::find_constraint(Oid oid) const {
  return or_base(constraints_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_constraint(oid); });
}
Oid Snapshot::constraint_relation(Oid constraint) const {
  const auto found = constraint_owners_.find(constraint);
  const Oid own = found == constraint_owners_.end() ? types::invalid_oid : found->second.relation;
  return or_base(own, base_,
                 [&](const Snapshot& base) { return base.constraint_relation(constraint); });
}
std::vector<const ConstraintDesc*> Snapshot::domain_constraints(Oid domain) const {
  std::vector<const ConstraintDesc*> found;
  for (const auto& [constraint, owner] : constraint_owners_) {
    if (owner.domain == domain) found.push_back(constraints_.find(constraint));
  }
  std::sort(found.begin(), found.end(),
            [](const ConstraintDesc* a, const ConstraintDesc* b) { return a->name < b->name; });
  return or_base(std::move(found), base_,
                 [&](const Snapshot& base) { return base.domain_constraints(domain); });
}

const TypeDesc* Snapshot::find_type(std::string_view schema, std::string_view name) const {
  return or_base(types_.find(schema, name), base_,
                 [&](const Snapshot& base) { return base.find_type(schema, name); });
}
const TypeDesc* Snapshot::find_type(Oid oid) const {
  return or_base(types_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_type(oid); });
}
std::vector<const TypeDesc*> Snapshot::user_types() const {
  std::vector<const TypeDesc*> all;
  for (const TypeDesc& type : types_.items()) all.push_back(&type);
  return all;
}

std::vector<const ProcDesc*> Snapshot::find_procs(std::string_view name) const {
  std::vector<const ProcDesc*> found;
  procs_.collect(name, found);
  if (base_ != nullptr) base_->procs_.collect(name, found);
  return found;
}
const ProcDesc* Snapshot::find_proc(Oid oid) const {
  return or_base(procs_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_proc(oid); });
}

std::vector<const OperatorDesc*> Snapshot::find_operators(std::string_view name) const {
  std::vector<const OperatorDesc*> found;
  operators_.collect(name, found);
  if (base_ != nullptr) base_->operators_.collect(name, found);
  return found;
}
const OperatorDesc* Snapshot::find_operator(Oid oid) const {
  return or_base(operators_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_operator(oid); });
}

const CastDesc* Snapshot::find_cast(Oid source, Oid target) const {
  const auto found = casts_.find(pair_key(source, target));
  const CastDesc* own = found == casts_.end() ? nullptr : &found->second;
  return or_base(own, base_, [&](const Snapshot& base) { return base.find_cast(source, target); });
}

const OperatorClassDesc* Snapshot::find_operator_class(Oid oid) const {
  return or_base(operator_classes_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_operator_class(oid); });
}
std::vector<const OperatorClassDesc*> Snapshot::find_operator_classes(
    std::string_view method) const {
  std::vector<const OperatorClassDesc*> found;
  for (const OperatorClassDesc& desc : operator_classes_.items()) {
    if (desc.method == method) found.push_back(&desc);
  }
  if (base_ == nullptr) return found;
  const std::vector<const OperatorClassDesc*> more = base_->find_operator_classes(method);
  found.insert(found.end(), more.begin(), more.end());
  return found;
}

Oid Snapshot::find_collation(std::string_view name) const {
  const CollationDesc* own = collations_.find_first(name);
  return or_base(own == nullptr ? types::invalid_oid : own->oid, base_,
                 [&](const Snapshot& base) { return base.find_collation(name); });
}
const CollationDesc* Snapshot::find_collation(Oid oid) const {
  return or_base(collations_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_collation(oid); });
}
std::string Snapshot::collation_name(Oid oid) const {
  const CollationDesc* found = find_collation(oid);
  return found == nullptr ? std::string() : found->name;
}

const AccessMethodDesc* Snapshot::find_access_method(std::string_view name) const {
  return or_base(access_methods_.find_first(name), base_,
                 [&](const Snapshot& base) { return base.find_access_method(name); });
}
const AccessMethodDesc* Snapshot::find_access_method(Oid oid) const {
  return or_base(access_methods_.find(oid), base_,
                 [&](const Snapshot& base) { return base.find_access_method(oid); });
}

const RoleDesc* Snapshot::find_role(std::string_view name) const {
  return roles_.find_first(name);
}
const RoleDesc* Snapshot::find_role(Oid oid) const {
  return roles_.find(oid);
}
const std::deque<RoleDesc>& Snapshot::roles() const {
  return roles_.items();
}
const DatabaseDesc* Snapshot::find_database(std::string_view name) const {
  return databases_.find_first(name);
}
const DatabaseDesc* Snapshot::find_database(Oid oid) const {
  return databases_.find(oid);
}
const std::deque<DatabaseDesc>& Snapshot::databases() const {
  return databases_.items();
}
const ExtensionDesc* Snapshot::find_extension(std::string_view name) const {
  return extensions_.find_first(name);
}

const std::vector<std::string>* Snapshot::find_acl(Oid object) const {
  return find_column_acl(object, 0);
}
const std::vector<std::string>* Snapshot::find_column_acl(Oid relation, std::int16_t column) const {
  const auto found = acls_.find(pair_key(relation, static_cast<std::uint16_t>(column)));
  if (found != acls_.end()) return &found->second;
  return base_ == nullptr ? nullptr : base_->find_column_acl(relation, column);
}

std::optional<Oid> Snapshot::resolve_reg(Oid reg_type, std::string_view name) const {
  return catalog::resolve_reg(*this, *this, reg_type, name);
}
std::string Snapshot::reg_name(Oid reg_type, Oid value) const {
  return print_reg(*this, *this, reg_type, value);
}

}  // namespace dvecdb::server::catalog
