#include "server/app/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/app/serve.h"

namespace dvecdb::server::app {

namespace {

using CommandList = std::vector<std::unique_ptr<Command>>;

// Takes the command's word off the arguments. Without one it is the first command.
Command& chosen(const CommandList& commands, std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with("-")) return *commands.front();
  std::vector<std::string> names;
  for (const auto& command : commands) {
    names.emplace_back(command->name());
    if (names.back() != arguments.front()) continue;
    arguments.erase(arguments.begin());
    return *command;
  }
  throw ConfigError(
      fmt::format("unknown command \"{}\"; the nearest is \"{}\" (dvecdb --help lists all)",
                  arguments.front(), nearest(arguments.front(), names)));
}

std::string program_help(const CommandList& commands) {
  std::string text =
      "dvecdb: vector search that speaks PostgreSQL\n"
      "\n"
      "usage: dvecdb [command] [flags]\n"
      "\n";
  for (const auto& command : commands) {
    text += fmt::format("  {:<13} {}\n", command->name(), command->summary());
  }
  return text +
         "\n"
         "`dvecdb <command> --help` tells the flags of a command. Each flag can also be an\n"
         "environment variable (--data-dir: DVECDB_DATA_DIR) or a key of the TOML file\n"
         "(data_dir = \"...\"). Flags win over the environment, that over the file.\n"
         "\n"
         "Without a command dvecdb serves, and takes these flags:\n"
         "\n" +
         flags_text(commands.front()->keys());
}

std::string help_of(Command& command) {
  return fmt::format("dvecdb {}: {}\n\nusage: dvecdb {} [flags]\n\n{}\n{}", command.name(),
                     command.summary(), command.name(), command.description(),
                     flags_text(command.keys()));
}

}  // namespace

std::vector<std::unique_ptr<Command>> all_commands() {
  CommandList commands;
  commands.push_back(make_serve_command());
  commands.push_back(make_backup_command());
  commands.push_back(make_restore_command());
  commands.push_back(make_check_command());
  commands.push_back(make_healthcheck_command());
  return commands;
}

int run_command(OptionSources sources) {
  const CommandList commands = all_commands();
  const bool is_named = !sources.arguments.empty() && !sources.arguments.front().starts_with("-");
  Command& command = chosen(commands, sources.arguments);
  std::vector<std::string_view> known;
  for (const auto& one : commands) {
    for (const Key& key : one->keys()) known.push_back(key.name);
  }
  const std::string help = is_named ? help_of(command) : program_help(commands);
  const Wishes wishes =
      read_options(command.keys(), is_named ? command.name() : "", known, sources);
  if (wishes.help) {
    fmt::print("{}", help);
    return EXIT_SUCCESS;
  }
  if (wishes.version) {
    fmt::print("dvecdb {}\n", version());
    return EXIT_SUCCESS;
  }
  return command.run();
}

}  // namespace dvecdb::server::app
