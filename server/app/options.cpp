#include "server/app/options.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

namespace dvecdb::server::app {

namespace {

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

std::string plain(std::string_view name) {
  return std::string(name);
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

// One reading: the keys, and how to speak of them.
class Reader {
 public:
  Reader(const KeyList& keys, std::string_view command, const std::vector<std::string_view>& known)
      : keys_(keys), known_(known), help_("dvecdb --help") {
    if (!command.empty()) help_ = fmt::format("dvecdb {} --help", command);
  }

  void read_file(const std::string& path) const {
    toml::table table;
    try {
      table = toml::parse_file(path);
    } catch (const toml::parse_error& error) {
      throw ConfigError(
          fmt::format("{}: line {}: {}", path, error.source().begin.line, error.description()));
    }
    for (const auto& [name, node] : table) {
      const std::string written(name.str());
      const Key* key = find_shared(written, plain, "key in " + path);
      const std::string source = path + ": " + written;
      if (key != nullptr) set(*key, text_of(node, source), source);
    }
  }

  void read_environment(const OptionSources& sources) const {
    for (const std::string& name : sources.variable_names) {
      if (!name.starts_with("DVECDB_") || name == "DVECDB_CONFIG") continue;
      const Key* key = find_shared(name, variable_of, "environment variable");
      const auto value = sources.variable(name);
      if (key != nullptr && value) set(*key, *value, name);
    }
  }

  // --flag value, --flag=value, --switch; -h and -V. Answers the path that --config names.
  std::optional<std::string> split(const std::vector<std::string>& arguments, Wishes& wishes) {
    std::optional<std::string> path;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& argument = arguments[i];
      if (argument == "--help" || argument == "-h") {
        wishes.help = true;
      } else if (argument == "--version" || argument == "-V") {
        wishes.version = true;
      } else if (!argument.starts_with("--")) {
        throw ConfigError(fmt::format("unexpected argument \"{}\" ({})", argument, help_));
      } else if (const std::size_t equals = argument.find('='); equals != std::string::npos) {
        flags_.emplace_back(argument.substr(0, equals), argument.substr(equals + 1));
      } else if (is_switch(argument)) {
        flags_.emplace_back(argument, "true");
      } else if (i + 1 == arguments.size()) {
        find_flag(argument);  // an unknown one is told as such
        throw ConfigError(argument + " takes a value");
      } else {
        flags_.emplace_back(argument, arguments[++i]);
      }
    }
    for (const auto& [flag, value] : flags_) {
      if (flag == "--config") path = value;
    }
    return path;
  }

  void apply_flags() const {
    for (const auto& [flag, value] : flags_) {
      if (const Key* key = find_flag(flag)) set(*key, value, flag);
    }
  }

 private:
  using Spelling = std::string (*)(std::string_view);

  const Key* find(const std::string& written, Spelling spell) const {
    const auto found = std::find_if(keys_.begin(), keys_.end(),
                                    [&](const Key& key) { return spell(key.name) == written; });
    return found == keys_.end() ? nullptr : &*found;
  }

  bool is_switch(const std::string& flag) const {
    const Key* key = find(flag, flag_of);
    return key != nullptr && key->placeholder.empty();
  }

  // nullptr: --config, which is no key.
  const Key* find_flag(const std::string& flag) const {
    if (flag == "--config") return nullptr;
    if (const Key* key = find(flag, flag_of)) return key;
    std::vector<std::string> names;
    for (const Key& key : keys_) names.push_back(flag_of(key.name));
    refuse(flag, "flag", names);
  }

  // nullptr: the key is another command's.
  const Key* find_shared(const std::string& written, Spelling spell,
                         const std::string& where) const {
    if (const Key* key = find(written, spell)) return key;
    std::vector<std::string> names;
    for (const std::string_view name : known_) names.push_back(spell(name));
    if (std::find(names.begin(), names.end(), written) != names.end()) return nullptr;
    refuse(written, where, names);
  }

  [[noreturn]] void refuse(const std::string& written, const std::string& where,
                           const std::vector<std::string>& names) const {
    throw ConfigError(fmt::format("unknown {} \"{}\"; the nearest is \"{}\" ({} lists all)", where,
                                  written, nearest(written, names), help_));
  }

  static void set(const Key& key, const std::string& value, const std::string& source) {
    try {
      key.set(value);
    } catch (const std::invalid_argument& wanted) {
      throw ConfigError(
          fmt::format("{}: \"{}\" is not valid, it takes {}", source, value, wanted.what()));
    }
  }

  static std::string text_of(const toml::node& node, const std::string& source) {
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (const auto text = node.value<std::string>()) return *text;
    if (const auto number = node.value<std::int64_t>()) return std::to_string(*number);
    throw ConfigError(source + ": takes a text, a whole number, true or false");
  }

  const KeyList& keys_;
  const std::vector<std::string_view>& known_;
  std::string help_;
  std::vector<std::pair<std::string, std::string>> flags_;
};

}  // namespace

std::int64_t parse_number(const std::string& text, std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < low || number > high) {
    throw std::invalid_argument(fmt::format("a whole number from {} to {}", low, high));
  }
  return number;
}

bool parse_switch(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  throw std::invalid_argument("true or false");
}

void choose(std::string& field, const std::string& value,
            std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    throw std::invalid_argument(fmt::format("one of {}", fmt::join(choices, ", ")));
  }
  field = value;
}

Wishes read_options(const KeyList& keys, std::string_view command,
                    const std::vector<std::string_view>& known, const OptionSources& sources) {
  Wishes wishes;
  Reader reader(keys, command, known);
  const std::optional<std::string> flagged = reader.split(sources.arguments, wishes);
  const std::string path =
      flagged.value_or(sources.variable("DVECDB_CONFIG").value_or(std::string()));
  if (!path.empty()) reader.read_file(path);
  reader.read_environment(sources);
  reader.apply_flags();
  return wishes;
}

std::string flags_text(const KeyList& keys) {
  std::string text;
  const auto line = [&text](const std::string& flag, std::string_view help) {
    text += fmt::format("  {:<34} {}\n", flag, help);
  };
  for (const Key& key : keys) {
    const bool has_default = !key.initial.empty() && !key.placeholder.empty();
    const std::string flag = flag_of(key.name);
    line(key.placeholder.empty() ? flag : fmt::format("{} {}", flag, key.placeholder),
         has_default ? fmt::format("{} (default {})", key.help, key.initial)
                     : std::string(key.help));
  }
  line("--config FILE", "TOML file to read (DVECDB_CONFIG)");
  line("--version", "print the version and exit");
  line("--help", "print this and exit");
  return text;
}

std::string nearest(const std::string& written, const std::vector<std::string>& names) {
  return *std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return edit_distance(written, a) < edit_distance(written, b);
  });
}

}  // namespace dvecdb::server::app
