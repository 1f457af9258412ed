// A snapshot as one session sees it: with its search path, so that names print and resolve as that
// session expects. Not thread-safe to build; then immutable.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/catalog/snapshot.h"

namespace dvecdb::server::catalog {

// Passes every question on to a snapshot.
class ForwardingCatalog : public query::Catalog {
 public:
  explicit ForwardingCatalog(const Snapshot& snapshot) : snapshot_(snapshot) {}
  const Snapshot& snapshot() const { return snapshot_; }

  std::uint64_t version() const override { return snapshot_.version(); }
  const SchemaDesc* find_schema(std::string_view name) const override {
    return snapshot_.find_schema(name);
  }
  const SchemaDesc* find_schema(Oid oid) const override { return snapshot_.find_schema(oid); }
  const RelationDesc* find_relation(std::string_view schema, std::string_view name) const override {
    return snapshot_.find_relation(schema, name);
  }
  const RelationDesc* find_relation(Oid oid) const override { return snapshot_.find_relation(oid); }
  const IndexDesc* find_index(Oid oid) const override { return snapshot_.find_index(oid); }
  const TypeDesc* find_type(std::string_view schema, std::string_view name) const override {
    return snapshot_.find_type(schema, name);
  }
  const TypeDesc* find_type(Oid oid) const override { return snapshot_.find_type(oid); }
  std::vector<const ProcDesc*> find_procs(std::string_view name) const override {
    return snapshot_.find_procs(name);
  }
  const ProcDesc* find_proc(Oid oid) const override { return snapshot_.find_proc(oid); }
  std::vector<const OperatorDesc*> find_operators(std::string_view name) const override {
    return snapshot_.find_operators(name);
  }
  const OperatorDesc* find_operator(Oid oid) const override { return snapshot_.find_operator(oid); }
  const CastDesc* find_cast(Oid source, Oid target) const override {
    return snapshot_.find_cast(source, target);
  }
  const OperatorClassDesc* find_operator_class(Oid oid) const override {
    return snapshot_.find_operator_class(oid);
  }
  std::vector<const OperatorClassDesc*> find_operator_classes(
      std::string_view method) const override {
    return snapshot_.find_operator_classes(method);
  }
  Oid find_collation(std::string_view name) const override {
    return snapshot_.find_collation(name);
  }
  std::string collation_name(Oid oid) const override { return snapshot_.collation_name(oid); }
  std::vector<const RelationDesc*> relations() const override { return snapshot_.relations(); }
  std::vector<const ConstraintDesc*> domain_constraints(Oid domain) const override {
    return snapshot_.domain_constraints(domain);
  }

 private:
  const Snapshot& snapshot_;
};

// Keeps its snapshot alive. The types::IoContext and the query::AnalyzeContext of a session use
// it as their catalog.
class SessionCatalog final : public ForwardingCatalog {
 public:
  // `search_path`: the effective one: existing schemas in order, pg_catalog included.
  SessionCatalog(SnapshotPtr snapshot, std::vector<std::string> search_path)
      : ForwardingCatalog(*snapshot),
        kept_(std::move(snapshot)),
        search_path_(std::move(search_path)) {}

  std::span<const std::string> search_path() const override { return search_path_; }
  std::optional<Oid> resolve_reg(Oid reg_type, std::string_view name) const override;
  std::string reg_name(Oid reg_type, Oid value) const override;

 private:
  SnapshotPtr kept_;
  std::vector<std::string> search_path_;
};

// How expressions are kept: every name with its schema, references to relations and others
// (reg* constants) as oids, so that renaming does not touch them.
class StorageCatalog final : public ForwardingCatalog {
 public:
  using ForwardingCatalog::ForwardingCatalog;
  std::string reg_name(Oid /*reg_type*/, Oid /*value*/) const override { return {}; }
};

}  // namespace dvecdb::server::catalog
