// The options of a command: command-line flags before environment before the TOML file before
// defaults.
//
// One key has one name everywhere: `data_dir` in the file, --data-dir as a flag, DVECDB_DATA_DIR in
// the environment. The environment and the file are shared by all commands: each takes the keys
// that are its own and passes over those of others. A key that no command has is an error that
// names the nearest one; so is a flag that the command itself does not have.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::app {

// Says which key, where it came from, the value and what it takes.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Key {
  std::string_view name;
  std::string_view placeholder;  // "" for a switch, which as a flag needs no value
  std::string_view help;
  // Takes the value or throws std::invalid_argument with what is wanted.
  std::function<void(const std::string& value)> set;
  std::string initial;  // the default; "" for none
};
using KeyList = std::vector<Key>;

// A row of a command's table of keys, for its options of that type.
template <typename Options>
struct KeyOf {
  std::string_view name;
  std::string_view placeholder;
  std::string_view help;
  void (*set)(Options& options, const std::string& value);
  std::string (*get)(const Options& options);
};

// `options` must outlive the list.
template <typename Options, std::size_t Count>
KeyList bind_keys(const KeyOf<Options> (&rows)[Count], Options& options) {
  KeyList keys;
  for (const KeyOf<Options>& row : rows) {
    keys.push_back({row.name, row.placeholder, row.help,
                    [&options, &row](const std::string& value) { row.set(options, value); },
                    row.get(options)});
  }
  return keys;
}

// --- What rows are made of ---

template <typename Member>
struct OwnerOf;
template <typename Owner, typename Field>
struct OwnerOf<Field Owner::*> {
  using Type = Owner;
};
template <auto Member>
using OptionsWith = typename OwnerOf<decltype(Member)>::Type;

std::int64_t parse_number(const std::string& text, std::int64_t low, std::int64_t high);
bool parse_switch(const std::string& text);
void choose(std::string& field, const std::string& value,
            std::initializer_list<std::string_view> choices);

template <auto Member, std::int64_t Low, std::int64_t High>
void set_number(OptionsWith<Member>& options, const std::string& value) {
  auto& field = options.*Member;
  field = static_cast<std::remove_reference_t<decltype(field)>>(parse_number(value, Low, High));
}

template <auto Member>
void set_text(OptionsWith<Member>& options, const std::string& value) {
  if (value.empty()) throw std::invalid_argument("a text that is not empty");
  options.*Member = value;
}

template <auto Member>
void set_switch(OptionsWith<Member>& options, const std::string& value) {
  options.*Member = parse_switch(value);
}

template <auto Member>
std::string get(const OptionsWith<Member>& options) {
  return fmt::format("{}", options.*Member);
}

// --- Reading ---

// `variable`: looks a variable of the environment up, nullopt when unset.
struct OptionSources {
  std::vector<std::string> arguments;
  std::function<std::optional<std::string>(const std::string& name)> variable;
  std::vector<std::string> variable_names;
};

struct Wishes {
  bool help = false;
  bool version = false;
};

// Sets the keys of the command `command` ("" for the server). `known`: the names of all commands'
// keys. Reads the TOML file that --config or DVECDB_CONFIG names. Throws ConfigError.
Wishes read_options(const KeyList& keys, std::string_view command,
                    const std::vector<std::string_view>& known, const OptionSources& sources);

// The flags, one a line, with their defaults.
std::string flags_text(const KeyList& keys);

// The name in `names` that is most like `written`; `names` is not empty.
std::string nearest(const std::string& written, const std::vector<std::string>& names);

}  // namespace dvecdb::server::app
