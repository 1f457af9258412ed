#include "server/catalog/bootstrap.h"

#include "server/catalog/builtin_rows.h"
#include "tests/unit/catalog/catalog_fixture.h"

namespace dvecdb::server::catalog {
namespace {

using BootstrapTest = CatalogFixture;

TEST_F(BootstrapTest, FillsEveryCatalog) {
  EXPECT_EQ(value_of("SELECT count(*) FROM t1259").as_integer(), 330);
  for (const BuiltinTable& table : BuiltinRows::instance().tables()) {
    const std::string name = (table.is_shared ? "global.t" : "t") + std::to_string(table.oid);
    const std::int64_t count = value_of("SELECT count(*) FROM " + name).as_integer();
    if (table.name == "pg_database") {
      EXPECT_EQ(count, 3);
    } else if (table.name == "pg_depend") {
      EXPECT_GT(count, 200) << "the members of the extension vector";
    } else {
      EXPECT_EQ(count, static_cast<std::int64_t>(table.rows.size())) << table.name;
    }
  }
}

TEST_F(BootstrapTest, MakesTheCatalogsIndexes) {
  const types::Value plan = value_of("EXPLAIN QUERY PLAN SELECT * FROM t1259 WHERE c1 = 1259");
  const types::Value by_name =
      value_of("SELECT c1 FROM t1259 INDEXED BY i2663 WHERE c2 = 'pg_proc' AND c3 = 11");
  EXPECT_EQ(by_name.as_integer(), 1255);
}

TEST_F(BootstrapTest, IsDoneOnce) {
  write([](storage::Connection& writer) {
    EXPECT_TRUE(has_catalogs(writer));
    EXPECT_FALSE(create_shared_catalogs(writer));
  });
}

TEST_F(BootstrapTest, LoadsRolesAndDatabases) {
  const SnapshotPtr snapshot = load();
  ASSERT_NE(snapshot->find_role("postgres"), nullptr);
  EXPECT_TRUE(snapshot->find_role("postgres")->is_superuser);
  EXPECT_EQ(snapshot->find_role(3373)->member_of, (std::vector<Oid>{3374, 3375, 3377}));
  EXPECT_EQ(snapshot->find_database("postgres")->oid, postgres_database_oid);
  EXPECT_EQ(snapshot->schemas().size(), 4U);
  EXPECT_NE(snapshot->find_type("public", "vector"), nullptr);
  EXPECT_EQ(load(), snapshot) << "the same version is the same snapshot";
}

}  // namespace
}  // namespace dvecdb::server::catalog
