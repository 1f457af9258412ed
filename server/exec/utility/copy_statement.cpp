// COPY ... TO STDOUT and COPY ... FROM STDIN.
#include <fmt/format.h>

#include <algorithm>

#include "server/exec/ddl/ddl.h"
#include "server/exec/dml/copy_target.h"
#include "server/exec/privileges.h"
#include "server/exec/statement_runner.h"
#include "server/exec/utility/copy_options.h"
#include "server/exec/utility/utility.h"
#include "server/query/deparse.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::RelationDesc;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t context_bytes = 100;
// Data of a client that fits here is read before the right to write is asked for.
constexpr std::size_t read_ahead_bytes = std::size_t{64} << 20;

std::string clipped(std::string_view text) {
  if (text.size() <= context_bytes) return std::string(text);
  std::size_t end = context_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// The attnums of the column list; without one, all that can be given a value.
std::vector<std::int16_t> copied_columns(const PgQuery__CopyStmt& statement,
                                         const RelationDesc& relation) {
  std::vector<std::int16_t> numbers;
  if (statement.n_attlist == 0) {
    for (const ColumnDesc& column : relation.columns) {
      if (!column.is_dropped && column.generated == '\0') numbers.push_back(column.number);
    }
    return numbers;
  }
  for (const raw::Node* node : raw::list(statement.n_attlist, statement.attlist)) {
    const std::string_view name = raw::string_of(node);
    const auto found =
        std::find_if(relation.columns.begin(), relation.columns.end(),
                     [&](const ColumnDesc& c) { return !c.is_dropped && c.name == name; });
    if (found == relation.columns.end()) {
      throw SqlError(
          sqlstate::undefined_column,
          fmt::format("column \"{}\" of relation \"{}\" does not exist", name, relation.name));
    }
    if (found->generated != '\0') {
      throw SqlError(sqlstate::invalid_column_reference,
                     fmt::format("column \"{}\" is a generated column", name))
          .detail("Generated columns cannot be used in COPY.");
    }
    if (std::find(numbers.begin(), numbers.end(), found->number) != numbers.end()) {
      throw SqlError(sqlstate::duplicate_column,
                     fmt::format("column \"{}\" specified more than once", name));
    }
    numbers.push_back(found->number);
  }
  return numbers;
}

std::vector<std::string> names_of(const RelationDesc& relation,
                                  const std::vector<std::int16_t>& numbers) {
  std::vector<std::string> names;
  for (const std::int16_t number : numbers) {
    names.push_back(relation.columns[static_cast<std::size_t>(number - 1)].name);
  }
  return names;
}

StatementPtr table_query(SessionContext& context, const RelationDesc& relation,
                         const std::vector<std::int16_t>& numbers) {
  std::string list;
  for (const std::string& name : names_of(relation, numbers)) {
    list += (list.empty() ? "" : ", ") + query::quote_identifier(name);
  }
  const std::string text =
      fmt::format("SELECT {} FROM {}.{}", list, query::quote_identifier(relation.schema),
                  query::quote_identifier(relation.name));
  auto statement = std::make_shared<Statement>();
  statement->text = std::make_shared<const std::string>(text);
  statement->raw = query::parse(*statement->text).front();
  analyze_statement(context, *statement, false);
  return statement;
}

StatementResult copy_to(UtilityCall& call) {
  SessionContext& context = call.context;
  const PgQuery__CopyStmt& copy = *call.node->copy_stmt;
  StatementPtr statement;
  if (copy.relation != nullptr) {
    const RelationDesc& relation = find_relation(call, *copy.relation);
    if (relation.kind == 'v') {
      throw SqlError(sqlstate::wrong_object_type,
                     fmt::format("cannot copy from view \"{}\"", relation.name))
          .hint("Try the COPY (SELECT ...) TO variant.");
    }
    if (relation.kind != 'r') {
      throw SqlError(
          sqlstate::wrong_object_type,
          fmt::format("cannot copy from {} \"{}\"",
                      relation.kind == 'S' ? "sequence" : "non-table relation", relation.name));
    }
    statement = table_query(context, relation, copied_columns(copy, relation));
  } else {
    statement = inner_statement(call.statement, copy.query);
    analyze_statement(context, *statement, false);
    if (!statement->has_rows) {
      throw SqlError(sqlstate::feature_not_supported, "COPY query must have a RETURNING clause");
    }
  }
  std::vector<std::string> names;
  for (const ResultColumn& column : statement->columns) names.push_back(column.name);
  const CopyOptions options = parse_copy_options(copy, names, call.text());
  StatementResult result = run_statement(context, *statement, {});
  const std::unique_ptr<CopyWriter> writer =
      make_copy_writer(options, statement->columns, context.io());
  context.sink->copy_out(options.format, static_cast<int>(statement->columns.size()));
  std::string out;
  std::vector<Value> row;
  std::int64_t count = 0;
  // A message a row, as PostgreSQL does it: clients take one for the other (psycopg's rows()).
  const auto send = [&] {
    if (!out.empty()) context.sink->copy_data(out);
    out.clear();
  };
  writer->begin(out);
  if (options.format != CopyFormat::binary) send();
  while (result.rows->next(row)) {
    writer->row(row, out);
    send();
    if ((++count & 255) == 0) context.check_cancel();
  }
  writer->end(out);
  send();
  context.sink->copy_done();
  return tag_result(fmt::format("COPY {}", count));
}

// Reads the client's data into memory as far as it may; the rest comes piece by piece.
class ReadAhead {
 public:
  explicit ReadAhead(ResultSink& sink) : sink_(sink) {
    while (data_.size() < read_ahead_bytes) {
      const std::optional<std::string_view> piece = sink_.copy_read();
      if (!piece) {
        at_end_ = true;
        return;
      }
      data_.append(*piece);
    }
  }
  std::optional<std::string_view> next() {
    if (!data_taken_) {
      data_taken_ = true;
      return data_;
    }
    if (at_end_) return std::nullopt;
    const std::optional<std::string_view> piece = sink_.copy_read();
    at_end_ = !piece;
    return piece;
  }
  void drain() {
    while (!at_end_) at_end_ = !sink_.copy_read();
  }

 private:
  ResultSink& sink_;
  std::string data_;
  bool data_taken_ = false;
  bool at_end_ = false;
};

// One COPY FROM: reads rows, converts fields, tells where an error was.
class CopyIn {
 public:
  CopyIn(SessionContext& context, const RelationDesc& relation,
         const std::vector<std::int16_t>& numbers, const CopyOptions& options, ReadAhead& data,
         const raw::Node* where, std::string_view text)
      : context_(context),
        relation_(relation),
        options_(options),
        reader_(make_copy_reader(options, names_of(relation, numbers),
                                 [&data] { return data.next(); })),
        target_(context, relation, numbers, where, text),
        numbers_(numbers) {}

  std::int64_t run() {
    std::vector<CopyField> fields;
    std::vector<Value> values(numbers_.size());
    std::int64_t count = 0;
    const types::IoContext io = context_.io();
    while (true) {
      try {
        if (!reader_->next(fields)) break;
        convert(io, fields, values);
        if (target_.add(values)) ++count;
      } catch (SqlError& error) {
        if (error.fields().where.empty()) error.where(place(error));
        throw;
      }
      if ((count & 255) == 0) context_.check_cancel();
    }
    target_.finish();
    return count;
  }

 private:
  void convert(const types::IoContext& io, const std::vector<CopyField>& fields,
               std::vector<Value>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (fields[i].is_null) {
        values[i] = Value::null();
        continue;
      }
      column_ = static_cast<int>(i);
      field_ = fields[i].bytes;
      values[i] = options_.format == CopyFormat::binary
                      ? types::receive_binary(io, target_.input_type(i), fields[i].bytes)
                      : types::input_text(io, target_.input_type(i), fields[i].bytes);
    }
    column_ = -1;
  }

  std::string place(const SqlError& error) const {
    std::string text = fmt::format("COPY {}, line {}", relation_.name, reader_->line_number());
    if (column_ >= 0) {
      const std::size_t index =
          static_cast<std::size_t>(numbers_[static_cast<std::size_t>(column_)] - 1);
      text += fmt::format(", column {}", relation_.columns[index].name);
      if (options_.format != CopyFormat::binary) text += fmt::format(": \"{}\"", clipped(field_));
    } else if (options_.format != CopyFormat::binary &&
               error.sqlstate() != sqlstate::unique_violation) {
      text += fmt::format(": \"{}\"", clipped(reader_->line()));
    }
    return text;
  }

  SessionContext& context_;
  const RelationDesc& relation_;
  const CopyOptions& options_;
  std::unique_ptr<CopyReader> reader_;
  CopyTarget target_;
  const std::vector<std::int16_t>& numbers_;
  int column_ = -1;
  std::string_view field_;
};

