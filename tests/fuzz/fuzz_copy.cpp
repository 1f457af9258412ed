// The first byte chooses the format, the second the size of the pieces in which the rest arrives.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/exec/copy/copy_format.h"
#include "server/types/error.h"

using namespace dvecdb::server;

namespace {

void read_rows(exec::CopyFormat format, std::size_t piece, std::string_view bytes) {
  exec::CopyOptions options;
  options.format = format;
  if (format == exec::CopyFormat::csv) {
    options.delimiter = ',';
    options.null_text = "";
  }
  const auto source = [&]() -> std::optional<std::string_view> {
    if (bytes.empty()) return std::nullopt;
    const std::string_view next = bytes.substr(0, piece);
    bytes.remove_prefix(next.size());
    return next;
  };
  const auto reader = exec::make_copy_reader(options, {"a", "b", "c"}, source);
  std::vector<exec::CopyField> fields;
  while (reader->next(fields)) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr exec::CopyFormat formats[] = {exec::CopyFormat::text, exec::CopyFormat::csv,
                                          exec::CopyFormat::binary};
  try {
    read_rows(formats[data[0] % 3], std::size_t{1} + data[1] % 64,
              {reinterpret_cast<const char*>(data) + 2, size - 2});
  } catch (const types::SqlError&) {
    // The one way to refuse.
  }
  return 0;
}
