// A view reads with the rights of its owner; who asks it needs a right on the view alone.
#include "tests/unit/exec/session_fixture.h"

namespace dvecdb::server::exec {
namespace {

class ViewRightsTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    run("CREATE ROLE owner LOGIN; CREATE ROLE guest LOGIN; CREATE TABLE hidden (a int); "
        "INSERT INTO hidden VALUES (1); CREATE VIEW shown AS SELECT a FROM hidden; "
        "CREATE VIEW twice AS SELECT a * 2 AS a FROM shown; GRANT SELECT ON shown TO guest");
    guest_ = connect("guest");
  }
  void TearDown() override {
    guest_.reset();
    SessionTest::TearDown();
  }
  std::unique_ptr<Session> guest_;
};

TEST_F(ViewRightsTest, AViewShowsWhatItsOwnerMayRead) {
  EXPECT_EQ(rows(*guest_, "SELECT a FROM shown"), "1");
  EXPECT_EQ(rows(*guest_, "SELECT (SELECT max(a) FROM shown)"), "1");
  EXPECT_EQ(rows(*guest_, "WITH w AS (SELECT a FROM shown) SELECT a FROM w"), "1");
  EXPECT_EQ(rows(*guest_, "SELECT a FROM twice"), "ERROR 42501 permission denied for view twice");
  EXPECT_EQ(rows(*guest_, "SELECT a FROM hidden"),
            "ERROR 42501 permission denied for table hidden");
  EXPECT_EQ(rows(*guest_, "SELECT 1 FROM shown WHERE EXISTS (SELECT 1 FROM hidden)"),
            "ERROR 42501 permission denied for table hidden");
  run("GRANT SELECT ON twice TO guest; REVOKE SELECT ON shown FROM guest");
  EXPECT_EQ(rows(*guest_, "SELECT a FROM twice"), "2");
  EXPECT_EQ(rows(*guest_, "SELECT a FROM shown"), "ERROR 42501 permission denied for view shown");
}

TEST_F(ViewRightsTest, AViewOfSomeoneWithoutRightsShowsNothing) {
  run("ALTER TABLE shown OWNER TO owner; GRANT SELECT ON shown TO guest");
  EXPECT_EQ(rows(*guest_, "SELECT a FROM shown"), "ERROR 42501 permission denied for table hidden");
  run("GRANT SELECT ON hidden TO owner");
  EXPECT_EQ(rows(*guest_, "SELECT a FROM shown"), "1");
}

TEST_F(ViewRightsTest, CatalogViewsAreForEverybody) {
  EXPECT_EQ(rows(*guest_, "SELECT rolname FROM pg_roles WHERE rolname = 'guest'"), "guest");
  EXPECT_EQ(rows(*guest_, "SELECT count(*) FROM pg_authid"),
            "ERROR 42501 permission denied for table pg_authid");
  EXPECT_EQ(rows(*guest_, "SELECT count(*) FROM pg_shadow"),
            "ERROR 42501 permission denied for view pg_shadow");
}

TEST_F(ViewRightsTest, WhatIsChangedNeedsNoRightToBeRead) {
  run("GRANT INSERT ON hidden TO guest");
  EXPECT_EQ(run(*guest_, "INSERT INTO hidden VALUES (2)"), "INSERT 0 1");
  EXPECT_EQ(rows(*guest_, "INSERT INTO hidden SELECT a FROM hidden"),
            "ERROR 42501 permission denied for table hidden");
}

}  // namespace
}  // namespace dvecdb::server::exec
