#include "server/catalog/view_texts.h"

#include <string_view>
#include <unordered_map>

#include "server/catalog/embedded_files.h"
#include "server/catalog/tables.h"
#include "server/catalog/text_row.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

constexpr std::string_view opening = "CREATE VIEW ";
constexpr std::string_view end_of_name = " AS\n";

std::unordered_map<std::string, types::Oid> builtin_views() {
  TextTable classes(pg_class::table.columns);
  classes.append(embedded_file("pg_class.tsv"));
  std::unordered_map<std::string, types::Oid> views;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const TextRow row = classes.row(i);
    if (row.character(pg_class::relkind) != 'v') continue;
    const bool is_catalog = row.oid(pg_class::relnamespace) == 11;
    const std::string schema = is_catalog ? "pg_catalog." : "information_schema.";
    views[schema + row.text(pg_class::relname)] = row.oid(pg_class::oid);
  }
  return views;
}

std::vector<ViewText> read_views() {
  const std::unordered_map<std::string, types::Oid> views = builtin_views();
  std::vector<ViewText> out;
  for (const std::string_view file : embedded_file_names()) {
    if (!file.ends_with(".sql")) continue;
    std::string_view rest = embedded_file(file);
    for (std::size_t at; (at = rest.find(opening)) != std::string_view::npos;) {
      rest.remove_prefix(at + opening.size());
      const std::size_t name_end = rest.find(end_of_name);
      const std::size_t text_end = rest.find(";\n", name_end);
      const std::string name(rest.substr(0, name_end));
      const auto found = views.find(name);
      if (found == views.end() || text_end == std::string_view::npos) {
        throw types::SqlError(types::sqlstate::internal_error, "bad built-in view " + name);
      }
      const std::size_t text_begin = name_end + end_of_name.size();
      out.push_back({found->second, std::string(rest.substr(text_begin, text_end - text_begin))});
      rest.remove_prefix(text_end);
    }
  }
  return out;
}

}  // namespace

const std::vector<ViewText>& builtin_view_texts() {
  static const std::vector<ViewText> texts = read_views();
  return texts;
}

}  // namespace dvecdb::server::catalog
