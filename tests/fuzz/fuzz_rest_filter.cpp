// Bodies with a filter: read, and compiled into SQL that must parse.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/http/rest/failure.h"
#include "server/http/rest/filter.h"
#include "server/query/parse.h"

using namespace dvecdb::server::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const rest::Collection collection = [] {
    rest::Collection made;
    made.key = {"id", "text"};
    made.vector = {"embedding", "vector(3)"};
    made.metadata_column = "metadata";
    made.fields = {{"price", "numeric"}, {"a \"b", "text"}};
    return made;
  }();
  try {
    rest::Parameters parameters;
    const rest::json::value filter = rest::parse_body({reinterpret_cast<const char*>(data), size});
    const std::string condition = rest::compile_filter(filter, collection, parameters);
    if (condition.empty()) return 0;
    // A SqlError would end the process: what we write is SQL.
    if (dvecdb::server::query::parse("SELECT 1 WHERE " + condition).size() != 1) std::abort();
  } catch (const rest::Failure&) {
    // The one way to refuse.
  }
  return 0;
}
