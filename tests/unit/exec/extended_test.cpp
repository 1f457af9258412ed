// The extended protocol.
#include "tests/unit/exec/session_fixture.h"

namespace dvecdb::server::exec {
namespace {

class ExtendedTest : public SessionTest {
 protected:
  std::vector<Session::Parameter> texts(const std::vector<std::string>& values) {
    kept_ = values;
    std::vector<Session::Parameter> parameters;
    for (const std::string& value : kept_) {
      parameters.push_back({value == "NULL", value});
    }
    return parameters;
  }
  // Parse, Bind, Describe, Execute, Sync with text parameters.
  std::string query(std::string_view text, const std::vector<std::string>& values = {},
                    std::int32_t max_rows = 0) {
    session_->parse("", text, {}, sink_);
    session_->bind("", "", {}, texts(values), {}, sink_);
    session_->describe_portal("", sink_);
    session_->execute("", max_rows, sink_);
    session_->sync(sink_);
    return sink_.take();
  }
  RecordingSink sink_;
  std::vector<std::string> kept_;
};

TEST_F(ExtendedTest, AnswersStepByStep) {
  EXPECT_EQ(query("SELECT $1::int + 1 AS n", {"41"}),
            "parsed\nbound\ncolumns n:23\nrow 42\nSELECT 1");
  EXPECT_EQ(query("SELECT $1::text", {"NULL"}),
            "parsed\nbound\ncolumns text:25\nrow NULL\nSELECT 1");
  EXPECT_EQ(query(""), "parsed\nbound\nno data\nempty");
  EXPECT_EQ(query("SHOW work_mem"), "parsed\nbound\ncolumns work_mem:25\nrow 4MB\nSHOW");
}

TEST_F(ExtendedTest, DescribesStatements) {
  run("CREATE TABLE t (a int, v vector(3))");
  session_->parse("s", "INSERT INTO t VALUES ($1, $2) RETURNING a", {}, sink_);
  session_->describe_statement("s", sink_);
  session_->sync(sink_);
  const std::string answer = sink_.take();
  EXPECT_EQ(answer.substr(0, 20), "parsed\nparameters 23");
  EXPECT_NE(answer.find("columns a:23"), std::string::npos);
}

TEST_F(ExtendedTest, SharesNoCommitButItsOwn) {
  run("CREATE TABLE t (a int PRIMARY KEY)");
  EXPECT_EQ(query("INSERT INTO t VALUES ($1)", {"1"}), "parsed\nbound\nno data\nINSERT 0 1");
  // Two writes before one Sync are one transaction.
  session_->parse("s", "INSERT INTO t VALUES ($1)", {}, sink_);
  session_->bind("", "s", {}, texts({"2"}), {}, sink_);
  session_->execute("", 0, sink_);
  session_->bind("", "s", {}, texts({"1"}), {}, sink_);
  session_->execute("", 0, sink_);
  session_->sync(sink_);
  EXPECT_EQ(sink_.take(),
            "parsed\nbound\nINSERT 0 1\nbound\nERROR 23505 duplicate key value violates unique "
            "constraint \"t_pkey\" / Key (a)=(1) already exists.");
  EXPECT_EQ(rows("SELECT a FROM t"), "1");
}

TEST_F(ExtendedTest, AnswersAWriteAtFlush) {
  run("CREATE TABLE t (a int)");
  session_->parse("", "INSERT INTO t VALUES (1)", {}, sink_);
  session_->bind("", "", {}, {}, {}, sink_);
  session_->execute("", 0, sink_);
  session_->flush(sink_);
  EXPECT_EQ(sink_.take(), "parsed\nbound\nINSERT 0 1");
  session_->sync(sink_);
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "1");
}

TEST_F(ExtendedTest, SuspendsPortals) {
  run("BEGIN");
  session_->parse("", "SELECT g FROM generate_series(1, 3) g", {}, sink_);
  session_->bind("p", "", {}, {}, {}, sink_);
  session_->execute("p", 2, sink_);
  session_->execute("p", 2, sink_);
  session_->sync(sink_);
  EXPECT_EQ(sink_.take(), "parsed\nbound\nrow 1\nrow 2\nsuspended\nrow 3\nSELECT 1");
  run("COMMIT");
}

TEST_F(ExtendedTest, SkipsUntilSync) {
  session_->parse("", "SELECT nope", {}, sink_);
  session_->bind("", "", {}, {}, {}, sink_);
  session_->execute("", 0, sink_);
  session_->sync(sink_);
  EXPECT_EQ(sink_.take(), "ERROR 42703 column \"nope\" does not exist");
  EXPECT_EQ(query("SELECT 1").substr(0, 6), "parsed");
}

TEST_F(ExtendedTest, RefusesWrongBinds) {
  EXPECT_EQ(query("SELECT $1::int", {}),
            "parsed\nERROR 08P01 bind message supplies 0 parameters, but prepared statement \"\" "
            "requires 1");
  EXPECT_EQ(query("SELECT $1::int", {"x"}),
            "parsed\nERROR 22P02 invalid input syntax for type integer: \"x\"");
  session_->bind("", "none", {}, {}, {}, sink_);
  session_->sync(sink_);
  EXPECT_EQ(sink_.take(), "ERROR 26000 prepared statement \"none\" does not exist");
  session_->execute("none", 0, sink_);
  session_->sync(sink_);
  EXPECT_EQ(sink_.take(), "ERROR 34000 portal \"none\" does not exist");
}

TEST_F(ExtendedTest, RefusesAChangedResult) {
  run("CREATE TABLE t (a int)");
  session_->parse("s", "SELECT * FROM t", {}, sink_);
  session_->sync(sink_);
  run("ALTER TABLE t ADD COLUMN b int");
  sink_.take();
  session_->bind("", "s", {}, {}, {}, sink_);
  session_->sync(sink_);
  EXPECT_EQ(sink_.take(), "ERROR 0A000 cached plan must not change result type");
}

}  // namespace
}  // namespace dvecdb::server::exec
