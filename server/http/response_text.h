// An answer's header and its chunks as they go over the wire. Pure.
#pragma once

#include <string>
#include <string_view>

#include "server/http/message.h"

namespace dvecdb::server::http {

struct AnswerTo {
  unsigned version = 11;  // of the request: 10 or 11
  bool keeps_alive = true;
};

// Up to the empty line. A line break or another control character in a header's value becomes a
// space: no value can add a header.
std::string header_text(const Response& response, const AnswerTo& request);

// "" makes the last one.
std::string chunk_text(std::string_view chunk);

}  // namespace dvecdb::server::http
