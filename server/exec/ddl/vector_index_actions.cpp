#include "server/exec/ddl/vector_index_actions.h"

#include "server/exec/vector_index_definition.h"

namespace dvecdb::server::exec {

void build_vector_index(Ddl& ddl, Oid index_oid) {
  const query::IndexDesc& index = *ddl.catalog().find_index(index_oid);
  const query::RelationDesc& table = *ddl.catalog().find_relation(index.table);
  storage::VectorIndexes& indexes = ddl.context().database->store().vector_indexes();
  indexes.build(ddl.connection(), vector_index_definition(ddl.analysis(), table, index));
  ddl.context().transaction.at_end([&indexes, index_oid](bool committed) {
    if (committed) {
      indexes.publish(index_oid);
    } else {
      indexes.discard(index_oid);
    }
  });
}

void drop_vector_index(Ddl& ddl, const query::IndexDesc& index) {
  const query::RelationDesc& table = *ddl.catalog().find_relation(index.table);
  storage::VectorIndexes& indexes = ddl.context().database->store().vector_indexes();
  indexes.drop(ddl.connection(), vector_index_definition(ddl.analysis(), table, index));
  ddl.context().transaction.at_end([&indexes, oid = index.oid](bool committed) {
    if (committed) indexes.forget(oid);
  });
}

}  // namespace dvecdb::server::exec
