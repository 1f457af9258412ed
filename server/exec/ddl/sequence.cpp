// CREATE SEQUENCE and ALTER SEQUENCE.
#include <fmt/format.h>

#include <cstdlib>
#include <limits>
#include <optional>

#include "server/catalog/sequences.h"
#include "server/exec/ddl/table_definition.h"
#include "server/exec/privileges.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using query::RelationDesc;
using types::SqlError;
namespace oids = types::oids;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

struct Range {
  std::int64_t low, high;
};

Range range_of(Oid type) {
  switch (type) {
    case oids::int2:
      return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case oids::int4:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

Oid type_of(const raw::Node* arg) {
  const std::string name = definition_text(arg);
  if (name == "int2" || name == "smallint") return oids::int2;
  if (name == "int4" || name == "integer" || name == "int") return oids::int4;
  if (name == "int8" || name == "bigint") return oids::int8;
  throw SqlError(sqlstate::invalid_parameter_value,
                 "sequence type must be smallint, integer, or bigint");
}

struct Parsed {
  std::optional<Oid> type;
  std::optional<std::int64_t> start, increment, minimum, maximum, cache, restart;
  bool no_minimum = false, no_maximum = false, restarts = false;
  std::optional<bool> cycles;
  std::vector<std::string> owned_by;  // empty: not given
  std::string name;                   // SEQUENCE NAME of an identity column
};

std::int64_t number_of(const raw::Node* arg) {
  return std::strtoll(definition_text(arg).c_str(), nullptr, 10);
}

Parsed parse_options(raw::NodeList options) {
  Parsed parsed;
  for (const raw::Node* node : options) {
    const PgQuery__DefElem& element = *node->def_elem;
    const std::string_view name = element.defname;
    const raw::Node* arg = element.arg;
    if (name == "as") {
      parsed.type = type_of(arg);
    } else if (name == "increment") {
      parsed.increment = number_of(arg);
    } else if (name == "start") {
      parsed.start = number_of(arg);
    } else if (name == "restart") {
      parsed.restarts = true;
      if (arg != nullptr) parsed.restart = number_of(arg);
    } else if (name == "minvalue") {
      if (arg != nullptr) parsed.minimum = number_of(arg);
      parsed.no_minimum = arg == nullptr;
    } else if (name == "maxvalue") {
      if (arg != nullptr) parsed.maximum = number_of(arg);
      parsed.no_maximum = arg == nullptr;
    } else if (name == "cache") {
      parsed.cache = number_of(arg);
    } else if (name == "cycle") {
      parsed.cycles = definition_flag(element);
    } else if (name == "owned_by") {
      for (const raw::Node* part : raw::list(arg->list->n_items, arg->list->items)) {
        parsed.owned_by.emplace_back(raw::string_of(part));
      }
    } else if (name == "sequence_name") {
      for (const raw::Node* part : raw::list(arg->list->n_items, arg->list->items)) {
        parsed.name = raw::string_of(part);
      }
    }
  }
  return parsed;
}

void check(const catalog::SequenceDefinition& d) {
  const auto refuse = [](std::string message) {
    throw SqlError(sqlstate::invalid_parameter_value, std::move(message));
  };
  const Range range = range_of(d.type);
  const std::string_view type = d.type == oids::int2   ? "smallint"
                                : d.type == oids::int4 ? "integer"
                                                       : "bigint";
  if (d.increment == 0) refuse("INCREMENT must not be zero");
  if (d.maximum > range.high || d.maximum < range.low) {
    refuse(fmt::format("MAXVALUE ({}) is out of range for sequence data type {}", d.maximum, type));
  }
  if (d.minimum > range.high || d.minimum < range.low) {
    refuse(fmt::format("MINVALUE ({}) is out of range for sequence data type {}", d.minimum, type));
  }
  if (d.minimum >= d.maximum) {
    refuse(fmt::format("MINVALUE ({}) must be less than MAXVALUE ({})", d.minimum, d.maximum));
  }
  if (d.start < d.minimum) {
    refuse(fmt::format("START value ({}) cannot be less than MINVALUE ({})", d.start, d.minimum));
  }
  if (d.start > d.maximum) {
    refuse(
        fmt::format("START value ({}) cannot be greater than MAXVALUE ({})", d.start, d.maximum));
  }
  if (d.cache <= 0) refuse(fmt::format("CACHE ({}) must be greater than zero", d.cache));
}

// What the options change of a definition; `is_new` fills in the defaults.
void apply(const Parsed& parsed, bool is_new, catalog::SequenceDefinition& d) {
  const Range before = range_of(d.type);
  if (parsed.type) d.type = *parsed.type;
  if (parsed.increment) d.increment = *parsed.increment;
  if (parsed.cycles) d.cycles = *parsed.cycles;
  if (parsed.cache) d.cache = *parsed.cache;
  const Range range = range_of(d.type);
  const std::int64_t default_maximum = d.increment > 0 ? range.high : -1;
  const std::int64_t default_minimum = d.increment > 0 ? 1 : range.low;
  const bool type_changed = !is_new && parsed.type.has_value();
  if (parsed.maximum) {
    d.maximum = *parsed.maximum;
  } else if (is_new || parsed.no_maximum || (type_changed && d.maximum == before.high)) {
    d.maximum = default_maximum;
  }
  if (parsed.minimum) {
    d.minimum = *parsed.minimum;
  } else if (is_new || parsed.no_minimum || (type_changed && d.minimum == before.low)) {
    d.minimum = default_minimum;
  }
  if (parsed.start) {
    d.start = *parsed.start;
  } else if (is_new) {
    d.start = d.increment > 0 ? d.minimum : d.maximum;
  }
  check(d);
}

void set_owner(Ddl& ddl, Oid sequence, const std::vector<std::string>& owned_by) {
  if (owned_by.empty()) return;
  if (owned_by.size() == 1) {
    if (owned_by.front() != "none") {
      throw SqlError(sqlstate::syntax_error, "invalid OWNED BY option")
          .hint("Specify OWNED BY table.column or OWNED BY NONE.");
    }
    ddl.writer().set_sequence_owner(sequence, types::invalid_oid, 0, false);
    return;
  }
  QualifiedName name;
  name.name = owned_by[owned_by.size() - 2];
  if (owned_by.size() > 2) name.schema = owned_by[owned_by.size() - 3];
  const RelationDesc* table = find_relation_or_null(ddl.context(), name);
  if (table == nullptr) {
    throw SqlError(sqlstate::undefined_table,
                   fmt::format("relation \"{}\" does not exist", name.name));
  }
  const query::ColumnDesc* column = find_column(*table, owned_by.back());
  if (column == nullptr) {
    throw SqlError(sqlstate::undefined_column,
                   fmt::format("column \"{}\" of relation \"{}\" does not exist", owned_by.back(),
                               table->name));
  }
  ddl.writer().set_sequence_owner(sequence, table->oid, column->number, false);
}

catalog::SequenceDefinition current_definition(Ddl& ddl, const RelationDesc& sequence) {
  namespace seq = catalog::pg_sequence;
  catalog::SequenceDefinition d;
  d.name = sequence.name;
  d.schema = sequence.schema_oid;
  d.owner = sequence.owner;
  d.persistence = sequence.persistence;
  storage::Statement row = ddl.connection().prepare(fmt::format(
      "SELECT c{}, c{}, c{}, c{}, c{}, c{}, c{} FROM {} WHERE c{} = ?1",
      static_cast<int>(seq::seqtypid), static_cast<int>(seq::seqstart),
      static_cast<int>(seq::seqincrement), static_cast<int>(seq::seqmin),
      static_cast<int>(seq::seqmax), static_cast<int>(seq::seqcache),
      static_cast<int>(seq::seqcycle), seq::table.store_name, static_cast<int>(seq::seqrelid)));
  row.bind(1, Value::integer(sequence.oid));
  if (!row.step()) return d;
  d.type = static_cast<Oid>(row.column(0).as_integer());
  d.start = row.column(1).as_integer();
  d.increment = row.column(2).as_integer();
  d.minimum = row.column(3).as_integer();
  d.maximum = row.column(4).as_integer();
  d.cache = row.column(5).as_integer();
  d.cycles = row.column(6).as_boolean();
  return d;
}

}  // namespace

catalog::SequenceDefinition sequence_definition(raw::NodeList options, Oid type) {
  catalog::SequenceDefinition definition;
  definition.type = type;
  Parsed parsed = parse_options(options);
  if (!parsed.type) parsed.type = type;
  apply(parsed, true, definition);
  return definition;
}

void alter_sequence(Ddl& ddl, Oid oid, raw::NodeList options) {
  const RelationDesc& sequence = *ddl.catalog().find_relation(oid);
  const Parsed parsed = parse_options(options);
  catalog::SequenceDefinition definition = current_definition(ddl, sequence);
  apply(parsed, false, definition);
  // What was handed out so far must be in the store before it is changed there.
  ddl.context().database->sequences().flush(ddl.connection());
  ddl.writer().alter_sequence(oid, definition);
  if (parsed.restarts) {
    const std::int64_t value = parsed.restart.value_or(definition.start);
    if (value < definition.minimum || value > definition.maximum) {
      const bool is_low = value < definition.minimum;
      throw SqlError(sqlstate::invalid_parameter_value,
                     fmt::format("RESTART value ({}) cannot be {} than {} ({})", value,
                                 is_low ? "less" : "greater", is_low ? "MINVALUE" : "MAXVALUE",
                                 is_low ? definition.minimum : definition.maximum));
    }
    catalog::set_sequence_value(ddl.connection(), oid, value, false);
  }
  ddl.context().forget_sequence(oid);
  set_owner(ddl, oid, parsed.owned_by);
  ddl.changed();
}

StatementResult run_create_sequence(UtilityCall& call) {
  const PgQuery__CreateSeqStmt& statement = *call.node->create_seq_stmt;
  Ddl ddl(call, "CREATE SEQUENCE");
  const QualifiedName name = name_of(*statement.sequence);
  const bool is_temporary = raw::view(statement.sequence->relpersistence) == "t";
  const query::SchemaDesc& schema = creation_schema(ddl, name, is_temporary);
  if (skip_existing(ddl, name, schema, statement.if_not_exists != 0)) {
    return tag_result("CREATE SEQUENCE");
  }
  const raw::NodeList options = raw::list(statement.n_options, statement.options);
  catalog::SequenceDefinition definition = sequence_definition(options, oids::int8);
  definition.name = name.name;
  definition.schema = schema.oid;
  definition.owner = ddl.owner();
  if (is_temporary) definition.persistence = 't';
  const Oid oid = ddl.writer().create_sequence(definition);
  ddl.changed();
  set_owner(ddl, oid, parse_options(options).owned_by);
  ddl.changed();
  return tag_result("CREATE SEQUENCE");
}

StatementResult run_alter_sequence(UtilityCall& call) {
  const PgQuery__AlterSeqStmt& statement = *call.node->alter_seq_stmt;
  Ddl ddl(call, "ALTER SEQUENCE");
  const QualifiedName name = name_of(*statement.sequence);
  const RelationDesc* sequence = find_relation_or_null(call.context, name);
  if (sequence == nullptr) {
    const std::string message = fmt::format("relation \"{}\" does not exist", name.name);
    if (statement.missing_ok == 0) throw SqlError(sqlstate::undefined_table, message);
    notice_skip(call.context, message);
    return tag_result("ALTER SEQUENCE");
  }
  if (sequence->kind != 'S') {
    throw SqlError(sqlstate::wrong_object_type,
                   fmt::format("\"{}\" is not a sequence", sequence->name));
  }
  require_owner(call.context, sequence->owner, "sequence", sequence->name);
  alter_sequence(ddl, sequence->oid, raw::list(statement.n_options, statement.options));
  return tag_result("ALTER SEQUENCE");
}

}  // namespace dvecdb::server::exec
