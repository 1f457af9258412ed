#include "server/app/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace dvecdb::server::app {

namespace {

constexpr std::size_t max_statement_text = 2000;

// The message as a JSON string's content.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    for (const char c : message.payload) append(c, out);
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }

 private:
  static void append(char c, spdlog::memory_buf_t& out) {
    switch (c) {
      case '"':
        return fmt::format_to(std::back_inserter(out), "\\\""), void();
      case '\\':
        return fmt::format_to(std::back_inserter(out), "\\\\"), void();
      case '\n':
        return fmt::format_to(std::back_inserter(out), "\\n"), void();
      default:
        break;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out.push_back(c);
    }
  }
};

std::string_view shortened(std::string_view text) {
  return text.substr(0, max_statement_text);
}

}  // namespace

void set_up_log(const std::string& level, const std::string& format) {
  auto logger =
      std::make_shared<spdlog::logger>("dvecdb", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (format == "json") {
    formatter->add_flag<JsonMessage>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%*"})");
  } else {
    formatter->set_pattern("%Y-%m-%d %H:%M:%S.%e UTC [%l] %v");
  }
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_statement(const exec::StatementEvent& event, std::int64_t slow_ms) {
  if (event.error != nullptr) {
    spdlog::warn("statement failed: pid={} user={} database={} sqlstate={} error={} statement={}",
                 event.pid, event.user, event.database, event.error->sqlstate, event.error->message,
                 shortened(event.text));
  } else if (slow_ms >= 0 && event.milliseconds >= static_cast<double>(slow_ms)) {
    spdlog::info("slow statement: pid={} user={} database={} milliseconds={:.1f} statement={}",
                 event.pid, event.user, event.database, event.milliseconds, shortened(event.text));
  }
}

}  // namespace dvecdb::server::app
