// From statement text to the analyzed tree. Pure: text and catalog in, tree out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/query/catalog.h"
#include "server/query/parse.h"
#include "server/query/tree.h"
#include "server/types/type_io.h"

namespace dvecdb::server::query {

// What names and literals are resolved against. Everything referred to must outlive the analysis
// and, for catalog pointers, the tree.
struct AnalyzeContext {
  const Catalog& catalog;
  const types::IoContext& io;
  std::vector<std::string>
      search_path;  // schemas in order; pg_catalog is searched first unless named
  std::string current_user;
  std::string_view statement_text;  // for error positions
};

// Parameter types: given ones are kept, unknown (0) ones are inferred from use; after analysis
// every one is known (text where nothing said otherwise, as PostgreSQL does for the extended
// protocol; 42P18 where it cannot be).
struct ParamTypes {
  std::vector<Oid> types;
  bool allow_inference = true;
};

// For SELECT, VALUES, INSERT, UPDATE, DELETE (raw.kind is query). Throws SqlError with a
// position.
QueryPtr analyze(const AnalyzeContext& context, const RawStatement& raw, ParamTypes& params);

// Pieces that DDL and others need.
// An expression by itself (a default, a CHECK): `relation` gives the columns that it may use, may
// be null. The result is coerced to `target` by assignment when target.oid is not 0.
ExprPtr analyze_expression(const AnalyzeContext& context, std::string_view text,
                           const RelationDesc* relation, TypeRef target);
// What an expression is for: errors about what it must not hold name it.
enum class ExpressionUse : std::uint8_t { check, index_key, index_predicate, generated_column };
// The same for a raw parse node (PgQuery__Node*) of a statement. Without a relation it is a
// default, whatever `use` says.
ExprPtr analyze_node(const AnalyzeContext& context, const void* node, const RelationDesc* relation,
                     TypeRef target, ExpressionUse use = ExpressionUse::check);
// A type name (PgQuery__TypeName*) with its modifiers: "vector(3)", "integer[]", "serial" is 42704
// here.
TypeRef resolve_type_name(const AnalyzeContext& context, const void* type_name);
// The same from text: "character varying(10)[]", as regtype input and casts of names accept.
TypeRef resolve_type_text(const AnalyzeContext& context, std::string_view text);
// A relation by (optional) schema and name along the search path; null when there is none.
const RelationDesc* resolve_relation(const AnalyzeContext& context, std::string_view schema,
                                     std::string_view name);

}  // namespace dvecdb::server::query
