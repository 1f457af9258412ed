// One database's catalog as of one version. Immutable: read it from any thread; pointers live as
// long as the snapshot.
//
// The built-in objects are one snapshot that all others share as their base; a database's own
// snapshot holds what users made, all schemas, and the roles and databases of the server.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/catalog/objects.h"
#include "server/catalog/shelf.h"
#include "server/query/catalog.h"

namespace dvecdb::server::catalog {

using query::CastDesc;
using query::ConstraintDesc;
using query::IndexDesc;
using query::OperatorClassDesc;
using query::OperatorDesc;
using query::ProcDesc;
using query::RelationDesc;
using query::SchemaDesc;
using types::TypeDesc;
using types::TypeRef;

// Oids below are PostgreSQL's own and those of the vector types.
inline constexpr Oid first_user_oid = 16384;

class Snapshot : public query::Catalog {
 public:
  // The built-in objects alone: what an empty database has, with no users but "postgres".
  static std::shared_ptr<const Snapshot> builtin();

  std::uint64_t version() const override { return version_; }
  const SchemaDesc* find_schema(std::string_view name) const override;
  const SchemaDesc* find_schema(Oid oid) const override;
  const RelationDesc* find_relation(std::string_view schema, std::string_view name) const override;
  const RelationDesc* find_relation(Oid oid) const override;
  const IndexDesc* find_index(Oid oid) const override;
  const TypeDesc* find_type(std::string_view schema, std::string_view name) const override;
  const TypeDesc* find_type(Oid oid) const override;
  std::vector<const ProcDesc*> find_procs(std::string_view name) const override;
  const ProcDesc* find_proc(Oid oid) const override;
  std::vector<const OperatorDesc*> find_operators(std::string_view name) const override;
  const OperatorDesc* find_operator(Oid oid) const override;
  const CastDesc* find_cast(Oid source, Oid target) const override;
  const OperatorClassDesc* find_operator_class(Oid oid) const override;
  std::vector<const OperatorClassDesc*> find_operator_classes(
      std::string_view method) const override;
  Oid find_collation(std::string_view name) const override;
  std::string collation_name(Oid oid) const override;
  // Users' relations first, then the built-in ones; indexes, sequences and composite types too.
  std::vector<const RelationDesc*> relations() const override;
  std::vector<const ConstraintDesc*> domain_constraints(Oid domain) const override;
  std::optional<Oid> resolve_reg(Oid reg_type, std::string_view name) const override;
  std::string reg_name(Oid reg_type, Oid value) const override;

  const ConstraintDesc* find_constraint(Oid oid) const;
  // The relation that a constraint is on; 0 for a domain's.
  Oid constraint_relation(Oid constraint) const;
  std::vector<const SchemaDesc*> schemas() const;
  std::vector<const TypeDesc*> user_types() const;
  const CollationDesc* find_collation(Oid oid) const;
  const AccessMethodDesc* find_access_method(std::string_view name) const;
  const AccessMethodDesc* find_access_method(Oid oid) const;

  const RoleDesc* find_role(std::string_view name) const;
  const RoleDesc* find_role(Oid oid) const;
  const std::deque<RoleDesc>& roles() const;
  const DatabaseDesc* find_database(std::string_view name) const;
  const DatabaseDesc* find_database(Oid oid) const;
  const std::deque<DatabaseDesc>& databases() const;
  const std::vector<RoleSetting>& role_settings() const { return role_settings_; }
  const ExtensionDesc* find_extension(std::string_view name) const;

  // The aclitems of a schema, relation, type, function or language; null when none were ever set.
  const std::vector<std::string>* find_acl(Oid object) const;
  const std::vector<std::string>* find_column_acl(Oid relation, std::int16_t column) const;

 private:
  friend class SnapshotBuilder;
  Snapshot() = default;

  std::shared_ptr<const Snapshot> base_;
  std::uint64_t version_ = 0;
  Shelf<SchemaDesc> schemas_;
  Shelf<RelationDesc> relations_;
  Shelf<IndexDesc> indexes_;
  Shelf<ConstraintDesc> constraints_;
  struct ConstraintOwner {
    Oid relation = types::invalid_oid;
    Oid domain = types::invalid_oid;
  };
  std::unordered_map<Oid, ConstraintOwner> constraint_owners_;
  Shelf<TypeDesc> types_;
  Shelf<ProcDesc> procs_;
  Shelf<OperatorDesc> operators_;
  std::unordered_map<std::uint64_t, CastDesc> casts_;
  Shelf<OperatorClassDesc> operator_classes_;
  Shelf<CollationDesc> collations_;
  Shelf<AccessMethodDesc> access_methods_;
  Shelf<RoleDesc> roles_;
  Shelf<DatabaseDesc> databases_;
  Shelf<ExtensionDesc> extensions_;
  std::vector<RoleSetting> role_settings_;
  std::unordered_map<std::uint64_t, std::vector<std::string>> acls_;  // object << 32 | column
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace dvecdb::server::catalog
