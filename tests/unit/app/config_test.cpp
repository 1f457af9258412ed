#include "server/app/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>

namespace dvecdb::server::app {
namespace {

struct Reading {
  Config config;
  Wishes wishes;
};

Reading read(const std::vector<std::string>& arguments,
             const std::map<std::string, std::string>& variables = {}) {
  Reading reading;
  const KeyList keys = config_keys(reading.config);
  std::vector<std::string_view> known = {"another_commands"};
  for (const Key& key : keys) known.push_back(key.name);
  OptionSources sources;
  sources.arguments = arguments;
  for (const auto& [name, value] : variables) sources.variable_names.push_back(name);
  sources.variable = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  reading.wishes = read_options(keys, "", known, sources);
  return reading;
}

std::string error_of(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& variables = {}) {
  try {
    read(arguments, variables);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Config, Defaults) {
  const Config config = read({}).config;
  EXPECT_EQ(config.port, 5433);
  EXPECT_EQ(config.http_port, 8080);
  EXPECT_EQ(config.metrics_port, 9091);
  EXPECT_EQ(config.listen, "127.0.0.1");
}

TEST(Config, FlagsBeforeEnvironmentBeforeFile) {
  const std::string path = testing::TempDir() + "/config_test.toml";
  std::ofstream(path) << "port = 1\nhttp_port = 2\ndata_dir = \"from file\"\n";
  const Config config =
      read({"--config", path, "--port", "3"}, {{"DVECDB_PORT", "4"}, {"DVECDB_HTTP_PORT", "5"}})
          .config;
  std::remove(path.c_str());
  EXPECT_EQ(config.port, 3);
  EXPECT_EQ(config.http_port, 5);
  EXPECT_EQ(config.data_dir, "from file");
}

TEST(Config, BothFlagForms) {
  EXPECT_EQ(read({"--port=7"}).config.port, 7);
  EXPECT_EQ(read({"--port", "7"}).config.port, 7);
  EXPECT_TRUE(read({"--help"}).wishes.help);
}

TEST(Config, ErrorsHelp) {
  EXPECT_NE(error_of({"--prot", "1"}).find("nearest is \"--port\""), std::string::npos);
  EXPECT_NE(error_of({}, {{"DVECDB_PORTS", "1"}}).find("\"DVECDB_PORT\""), std::string::npos);
  EXPECT_NE(error_of({"--port", "x"}).find("from 0 to 65535"), std::string::npos);
  EXPECT_NE(error_of({"--log-level", "loud"}).find("debug, info, warn, error"), std::string::npos);
  EXPECT_NE(error_of({"--port"}).find("takes a value"), std::string::npos);
  EXPECT_NE(error_of({"--config", "/nonexistent.toml"}), "no error");
}

// Containers and files configure all commands at once.
TEST(Config, KeysOfOtherCommandsArePassedOver) {
  EXPECT_EQ(error_of({}, {{"DVECDB_ANOTHER_COMMANDS", "x"}}), "no error");
  EXPECT_NE(error_of({"--another-commands", "x"}).find("unknown flag"), std::string::npos);
}

TEST(Config, SwitchesNeedNoValue) {
  struct Options {
    bool live = false;
  };
  const KeyOf<Options> rows[] = {{"live", "", "", set_switch<&Options::live>, get<&Options::live>}};
  const auto unset = [](const std::string&) { return std::optional<std::string>(); };
  const auto read_live = [&](const std::vector<std::string>& arguments) {
    Options options;
    read_options(bind_keys(rows, options), "healthcheck", {"live"}, {arguments, unset, {}});
    return options.live;
  };
  EXPECT_FALSE(read_live({}));
  EXPECT_TRUE(read_live({"--live"}));
  EXPECT_FALSE(read_live({"--live=false"}));
  EXPECT_THROW(read_live({"--live=maybe"}), ConfigError);
}

}  // namespace
}  // namespace dvecdb::server::app
