#include "server/pgwire/startup.h"

#include <algorithm>

#include "server/pgwire/message_reader.h"
#include "server/types/error.h"

namespace dvecdb::server::pgwire {

namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

constexpr std::int32_t cancel_code = (1234 << 16) | 5678;
constexpr std::int32_t ssl_code = (1234 << 16) | 5679;
constexpr std::int32_t gss_code = (1234 << 16) | 5680;

std::pair<std::string, std::string> split_setting(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    throw SqlError(sqlstate::syntax_error, "-c " + std::string(assignment) + " requires a value");
  }
  std::string name(assignment.substr(0, equals));
  std::replace(name.begin(), name.end(), '-', '_');
  return {std::move(name), std::string(assignment.substr(equals + 1))};
}

void apply_options(std::string_view options, StartupRequest& request) {
  const std::vector<std::string> words = split_options(options);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "-c" && i + 1 < words.size()) {
      request.settings.push_back(split_setting(words[++i]));
    } else if (word.starts_with("-c") || word.starts_with("--")) {
      request.settings.push_back(split_setting(std::string_view(word).substr(2)));
    } else {
      throw SqlError(sqlstate::syntax_error,
                     "invalid command-line argument for server process: " + word);
    }
  }
}

bool is_true(std::string_view text) {
  return text == "true" || text == "on" || text == "yes" || text == "1" || text == "database";
}

void apply_parameter(std::string_view name, std::string_view value, StartupRequest& request) {
  if (name == "user") {
    request.user = value;
  } else if (name == "database") {
    request.database = value;
  } else if (name == "replication") {
    request.wants_replication = is_true(value);
  } else if (name == "options") {
    apply_options(value, request);
  } else if (name.starts_with("_pq_.")) {
    request.unknown_protocol_options.emplace_back(name);
  } else {
    request.settings.emplace_back(name, value);
  }
}

StartupRequest parse_request(std::int32_t version, MessageReader reader) {
  const int major = version >> 16;
  if (major != 3) {
    throw SqlError(sqlstate::feature_not_supported,
                   "unsupported frontend protocol " + std::to_string(major) + "." +
                       std::to_string(version & 0xffff) + ": server supports 3.0 to 3.0");
  }
  StartupRequest request;
  request.minor_version = version & 0xffff;
  std::size_t count = 0;
  for (std::string_view name = reader.cstring(); !name.empty(); name = reader.cstring()) {
    if (++count > max_startup_parameters) {
      throw SqlError(sqlstate::protocol_violation, "too many parameters in startup packet (limit " +
                                                       std::to_string(max_startup_parameters) +
                                                       ")");
    }
    apply_parameter(name, reader.cstring(), request);
  }
  if (!reader.at_end()) {
    throw SqlError(sqlstate::protocol_violation,
                   "invalid startup packet layout: expected terminator as last byte");
  }
  if (request.user.empty()) {
    throw SqlError(sqlstate::invalid_authorization_specification,
                   "no PostgreSQL user name specified in startup packet");
  }
  if (request.database.empty()) request.database = request.user;
  return request;
}

}  // namespace

std::vector<std::string> split_options(std::string_view options) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  for (std::size_t i = 0; i < options.size(); ++i) {
    char c = options[i];
    if (c == ' ' || c == '\t' || c == '\n') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    if (c == '\\' && i + 1 < options.size()) c = options[++i];
    word.push_back(c);
    in_word = true;
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

StartupPacket parse_startup(std::string_view body) {
  MessageReader reader(body);
  const std::int32_t code = reader.int32();
  switch (code) {
    case ssl_code:
      reader.expect_end();
      return SslRequest{};
    case gss_code:
      reader.expect_end();
      return GssEncryptionRequest{};
    case cancel_code: {
      CancelRequest request;
      request.pid = reader.int32();
      request.secret = reader.int32();
      reader.expect_end();
      return request;
    }
    default:
      return parse_request(code, reader);
  }
}

}  // namespace dvecdb::server::pgwire
