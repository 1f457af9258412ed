// Makes a Snapshot out of catalog rows. The rows of a table come from the binary (TextRow) or from
// the row store (StoreRow).
//
// Call the add_* functions in the order in which they stand here; finish() once at the end.
#pragma once

#include <memory>
#include <string>

#include "server/catalog/row.h"
#include "server/catalog/snapshot.h"

namespace dvecdb::server::catalog {

class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(SnapshotPtr base);

  void add_schema(const Row& row);
  void add_access_method(const Row& row);
  void add_collation(const Row& row);
  void add_language(const Row& row);
  void add_proc(const Row& row);
  void add_aggregate(const Row& row);
  void add_type(const Row& row);
  void add_enum_label(const Row& row);
  void add_operator(const Row& row);
  void add_cast(const Row& row);
  void add_operator_class(const Row& row);
  void add_operator_family_member(const Row& row);
  void add_relation(const Row& row);
  void add_column(const Row& row);
  void add_default(const Row& row);
  // Of pg_depend: the sequence of an identity column.
  void add_dependency(const Row& row);
  void add_index(const Row& row);
  // The index's own pg_class row: method and options.
  void add_index_details(const Row& row);
  void add_constraint(const Row& row);
  void add_rewrite_rule(const Row& row);
  void set_view_text(Oid view, std::string text);
  void add_role(const Row& row);
  void add_role_membership(const Row& row);
  void add_database(const Row& row);
  void add_role_setting(const Row& row);
  void add_extension(const Row& row);

  SnapshotPtr finish(std::uint64_t version);

 private:
  std::string schema_name(Oid oid) const;
  void add_acl(const Row& row, int column, Oid object, std::int16_t attribute = 0);
  void link_relations();
  void fill_types();

  std::shared_ptr<Snapshot> snapshot_;
  std::unordered_map<Oid, std::string> languages_;
  std::unordered_map<Oid, Oid> class_families_;
};

}  // namespace dvecdb::server::catalog
