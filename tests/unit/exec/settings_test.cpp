#include <gtest/gtest.h>

#include "server/catalog/embedded_files.h"
#include "server/exec/settings/session_settings.h"
#include "server/exec/settings/special_settings.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {
namespace {

class Settings : public ::testing::Test {
 protected:
  std::string error(std::string_view name, std::string_view value) {
    try {
      settings_.set(name, value, false, true);
      return "none";
    } catch (const types::SqlError& e) {
      return e.sqlstate() + " " + e.what();
    }
  }
  SettingTable table_{catalog::embedded_file("pg_settings.tsv")};
  SessionSettings settings_{table_};
};

TEST_F(Settings, KeepUnits) {
  settings_.set("work_mem", "64MB", false, true);
  EXPECT_EQ(settings_.raw("work_mem"), "65536");
  EXPECT_EQ(settings_.show("WORK_MEM"), "64MB");
  settings_.set("statement_timeout", "1.5s", false, true);
  EXPECT_EQ(settings_.integer("statement_timeout"), 1500);
  EXPECT_EQ(settings_.show("statement_timeout"), "1500ms");
}

TEST_F(Settings, RefuseBadValues) {
  EXPECT_EQ(error("work_mem", "1"),
            "22023 1 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)");
  EXPECT_EQ(error("hnsw.ef_search", "1001"),
            "22023 1001 is outside the valid range for parameter \"hnsw.ef_search\" (1 .. 1000)");
  EXPECT_EQ(error("enable_seqscan", "maybe"),
            "22023 parameter \"enable_seqscan\" requires a Boolean value");
  EXPECT_EQ(error("port", "1"),
            "55P02 parameter \"port\" cannot be changed without restarting the server");
  EXPECT_EQ(error("nope", "1"), "42704 unrecognized configuration parameter \"nope\"");
  EXPECT_EQ(error("hnsw.nope", "1"), "42602 invalid configuration parameter name \"hnsw.nope\"");
  EXPECT_EQ(error("my.own", "anything"), "none");
}

TEST_F(Settings, FollowTransactions) {
  settings_.set("work_mem", "1MB", false, true);
  settings_.commit();
  settings_.set("work_mem", "2MB", true, true);
  EXPECT_EQ(settings_.show("work_mem"), "2MB");
  settings_.commit();
  EXPECT_EQ(settings_.show("work_mem"), "1MB");
  const std::size_t mark = settings_.mark();
  settings_.set("work_mem", "3MB", false, true);
  settings_.rollback_to(mark);
  EXPECT_EQ(settings_.show("work_mem"), "1MB");
  settings_.reset("work_mem", false, true);
  EXPECT_EQ(settings_.show("work_mem"), "4MB");
}

TEST_F(Settings, ReportChangesOnce) {
  settings_.take_reports();
  settings_.set("application_name", "x", false, true);
  const auto reports = settings_.take_reports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].second, "x");
  EXPECT_TRUE(settings_.take_reports().empty());
}

TEST(IdentifierList, Splits) {
  EXPECT_EQ(split_identifier_list("search_path", "A, \"B c\",d"),
            (std::vector<std::string>{"a", "B c", "d"}));
  EXPECT_THROW(split_identifier_list("search_path", "a,"), types::SqlError);
}

}  // namespace
}  // namespace dvecdb::server::exec
