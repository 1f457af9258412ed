// The first byte chooses the decoder, the rest is its input.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "server/exec/scram.h"
#include "server/pgwire/frame_buffer.h"
#include "server/pgwire/frontend.h"
#include "server/pgwire/scram.h"
#include "server/pgwire/startup.h"
#include "server/types/error.h"

using namespace dvecdb::server;

namespace {

void cut_frames(std::string_view bytes) {
  pgwire::FrameBuffer buffer;
  pgwire::Frame frame;
  for (const char byte : bytes) {
    buffer.append({&byte, 1});
    while (buffer.next(frame)) {
    }
  }
}

void log_in(std::string_view bytes, std::string end_point) {
  pgwire::ScramServer scram({}, std::move(end_point));
  const std::size_t half = bytes.size() / 2;
  const bool is_bound = bytes.starts_with("p=");
  scram.first_message(is_bound ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256", bytes.substr(0, half));
  scram.final_message(bytes.substr(half));
}

void decode(unsigned decoder, std::string_view bytes) {
  switch (decoder % 11) {
    case 0:
      pgwire::parse_startup(bytes);
      break;
    case 1:
      cut_frames(bytes);
      break;
    case 2:
      pgwire::decode_bind(bytes);
      break;
    case 3:
      pgwire::decode_parse(bytes);
      break;
    case 4:
      pgwire::decode_execute(bytes);
      break;
    case 5:
      pgwire::decode_target(bytes, "DESCRIBE");
      break;
    case 6:
      log_in(bytes, {});
      break;
    case 7:
      log_in(bytes, "end point");
      break;
    case 8:
      pgwire::decode_sasl_initial(bytes);
      break;
    case 9:
      exec::parse_scram_verifier(bytes);
      break;
    default:
      pgwire::split_options(bytes);
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    decode(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const types::SqlError&) {
    // The one way to refuse.
  }
  return 0;
}
