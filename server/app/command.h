// What the program can be told to do: `dvecdb <name> [flags]`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/app/options.h"

namespace dvecdb::server::app {

// One use: keys(), whose values are set, then run().
class Command {
 public:
  virtual ~Command() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;  // one line
  virtual std::string_view description() const = 0;
  // They set the command's own options, and live as long as it does.
  virtual KeyList keys() = 0;
  // Answers the process's exit code. Throws ConfigError for options that do not fit each other, and
  // std::exception with a sentence for what went wrong.
  virtual int run() = 0;
};

std::unique_ptr<Command> make_serve_command();
std::unique_ptr<Command> make_backup_command();
std::unique_ptr<Command> make_restore_command();
std::unique_ptr<Command> make_check_command();
std::unique_ptr<Command> make_healthcheck_command();

// All of them; the first is what runs when none is named.
std::vector<std::unique_ptr<Command>> all_commands();

// Runs what the arguments ask for; answers the exit code. Throws as Command::run.
int run_command(OptionSources sources);

}  // namespace dvecdb::server::app
