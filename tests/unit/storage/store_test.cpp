#include "server/storage/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/storage/temporary_folder.h"

namespace dvecdb::server::storage {
namespace {

std::int64_t count_of(Database& database, std::string_view sql) {
  const ReaderLease reader = database.reader();
  Statement statement = reader.connection().prepare(sql);
  statement.step();
  return statement.column(0).as_integer();
}

TEST(Store, KeepsWhatItIsGiven) {
  TemporaryFolder folder;
  for (int start = 0; start < 3; ++start) {
    Store store(folder.path() + "/data", {}, nullptr);
    EXPECT_EQ(store.is_new(), start == 0);
    const auto database = store.database(5);
    EXPECT_EQ(store.database(5), database);
    database->run_grouped({}, [](Connection& writer) {
      writer.execute("CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1);");
      writer.execute("CREATE TABLE IF NOT EXISTS global.shared (a);");
      writer.execute("INSERT INTO global.shared VALUES (1)");
    });
    EXPECT_EQ(count_of(*database, "SELECT count(*) FROM t"), start + 1);
    EXPECT_EQ(count_of(*store.database(6), "SELECT count(*) FROM global.shared"), start + 1);
    EXPECT_GT(store.disk_free_bytes(), 0);
  }
}

TEST(Store, ASecondServerIsRefused) {
  TemporaryFolder folder;
  const Store first(folder.path(), {}, nullptr);
  EXPECT_EQ(state_of([&] { const Store second(folder.path(), {}, nullptr); }), "55006");
}

TEST(Store, AnUnknownFormatIsRefused) {
  TemporaryFolder folder;
  std::ofstream(folder.path() + "/format") << "dvecdb data 99\n";
  EXPECT_EQ(state_of([&] { const Store store(folder.path(), {}, nullptr); }), "XX001");
}

TEST(Store, AFolderThatCannotBeMadeIsAnError) {
  TemporaryFolder folder;
  std::ofstream(folder.path() + "/file") << "x";
  EXPECT_EQ(state_of([&] { const Store store(folder.path() + "/file/data", {}, nullptr); }),
            "58030");
}

TEST(Store, CopiesAndDropsDatabases) {
  TemporaryFolder folder;
  Store store(folder.path(), {}, nullptr);
  store.database(1)->run_grouped({}, [](Connection& writer) {
    writer.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);");
  });
  store.copy_database(1, 2);
  EXPECT_EQ(count_of(*store.database(2), "SELECT count(*) FROM t"), 2);
  store.database(2)->run_grouped({}, [](Connection& w) { w.execute("DELETE FROM t"); });
  EXPECT_EQ(count_of(*store.database(1), "SELECT count(*) FROM t"), 2);
  {
    const auto user = store.database(2);
    EXPECT_EQ(state_of([&] { store.drop_database(2); }), "55006");
  }
  store.drop_database(2);
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/base/2"));
  EXPECT_EQ(store.open_databases().size(), 1U);
}

}  // namespace
}  // namespace dvecdb::server::storage
