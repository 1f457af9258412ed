// Functions whose body is SQL: the body is analyzed and put in place of the call, with the
// arguments in place of its parameters.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/parse.h"
#include "server/types/error.h"

namespace dvecdb::server::query::lower {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

struct SqlBody {
  std::string_view symbol;
  std::string_view body;
};

// Built-in functions that PostgreSQL defines by others. Sorted by symbol.
constexpr std::array bodies{
    SqlBody{"age_today_timestamp", "SELECT pg_catalog.age(current_date::timestamp, $1)"},
    SqlBody{"age_today_timestamptz", "SELECT pg_catalog.age(current_date::timestamptz, $1)"},
    SqlBody{"anytextcat", "SELECT $1::text || $2"},
    SqlBody{"bit_length_bit", "SELECT pg_catalog.length($1)"},
    SqlBody{"bit_length_bytea", "SELECT pg_catalog.octet_length($1) * 8"},
    SqlBody{"bit_length_text", "SELECT pg_catalog.octet_length($1) * 8"},
    SqlBody{"col_description",
            "SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = $1 AND "
            "d.classoid = 1259 AND d.objsubid = $2"},
    SqlBody{"date_part_date", "SELECT pg_catalog.date_part($1, $2::timestamp)"},
    SqlBody{"datetime_timestamptz_sql", "SELECT ($1 + $2)::timestamptz"},
    SqlBody{"int8pl_inet", "SELECT $2 + $1"},
    SqlBody{"integer_pl_date", "SELECT $2 + $1"},
    SqlBody{"interval_pl_date", "SELECT $2 + $1"},
    SqlBody{"interval_pl_time", "SELECT $2 + $1"},
    SqlBody{"interval_pl_timestamp", "SELECT $2 + $1"},
    SqlBody{"interval_pl_timestamptz", "SELECT $2 + $1"},
    SqlBody{"interval_pl_timetz", "SELECT $2 + $1"},
    SqlBody{"log10_numeric", "SELECT pg_catalog.log(10::numeric, $1)"},
    SqlBody{"lpad_blanks", "SELECT pg_catalog.lpad($1, $2, ' ')"},
    SqlBody{"obj_description",
            "SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = $1 AND "
            "d.objsubid = 0"},
    SqlBody{"obj_description_class",
            "SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = $1 AND "
            "d.classoid = (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = $2 AND "
            "c.relnamespace = 11) AND d.objsubid = 0"},
    SqlBody{"overlaps_time_first_length", "SELECT pg_catalog.overlaps($1, $1 + $2, $3, $4)"},
    SqlBody{"overlaps_time_lengths", "SELECT pg_catalog.overlaps($1, $1 + $2, $3, $3 + $4)"},
    SqlBody{"overlaps_time_second_length", "SELECT pg_catalog.overlaps($1, $2, $3, $3 + $4)"},
    SqlBody{"overlaps_timestamp_first_length", "SELECT pg_catalog.overlaps($1, $1 + $2, $3, $4)"},
    SqlBody{"overlaps_timestamp_lengths", "SELECT pg_catalog.overlaps($1, $1 + $2, $3, $3 + $4)"},
    SqlBody{"overlaps_timestamp_second_length", "SELECT pg_catalog.overlaps($1, $2, $3, $3 + $4)"},
    SqlBody{"overlaps_timestamptz_first_length", "SELECT pg_catalog.overlaps($1, $1 + $2, $3, $4)"},
    SqlBody{"overlaps_timestamptz_lengths", "SELECT pg_catalog.overlaps($1, $1 + $2, $3, $3 + $4)"},
    SqlBody{"overlaps_timestamptz_second_length",
            "SELECT pg_catalog.overlaps($1, $2, $3, $3 + $4)"},
    SqlBody{"pg_relation_size_main", "SELECT pg_catalog.pg_relation_size($1, 'main')"},
    SqlBody{"pg_sleep_for", "SELECT pg_catalog.pg_sleep(extract(epoch FROM $1)::double precision)"},
    SqlBody{"pg_sleep_until",
            "SELECT pg_catalog.pg_sleep((extract(epoch FROM $1) - extract(epoch FROM "
            "pg_catalog.clock_timestamp()))::double precision)"},
    SqlBody{"quote_literal_any", "SELECT pg_catalog.quote_literal($1::text)"},
    SqlBody{"quote_nullable_any", "SELECT pg_catalog.quote_nullable($1::text)"},
    SqlBody{"round_numeric", "SELECT pg_catalog.round($1, 0)"},
    SqlBody{"rpad_blanks", "SELECT pg_catalog.rpad($1, $2, ' ')"},
    SqlBody{"shobj_description",
            "SELECT d.description FROM pg_catalog.pg_shdescription d WHERE d.objoid = $1 AND "
            "d.classoid = (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = $2 AND "
            "c.relnamespace = 11)"},
    SqlBody{"substring_similar",
            "SELECT pg_catalog.substring($1, pg_catalog.similar_to_escape($2, $3))"},
    SqlBody{"textanycat", "SELECT $1 || $2::text"},
    SqlBody{"timedate_pl", "SELECT $2 + $1"},
    SqlBody{"timetzdate_pl", "SELECT $2 + $1"},
    SqlBody{"trunc_numeric", "SELECT pg_catalog.trunc($1, 0)"},
};

std::string_view built_in_body(std::string_view symbol) {
  const auto* at = std::lower_bound(
      bodies.begin(), bodies.end(), symbol,
      [](const SqlBody& body, std::string_view wanted) { return body.symbol < wanted; });
  return at != bodies.end() && at->symbol == symbol ? at->body : std::string_view();
}

}  // namespace

bool Lowering::has_sql_body(const ProcDesc& proc) {
  return proc.language == "sql" || !built_in_body(proc.symbol).empty();
}

std::string Lowering::sql_function(const ProcDesc& proc, const std::vector<TypeRef>& types,
                                   const std::vector<std::string>& arguments, Scope* scope) {
  constexpr int deepest = 16;
  struct Depth {
    int& value;
    explicit Depth(int& v) : value(v) { ++value; }
    ~Depth() { --value; }
  } depth(sql_function_depth_);
  if (depth.value > deepest) {
    throw SqlError(sqlstate::statement_too_complex, "stack depth limit exceeded");
  }
  const std::string_view built_in = built_in_body(proc.symbol);
  const std::string text(built_in.empty() ? std::string_view(proc.symbol) : built_in);
  const std::vector<RawStatement> statements = parse(text);
  if (statements.empty() || !statements.back().is_query) {
    not_supported(fmt::format("the body of function {}", proc.name));
  }
  AnalyzeContext inside = context_;
  inside.statement_text = text;
  ParamTypes params;
  for (const TypeRef& type : types) params.types.push_back(type.oid);
  params.allow_inference = false;
  const QueryPtr body = analyze(inside, statements.back(), params);
  StoreText* store_text = scope == nullptr ? &root_ : scope->text;
  Scope parameters(nullptr, nullptr, store_text);
  parameters.parameters = &arguments;
  const bool is_expression = body->command == CommandKind::select && body->from.empty() &&
                             body->targets.size() == 1 && body->where == nullptr &&
                             body->ctes.empty() && body->set_operation == nullptr &&
                             !body->has_aggregates && !body->has_target_sets;
  if (!is_expression) return fmt::format("({} LIMIT 1)", query(*body, &parameters, store_text));
  Scope own(body.get(), &parameters, store_text);
  return expr(*body->targets.front().expr, Context{.scope = &own});
}

}  // namespace dvecdb::server::query::lower
