#include "server/app/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <span>

namespace dvecdb::server::app {

namespace {

struct Key {
  std::string_view name;
  std::string_view placeholder;
  std::string_view help;
  // Takes the value or throws std::invalid_argument with what is wanted.
  void (*set)(Config& config, const std::string& value);
  std::string (*get)(const Config& config);
};

std::int64_t parse_number(const std::string& text, std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < low || number > high) {
    throw std::invalid_argument(fmt::format("a whole number from {} to {}", low, high));
  }
  return number;
}

template <auto Member, std::int64_t Low, std::int64_t High>
void set_number(Config& config, const std::string& value) {
  auto& field = config.*Member;
  field = static_cast<std::remove_reference_t<decltype(field)>>(parse_number(value, Low, High));
}

template <auto Member>
void set_text(Config& config, const std::string& value) {
  if (value.empty()) throw std::invalid_argument("a text that is not empty");
  config.*Member = value;
}

template <auto Member>
std::string get(const Config& config) {
  return fmt::format("{}", config.*Member);
}

void choose(std::string& field, const std::string& value,
            std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    throw std::invalid_argument(fmt::format("one of {}", fmt::join(choices, ", ")));
  }
  field = value;
}

void set_log_level(Config& config, const std::string& value) {
  choose(config.log_level, value, {"debug", "info", "warn", "error"});
}
void set_log_format(Config& config, const std::string& value) {
  choose(config.log_format, value, {"text", "json"});
}

void set_auth(Config& config, const std::string& value) {
  choose(config.auth, value, {"trust-loopback", "scram"});
}

void set_tls(Config& config, const std::string& value) {
  choose(config.tls, value, {"off", "allow", "require"});
}

constexpr std::int64_t day_ms = std::int64_t{24} * 60 * 60 * 1000;

const Key keys[] = {
    {"data_dir", "DIR", "folder that holds all data", set_text<&Config::data_dir>,
     get<&Config::data_dir>},
    {"listen", "ADDRESS", "address to listen on", set_text<&Config::listen>, get<&Config::listen>},
    {"port", "PORT", "Postgres wire protocol; 0 picks a free port",
     set_number<&Config::port, 0, 65535>, get<&Config::port>},
    {"http_port", "PORT", "health over HTTP; 0 picks a free port",
     set_number<&Config::http_port, 0, 65535>, get<&Config::http_port>},
    {"metrics_port", "PORT", "Prometheus metrics over HTTP; 0 picks a free port",
     set_number<&Config::metrics_port, 0, 65535>, get<&Config::metrics_port>},
    {"log_level", "LEVEL", "debug, info, warn or error", set_log_level, get<&Config::log_level>},
    {"log_format", "FORMAT", "text, or json for one JSON object a line", set_log_format,
     get<&Config::log_format>},
    {"slow_statement_ms", "MS", "log statements that take this long or longer; -1 for none",
     set_number<&Config::slow_statement_ms, -1, day_ms>, get<&Config::slow_statement_ms>},
    {"max_connections", "N", "clients at once", set_number<&Config::max_connections, 1, 10000>,
     get<&Config::max_connections>},
    {"memory_limit_mb", "MB", "what health judges memory by; 0: the container's or machine's",
     set_number<&Config::memory_limit_mb, 0, std::int64_t{1} << 40>, get<&Config::memory_limit_mb>},
    {"shutdown_grace_ms", "MS", "how long running statements may go on at shutdown",
     set_number<&Config::shutdown_grace_ms, 0, day_ms>, get<&Config::shutdown_grace_ms>},
    {"auth", "METHOD",
     "trust-loopback: clients on loopback need no password; scram: everybody does", set_auth,
     get<&Config::auth>},
    {"superuser_password", "PASSWORD",
     "password of user postgres, set at start (better: superuser_password_file)",
     set_text<&Config::superuser_password>, get<&Config::superuser_password>},
    {"superuser_password_file", "FILE", "file whose first line is that password",
     set_text<&Config::superuser_password_file>, get<&Config::superuser_password_file>},
    {"tls", "MODE",
     "off; allow: offered when there is a certificate; require: clients from elsewhere must use it",
     set_tls, get<&Config::tls>},
    {"tls_certificate_file", "FILE", "PEM: the server's certificate and those it was signed with",
     set_text<&Config::tls_certificate_file>, get<&Config::tls_certificate_file>},
    {"tls_key_file", "FILE", "PEM: the certificate's key, without a passphrase",
     set_text<&Config::tls_key_file>, get<&Config::tls_key_file>},
};

