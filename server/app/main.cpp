#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "server/app/config.h"
#include "server/app/log.h"
#include "server/app/serve.h"

extern char** environ;

namespace {

using dvecdb::server::app::CommandLine;

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

int run(const std::vector<std::string>& arguments) {
  const CommandLine command =
      dvecdb::server::app::read_config(arguments, look_up, environment_names());
  if (command.wants_help) {
    fmt::print("{}", dvecdb::server::app::help_text());
    return EXIT_SUCCESS;
  }
  if (command.wants_version) {
    fmt::print("dvecdb {}\n", dvecdb::server::app::version());
    return EXIT_SUCCESS;
  }
  dvecdb::server::app::set_up_log(command.config.log_level, command.config.log_format);
  return dvecdb::server::app::serve(command.config);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const dvecdb::server::app::ConfigError& error) {
    fmt::print(stderr, "dvecdb: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "dvecdb: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
