// Statements through grammar and analyzer over the built-in catalog.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/catalog/snapshot.h"
#include "server/query/analyze.h"
#include "server/query/parse.h"
#include "server/types/error.h"

using namespace dvecdb::server;

namespace {

void analyze(const catalog::Snapshot& catalog, std::string_view text) {
  types::IoContext io;
  io.types = &catalog;
  for (const query::RawStatement& raw : query::parse(text)) {
    if (!raw.is_query) continue;
    const query::AnalyzeContext context{.catalog = catalog,
                                        .io = io,
                                        .search_path = {"public"},
                                        .current_user = "postgres",
                                        .statement_text = text};
    query::ParamTypes params;
    query::analyze(context, raw, params);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto catalog = catalog::Snapshot::builtin();
  try {
    analyze(*catalog, {reinterpret_cast<const char*>(data), size});
  } catch (const types::SqlError&) {
    // The one way to refuse.
  }
  return 0;
}
