// First byte: text or binary. Second: which type. The rest: a value of it. What is read must print,
// and what was printed must read back as an equal value.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "server/catalog/snapshot.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

using namespace dvecdb::server;
namespace oids = types::oids;

namespace {

constexpr types::Oid fuzzed[] = {oids::boolean,
                                 oids::int2,
                                 oids::int4,
                                 oids::int8,
                                 oids::float4,
                                 oids::float8,
                                 oids::numeric,
                                 oids::text,
                                 oids::bytea,
                                 oids::date,
                                 oids::time,
                                 oids::timetz,
                                 oids::interval,
                                 oids::timestamp,
                                 oids::timestamptz,
                                 oids::uuid,
                                 oids::json,
                                 oids::jsonb,
                                 oids::inet,
                                 oids::bit,
                                 oids::varbit,
                                 oids::int4_array,
                                 oids::text_array,
                                 oids::numeric_array,
                                 oids::vector,
                                 oids::halfvec,
                                 oids::sparsevec,
                                 oids::vector_array,
                                 oids::oid,
                                 oids::name,
                                 oids::timestamptz_array};

[[noreturn]] void fail(types::Oid type, const std::string& printed, const char* what) {
  std::fprintf(stderr, "type %u, \"%s\": %s\n", type, printed.c_str(), what);
  std::abort();
}

void check_round_trip(const types::IoContext& io, types::TypeRef type, const types::Value& value) {
  std::string text;
  types::output_text(io, type, value, text);
  try {
    if (types::ordering_of(io, type.oid) != types::Ordering::none &&
        types::compare(io, type.oid, types::input_text(io, type, text), value) != 0) {
      fail(type.oid, text, "does not read back as an equal value");
    }
  } catch (const types::SqlError& error) {
    fail(type.oid, text, error.what());
  }
  std::string binary;
  types::send_binary(io, type, value, binary);
  std::string again;
  types::output_text(io, type, types::receive_binary(io, type, binary), again);
  if (again != text) fail(type.oid, text, "its binary form prints differently");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const auto catalog = catalog::Snapshot::builtin();
  types::IoContext io;
  io.types = catalog.get();
  const types::TypeRef type{fuzzed[data[1] % std::size(fuzzed)], -1};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  types::Value value;
  try {
    value = data[0] % 2 == 0 ? types::input_text(io, type, bytes)
                             : types::receive_binary(io, type, bytes);
  } catch (const types::SqlError&) {
    return 0;
  }
  if (!value.is_null()) check_round_trip(io, type, value);
  return 0;
}
