// Set-returning functions over catalogs and their data.
#include "server/catalog/extensions.h"
#include "server/catalog/functions/families.h"
#include "server/catalog/keywords.h"
#include "server/catalog/table.h"
#include "server/types/array.h"

namespace dvecdb::server::catalog {

namespace {

using RowList = std::vector<std::vector<Value>>;

struct KeywordCategory {
  char letter;
  std::string_view description;
};
constexpr KeywordCategory keyword_categories[] = {
    {'U', "unreserved"},
    {'C', "unreserved (cannot be function or type name)"},
    {'T', "reserved (can be function or type name)"},
    {'R', "reserved"},
};

// word, catcode, barelabel, catdesc, baredesc
std::unique_ptr<RowSource> keyword_rows(const FunctionContext&, Arguments) {
  RowList out;
  for (const Keyword& keyword : keywords()) {
    std::string_view description;
    for (const KeywordCategory& category : keyword_categories) {
      if (category.letter == keyword.category) description = category.description;
    }
    out.push_back({text_value(keyword.word), char_value(keyword.category),
                   Value::boolean(keyword.is_bare_label), text_value(description),
                   text_value(keyword.is_bare_label ? "can be bare label" : "requires AS")});
  }
  return rows(std::move(out));
}

// option_name, option_value
std::unique_ptr<RowSource> option_rows(const FunctionContext&, Arguments arguments) {
  RowList out;
  if (arguments[0].is_null()) return rows({});
  for (const Value& element : types::decode_array(arguments[0].as_bytes()).elements) {
    const std::string text = element.is_null() ? "" : string_of(element);
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      out.push_back({text_value(text), Value::null()});
    } else {
      out.push_back({text_value(text.substr(0, equals)), text_value(text.substr(equals + 1))});
    }
  }
  return rows(std::move(out));
}

// x, n: the elements of an array with their numbers from 1.
std::unique_ptr<RowSource> expand_array(const FunctionContext&, Arguments arguments) {
  RowList out;
  if (arguments[0].is_null()) return rows({});
  std::int64_t number = 0;
  for (Value& element : types::decode_array(arguments[0].as_bytes()).elements) {
    out.push_back({std::move(element.own()), Value::integer(++number)});
  }
  return rows(std::move(out));
}

// name, default_version, comment
std::unique_ptr<RowSource> extension_rows(const FunctionContext&, Arguments) {
  RowList out;
  for (const KnownExtension& known : known_extensions) {
    out.push_back({text_value(known.name), text_value(known.version), text_value(known.comment)});
  }
  return rows(std::move(out));
}

// name, version, superuser, trusted, relocatable, schema, requires, comment
std::unique_ptr<RowSource> extension_version_rows(const FunctionContext&, Arguments) {
  RowList out;
  for (const KnownExtension& known : known_extensions) {
    out.push_back({text_value(known.name), text_value(known.version), Value::boolean(false),
                   Value::boolean(true), Value::boolean(known.is_relocatable), Value::null(),
                   Value::null(), text_value(known.comment)});
  }
  return rows(std::move(out));
}

// relid, parentrelid, isleaf, level: no table has partitions.
std::unique_ptr<RowSource> partition_rows(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid_of(arguments[0]));
  if (relation == nullptr || relation->kind != 'p') return rows({});
  return rows({{oid_value(relation->oid), Value::null(), Value::boolean(true), Value::integer(0)}});
}

std::unique_ptr<RowSource> tablespace_databases(const FunctionContext& context,
                                                Arguments arguments) {
  constexpr Oid default_tablespace = 1663;
  if (oid_of(arguments[0]) != default_tablespace) return rows({});
  RowList out;
  for (const DatabaseDesc& database : session_of(context).catalog().snapshot().databases()) {
    out.push_back({oid_value(database.oid)});
  }
  return rows(std::move(out));
}

constexpr SetEntry entries[] = {
    {"_pg_expandarray", expand_array},
    {"pg_available_extension_versions", extension_version_rows},
    {"pg_available_extensions", extension_rows},
    {"pg_get_keywords", keyword_rows},
    {"pg_options_to_table", option_rows},
    {"pg_partition_tree", partition_rows},
    {"pg_tablespace_databases", tablespace_databases},
};

}  // namespace

SetTable catalog_sets() {
  return entries;
}

}  // namespace dvecdb::server::catalog
