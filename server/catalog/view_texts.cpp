#include "server/catalog/view_texts.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "server/catalog/embedded_files.h"
#include "server/catalog/names.h"
#include "server/catalog/tables.h"
#include "server/catalog/text_row.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

using types::Oid;

struct ViewColumn {
  std::string name;
  Oid type;
};

struct View {
  Oid oid = types::invalid_oid;
  std::vector<ViewColumn> columns;
};

TextTable read_table(const CatalogTable& table, std::string_view file) {
  TextTable rows(table.columns);
  rows.append(embedded_file(file));
  return rows;
}

std::string schema_of(Oid schema) {
  constexpr Oid pg_catalog = 11;
  return schema == pg_catalog ? "pg_catalog" : "information_schema";
}

// By "schema.name".
std::unordered_map<std::string, View> builtin_views() {
  std::unordered_map<Oid, std::string> names;
  std::unordered_map<std::string, View> views;
  const TextTable classes = read_table(pg_class::table, "pg_class.tsv");
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const TextRow row = classes.row(i);
    if (row.character(pg_class::relkind) != 'v') continue;
    const std::string name =
        schema_of(row.oid(pg_class::relnamespace)) + "." + row.text(pg_class::relname);
    views[name].oid = row.oid(pg_class::oid);
    names[row.oid(pg_class::oid)] = name;
  }
  const TextTable attributes = read_table(pg_attribute::table, "pg_attribute.tsv");
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const TextRow row = attributes.row(i);
    const auto found = names.find(row.oid(pg_attribute::attrelid));
    if (found == names.end()) continue;
    views[found->second].columns.push_back(
        {row.text(pg_attribute::attname), row.oid(pg_attribute::atttypid)});
  }
  return views;
}

std::unordered_map<Oid, std::string> type_names() {
  std::unordered_map<Oid, std::string> names;
  const TextTable rows = read_table(pg_type::table, "pg_type.tsv");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const TextRow row = rows.row(i);
    names[row.oid(pg_type::oid)] =
        qualified_name(schema_of(row.oid(pg_type::typnamespace)), row.text(pg_type::typname));
  }
  return names;
}

// A statement of a file.
struct Definition {
  std::string name;
  std::vector<std::string> columns;  // empty: all, in order
  std::string query;
};

std::vector<std::string> split_columns(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = list.find(", ");
    out.emplace_back(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 2);
  }
  return out;
}

std::vector<Definition> read_definitions() {
  constexpr std::string_view opening = "CREATE VIEW ";
  constexpr std::string_view end_of_head = " AS\n";
  std::vector<Definition> out;
  for (const std::string_view file : embedded_file_names()) {
    if (!file.ends_with(".sql")) continue;
    std::string_view rest = embedded_file(file);
    for (std::size_t at; (at = rest.find(opening)) != std::string_view::npos;) {
      rest.remove_prefix(at + opening.size());
      const std::size_t head_end = rest.find(end_of_head);
      const std::size_t query_begin = head_end + end_of_head.size();
      const std::size_t query_end = rest.find(";\n", query_begin);
      const std::string_view head = rest.substr(0, head_end);
      Definition definition;
      const std::size_t open = head.find(" (");
      definition.name = head.substr(0, open);
      if (open != std::string_view::npos) {
        definition.columns = split_columns(head.substr(open + 2, head.size() - open - 3));
      }
      definition.query = rest.substr(query_begin, query_end - query_begin);
      out.push_back(std::move(definition));
      rest.remove_prefix(query_end);
    }
  }
  return out;
}

class Writer {
 public:
  // Listed columns cast to their types, all others NULL.
  std::string with_casts(const View& view, const Definition& definition) const {
    std::string select;
    for (const ViewColumn& column : view.columns) {
      const bool is_listed = std::find(definition.columns.begin(), definition.columns.end(),
                                       column.name) != definition.columns.end();
      const std::string name = quote_name(column.name);
      add(select, (is_listed ? "q." + name : "NULL") + "::" + type(column), name);
    }
    std::string names;
    for (const std::string& name : definition.columns) {
      if (!names.empty()) names += ", ";
      names += quote_name(name);
    }
    return "SELECT " + select + " FROM (" + definition.query + ") q(" + names + ")";
  }

  // No rows, but the columns.
  std::string empty(const View& view) const {
    std::string select;
    for (const ViewColumn& column : view.columns) {
      // No constant has a pseudo-type; a column of pg_statistic has.
      const bool is_pseudo = column.type == types::oids::anyarray;
      add(select, is_pseudo ? "s.stavalues1" : "NULL::" + type(column), quote_name(column.name));
    }
    return "SELECT " + select + " FROM pg_catalog.pg_statistic s WHERE false";
  }

 private:
  std::string type(const ViewColumn& column) const { return types_.at(column.type); }
  static void add(std::string& select, const std::string& expression, const std::string& name) {
    select += (select.empty() ? "" : ", ") + expression + " AS " + name;
  }
  std::unordered_map<Oid, std::string> types_ = type_names();
};

std::vector<ViewText> read_views() {
  const Writer writer;
  std::unordered_map<std::string, View> views = builtin_views();
  std::vector<ViewText> out;
  for (const Definition& definition : read_definitions()) {
    const auto found = views.find(definition.name);
    if (found == views.end()) {
      throw types::SqlError(types::sqlstate::internal_error,
                            "bad built-in view " + definition.name);
    }
    out.push_back({found->second.oid, definition.columns.empty()
                                          ? definition.query
                                          : writer.with_casts(found->second, definition)});
    views.erase(found);
  }
  for (const auto& [name, view] : views) out.push_back({view.oid, writer.empty(view)});
  return out;
}

}  // namespace

const std::vector<ViewText>& builtin_view_texts() {
  static const std::vector<ViewText> texts = read_views();
  return texts;
}

}  // namespace dvecdb::server::catalog