StatementResult copy_from(UtilityCall& call) {
  SessionContext& context = call.context;
  const PgQuery__CopyStmt& copy = *call.node->copy_stmt;
  const RelationDesc& named = find_relation(call, *copy.relation);
  if (named.kind != 'r') {
    throw SqlError(sqlstate::wrong_object_type,
                   fmt::format("cannot copy to {} \"{}\"",
                               named.kind == 'v'   ? "view"
                               : named.kind == 'S' ? "sequence"
                                                   : "non-table relation",
                               named.name));
  }
  require_table_privilege(context, named, 'a');
  if (context.transaction.mode().is_read_only) {
    throw SqlError(sqlstate::read_only_sql_transaction,
                   "cannot execute COPY FROM in a read-only transaction");
  }
  const std::vector<std::int16_t> numbers = copied_columns(copy, named);
  const CopyOptions options = parse_copy_options(copy, names_of(named, numbers), call.text());
  context.sink->copy_in(options.format, static_cast<int>(numbers.size()));
  ReadAhead data(*context.sink);
  context.environment.set_connection(&context.transaction.writer("COPY FROM"));
  // Another session may have altered the table while the data came.
  const RelationDesc& relation = find_relation(call, *copy.relation);
  CopyIn in(context, relation, numbers, options, data, copy.where_clause, call.text());
  const std::int64_t count = in.run();
  data.drain();
  return tag_result(fmt::format("COPY {}", count));
}

}  // namespace

StatementResult run_copy(UtilityCall& call) {
  const PgQuery__CopyStmt& copy = *call.node->copy_stmt;
  const bool is_file = !raw::view(copy.filename).empty();
  if (is_file || copy.is_program != 0) {
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("COPY {} a {} is not supported", copy.is_from != 0 ? "from" : "to",
                               copy.is_program != 0 ? "program" : "file"))
        .hint(
            "Use COPY with STDIN or STDOUT; psql's \\copy reads and writes files of the "
            "client.");
  }
  return copy.is_from != 0 ? copy_from(call) : copy_to(call);
}

}  // namespace dvecdb::server::exec
