#include "server/catalog/state.h"
#include "server/catalog/writer_rows.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

ColumnValues sequence_row(Oid sequence, const SequenceDefinition& definition) {
  using namespace pg_sequence;
  return {{seqrelid, oid_value(sequence)},
          {seqtypid, oid_value(definition.type)},
          {seqstart, Value::integer(definition.start)},
          {seqincrement, Value::integer(definition.increment)},
          {seqmax, Value::integer(definition.maximum)},
          {seqmin, Value::integer(definition.minimum)},
          {seqcache, Value::integer(definition.cache)},
          {seqcycle, Value::boolean(definition.cycles)}};
}

}  // namespace

Oid Writer::create_sequence(const SequenceDefinition& definition) {
  struct SequenceColumn {
    std::string_view name;
    Oid type;
  };
  constexpr SequenceColumn columns[] = {{"last_value", types::oids::int8},
                                        {"log_cnt", types::oids::int8},
                                        {"is_called", types::oids::boolean}};
  ClassRow row;
  row.oid = allocate_oid(connection_, false);
  row.name = definition.name;
  row.schema = definition.schema;
  row.owner = definition.owner;
  row.kind = 'S';
  row.persistence = definition.persistence;
  row.columns = static_cast<int>(std::size(columns));
  add_class(connection_, row);
  int number = 0;
  for (const SequenceColumn& column : columns) {
    AttributeRow attribute;
    attribute.relation = row.oid;
    attribute.number = ++number;
    attribute.name = column.name;
    attribute.type = {column.type, -1};
    attribute.not_null = true;
    add_attribute(connection_, attribute);
  }
  add_system_attributes(connection_, row.oid);
  add_dependency(connection_, relation_address(row.oid), schema_address(definition.schema),
                 DependencyType::normal);
  insert_row(connection_, pg_sequence::table, sequence_row(row.oid, definition));

  const std::string oid = std::to_string(row.oid);
  connection_.execute("INSERT INTO main.sequence_state VALUES (" + oid + ", " +
                      std::to_string(definition.start) + ", 0, 0)");
  connection_.execute("CREATE VIEW main.t" + oid +
                      " AS SELECT last_value AS c1, log_count AS c2, is_called AS c3 "
                      "FROM sequence_state WHERE sequence = " +
                      oid);
  changed();
  return row.oid;
}

void Writer::alter_sequence(Oid sequence, const SequenceDefinition& definition) {
  update_rows(connection_, pg_sequence::table, {{pg_sequence::seqrelid, oid_value(sequence)}},
              sequence_row(sequence, definition));
  changed();
}

void Writer::set_sequence_owner(Oid sequence, Oid owner, std::int16_t column, bool is_identity) {
  using namespace pg_depend;
  for (const char type : {'a', 'i'}) {
    delete_rows(connection_, table,
                {{classid, oid_value(pg_class::table.oid)},
                 {objid, oid_value(sequence)},
                 {refclassid, oid_value(pg_class::table.oid)},
                 {deptype, char_value(type)}});
  }
  if (owner != types::invalid_oid) {
    add_dependency(connection_, relation_address(sequence), relation_address(owner, column),
                   is_identity ? DependencyType::internal : DependencyType::automatic);
  }
  changed();
}

}  // namespace dvecdb::server::catalog
