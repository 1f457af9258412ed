#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "server/app/command.h"
#include "server/types/error.h"

extern char** environ;

namespace {

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string assignment(*entry);
    names.push_back(assignment.substr(0, assignment.find('=')));
  }
  return names;
}

std::optional<std::string> look_up(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dvecdb::server::app::run_command(
        {{argv + 1, argv + argc}, look_up, environment_names()});
  } catch (const dvecdb::server::app::ConfigError& error) {
    fmt::print(stderr, "dvecdb: {}\n", error.what());
    return 2;
  } catch (const dvecdb::server::types::SqlError& error) {
    const auto& fields = error.fields();
    fmt::print(stderr, "dvecdb: {}{}{}\n", fields.message,
               fields.hint.empty() ? "" : "\nHINT: ", fields.hint);
    return EXIT_FAILURE;
  } catch (const std::exception& error) {
    fmt::print(stderr, "dvecdb: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
