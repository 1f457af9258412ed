#include "server/catalog/keywords.h"

#include "server/catalog/embedded_files.h"
#include "server/catalog/text_row.h"

namespace dvecdb::server::catalog {

namespace {

std::vector<Keyword> read_keywords() {
  TextTable table(3);
  table.append(embedded_file("keywords.tsv"));
  std::vector<Keyword> out;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const TextRow row = table.row(i);
    out.push_back({row.raw(1), row.character(2), row.boolean(3)});
  }
  return out;
}

}  // namespace

const std::vector<Keyword>& keywords() {
  static const std::vector<Keyword> words = read_keywords();
  return words;
}

}  // namespace dvecdb::server::catalog