std::string flag_of(std::string_view name) {
  std::string flag = "--" + std::string(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string variable_of(std::string_view name) {
  std::string variable = "DVECDB_" + std::string(name);
  std::transform(variable.begin(), variable.end(), variable.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return variable;
}

// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

// `spell`: how a key is written where the unknown one was found.
[[noreturn]] void unknown_key(const std::string& written, const std::string& where,
                              std::string (*spell)(std::string_view)) {
  const Key* nearest = &keys[0];
  for (const Key& key : keys) {
    if (edit_distance(written, spell(key.name)) < edit_distance(written, spell(nearest->name))) {
      nearest = &key;
    }
  }
  throw ConfigError(
      fmt::format("unknown {} \"{}\"; the nearest is \"{}\" (dvecdb --help lists all)", where,
                  written, spell(nearest->name)));
}

const Key* find_key(std::string_view name) {
  const auto found = std::find_if(std::begin(keys), std::end(keys),
                                  [name](const Key& key) { return key.name == name; });
  return found == std::end(keys) ? nullptr : found;
}

void set_key(Config& config, const Key& key, const std::string& value, const std::string& source) {
  try {
    key.set(config, value);
  } catch (const std::invalid_argument& wanted) {
    throw ConfigError(
        fmt::format("{}: \"{}\" is not valid, it takes {}", source, value, wanted.what()));
  }
}

std::string toml_text(const toml::node& node, const std::string& source) {
  if (const auto text = node.value<std::string>()) return *text;
  if (const auto number = node.value<std::int64_t>()) return std::to_string(*number);
  throw ConfigError(source + ": takes a text or a whole number");
}

void apply_file(Config& config, const std::string& path) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    throw ConfigError(
        fmt::format("{}: line {}: {}", path, error.source().begin.line, error.description()));
  }
  for (const auto& [name, node] : table) {
    const std::string key_name(name.str());
    const Key* key = find_key(key_name);
    if (key == nullptr) {
      unknown_key(key_name, "key in " + path,
                  [](std::string_view known) { return std::string(known); });
    }
    const std::string source = path + ": " + key_name;
    set_key(config, *key, toml_text(node, source), source);
  }
}

void apply_environment(Config& config, const Environment& environment,
                       const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!name.starts_with("DVECDB_") || name == "DVECDB_CONFIG") continue;
    const auto known = std::find_if(std::begin(keys), std::end(keys), [&name](const Key& key) {
      return variable_of(key.name) == name;
    });
    if (known == std::end(keys)) unknown_key(name, "environment variable", variable_of);
    if (const auto value = environment(name)) set_key(config, *known, *value, name);
  }
}

using Flags = std::vector<std::pair<std::string, std::string>>;

// --flag value and --flag=value; -h and -V.
Flags split_flags(const std::vector<std::string>& arguments, CommandLine& command) {
  Flags flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      command.wants_help = true;
    } else if (argument == "--version" || argument == "-V") {
      command.wants_version = true;
    } else if (const std::size_t equals = argument.find('=');
               argument.starts_with("--") && equals != std::string::npos) {
      flags.emplace_back(argument.substr(0, equals), argument.substr(equals + 1));
    } else if (argument.starts_with("--")) {
      if (i + 1 == arguments.size()) throw ConfigError(argument + " takes a value");
      flags.emplace_back(argument, arguments[++i]);
    } else {
      throw ConfigError("unexpected argument \"" + argument + "\" (dvecdb --help)");
    }
  }
  return flags;
}

void apply_flags(Config& config, const Flags& flags) {
  for (const auto& [flag, value] : flags) {
    if (flag == "--config") continue;
    const auto known =
        std::find_if(std::begin(keys), std::end(keys),
                     [&flag = flag](const Key& key) { return flag_of(key.name) == flag; });
    if (known == std::end(keys)) unknown_key(flag, "flag", flag_of);
    set_key(config, *known, value, flag);
  }
}

std::string config_path(const Flags& flags, const Environment& environment) {
  std::string path = environment("DVECDB_CONFIG").value_or("");
  for (const auto& [flag, value] : flags) {
    if (flag == "--config") path = value;
  }
  return path;
}

}  // namespace

CommandLine read_config(const std::vector<std::string>& arguments, const Environment& environment,
                        const std::vector<std::string>& environment_names) {
  CommandLine command;
  const Flags flags = split_flags(arguments, command);
  const std::string path = config_path(flags, environment);
  if (!path.empty()) apply_file(command.config, path);
  apply_environment(command.config, environment, environment_names);
  apply_flags(command.config, flags);
  return command;
}

std::string help_text() {
  std::string text =
      "dvecdb: vector search that speaks PostgreSQL\n"
      "\n"
      "usage: dvecdb [flags]\n"
      "\n"
      "Each flag can also be an environment variable (--data-dir: DVECDB_DATA_DIR) or a key of\n"
      "the TOML file (data_dir = \"...\"). Flags win over the environment, that over the file.\n"
      "\n";
  const Config defaults;
  const auto line = [&text](const std::string& flag, std::string_view help) {
    text += fmt::format("  {:<34} {}\n", flag, help);
  };
  for (const Key& key : keys) {
    const std::string value = key.get(defaults);
    line(fmt::format("{} {}", flag_of(key.name), key.placeholder),
         value.empty() ? std::string(key.help) : fmt::format("{} (default {})", key.help, value));
  }
  line("--config FILE", "TOML file to read (DVECDB_CONFIG)");
  line("--version", "print the version and exit");
  line("--help", "print this and exit");
  return text;
}

}  // namespace dvecdb::server::app
