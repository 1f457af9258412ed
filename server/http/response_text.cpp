#include "server/http/response_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <ctime>

namespace dvecdb::server::http {

namespace {

void add_header(std::string& text, std::string_view name, std::string_view value) {
  const std::size_t begin = text.size() + name.size() + 2;
  text.append(name).append(": ").append(value);
  std::replace_if(
      text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  text += "\r\n";
}

bool has_header(const Response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [name](const auto& header) { return header.first == name; });
}

}  // namespace

std::string header_text(const Response& response, const AnswerTo& request) {
  const auto status = boost::beast::http::int_to_status(static_cast<unsigned>(response.status));
  std::string text =
      fmt::format("HTTP/1.{} {} {}\r\n", request.version >= 11 ? 1 : 0, response.status,
                  std::string_view(boost::beast::http::obsolete_reason(status)));
  add_header(text, "Server", "dvecdb");
  add_header(text, "Date",
             fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
  add_header(text, "X-Content-Type-Options", "nosniff");
  if (!has_header(response, "Cache-Control")) add_header(text, "Cache-Control", "no-store");
  for (const auto& [name, value] : response.headers) add_header(text, name, value);
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body) add_header(text, "Content-Type", response.content_type);
  if (has_body && !response.next_chunk) {
    add_header(text, "Content-Length", std::to_string(response.body.size()));
  }
  if (response.next_chunk && request.version >= 11) {
    add_header(text, "Transfer-Encoding", "chunked");
  }
  if (!request.keeps_alive) add_header(text, "Connection", "close");
  if (request.keeps_alive && request.version < 11) add_header(text, "Connection", "keep-alive");
  return text + "\r\n";
}

std::string chunk_text(std::string_view chunk) {
  if (chunk.empty()) return "0\r\n\r\n";
  return fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
}

}  // namespace dvecdb::server::http
