// Who may do what: the rights of SQL, by each request's role.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "server/exec/engine.h"
#include "server/http/rest/json.h"
#include "server/http/rest/service.h"
#include "server/http/rest/sql.h"
#include "server/http/router.h"

namespace dvecdb::server::http::rest {

namespace {

class RightsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "dvecdb_rest_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    exec::EngineOptions options;
    options.data_dir = folder_;
    engine_ = std::make_unique<exec::Engine>(options);
    RestOptions rest;
    rest.data_dir = folder_;
    service_ = std::make_unique<RestService>(rest);
    service_->add_routes([&](const std::string& method, const std::string& pattern_text,
                             Handler handler) { router_.add(method, pattern_text, handler); });
    service_->open(*engine_);
    sql("CREATE ROLE maker LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE nobody LOGIN; "
        "GRANT CREATE ON SCHEMA public TO maker");
    EXPECT_EQ(call("maker", "POST", "/collections", R"({"name":"c","dimension":2})"), 201);
    sql("GRANT SELECT ON c TO reader");
    EXPECT_EQ(call("maker", "POST", "/collections/c/vectors", R"({"id":"a","vector":[1,2]})"), 201);
  }
  void TearDown() override {
    service_.reset();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  void sql(std::string_view text) {
    exec::SessionOptions options;
    options.user = "postgres";
    options.database = "postgres";
    const auto session = engine_->connect(options);
    Sql(*session).run(text);
  }

  // The status; the answer's data is kept.
  int call(const std::string& user, const std::string& method, const std::string& path,
           const std::string& body = "") {
    const Match match = router_.find(method, path);
    Request request;
    request.method = method;
    request.path = path;
    request.parameters = match.parameters;
    request.body = body;
    request.user = user;
    const Response response = match.route->handler(request);
    if (!response.next_chunk) data_ = json::parse(response.body).at("data");
    return response.status;
  }

  std::string folder_;
  std::unique_ptr<exec::Engine> engine_;
  std::unique_ptr<RestService> service_;
  Router router_;
  json::value data_;
};

TEST_F(RightsTest, MakingNeedsARightOnTheSchema) {
  EXPECT_EQ(call("reader", "POST", "/collections", R"({"name":"x","dimension":2})"), 403);
  EXPECT_EQ(call("maker", "POST", "/collections", R"({"name":"x","dimension":2})"), 201);
  EXPECT_EQ(call("unknown", "GET", "/collections"), 403);
}

TEST_F(RightsTest, ReadingAndWritingAreTheTables) {
  const std::string vector = R"({"id":"b","vector":[1,2]})";
  const std::string query = R"({"vector":[1,2]})";
  for (const auto& [user, reads, writes] :
       {std::tuple("maker", 200, 201), std::tuple("reader", 200, 403),
        std::tuple("nobody", 403, 403), std::tuple("postgres", 200, 409)}) {
    EXPECT_EQ(call(user, "POST", "/collections/c/search", query), reads) << user;
    EXPECT_EQ(call(user, "POST", "/collections/c/count"), reads) << user;
    EXPECT_EQ(call(user, "GET", "/collections/c/vectors/a"), reads) << user;
    EXPECT_EQ(call(user, "GET", "/collections/c"), reads) << user;
    EXPECT_EQ(call(user, "POST", "/collections/c/vectors", vector), writes) << user;
    EXPECT_EQ(call(user, "GET", "/collections"), 200);
    EXPECT_EQ(data_.as_array().size(), reads == 200 ? 1u : 0u) << user;
  }
  for (const char* user : {"reader", "nobody"}) {
    EXPECT_EQ(call(user, "DELETE", "/collections/c/vectors/a"), 403);
    EXPECT_EQ(call(user, "PATCH", "/collections/c/vectors/a", query), 403);
    EXPECT_EQ(call(user, "PUT", "/collections/c/batch", R"({"vectors":[)" + vector + "]}"), 403);
    EXPECT_EQ(call(user, "POST", "/collections/c/batch/delete", R"({"ids":["a"]})"), 403);
  }
}

TEST_F(RightsTest, DeletedCollectionsAreTheirOwners) {
  EXPECT_EQ(call("reader", "DELETE", "/collections/c"), 403);
  EXPECT_EQ(call("reader", "GET", "/deleted-collections"), 200);
  EXPECT_EQ(call("maker", "DELETE", "/collections/c"), 200);
  const std::string id(data_.at("deleted").at("id").as_string());
  for (const char* user : {"reader", "nobody"}) {
    EXPECT_EQ(call(user, "GET", "/deleted-collections"), 200);
    EXPECT_TRUE(data_.as_array().empty());
    EXPECT_EQ(call(user, "POST", "/deleted-collections/" + id + "/restore"), 404);
    EXPECT_EQ(call(user, "DELETE", "/deleted-collections/" + id), 404);
  }
  EXPECT_EQ(call("maker", "POST", "/deleted-collections/" + id + "/restore"), 200);
  EXPECT_EQ(call("maker", "GET", "/collections/c/vectors/a"), 200);
  EXPECT_EQ(call("postgres", "DELETE", "/collections/c"), 200);
  EXPECT_EQ(call("postgres", "GET", "/deleted-collections"), 200);
  EXPECT_EQ(data_.as_array().size(), 1u);
}

TEST_F(RightsTest, SnapshotsAreTheirMakers) {
  EXPECT_EQ(call("nobody", "POST", "/collections/c/snapshots"), 403);
  EXPECT_EQ(call("maker", "POST", "/collections/c/snapshots"), 201);
  const std::string path = "/collections/c/snapshots/" + std::string(data_.at("name").as_string());
  EXPECT_EQ(call("reader", "GET", "/collections/c/snapshots"), 200);
  EXPECT_TRUE(data_.as_array().empty());
  EXPECT_EQ(call("reader", "GET", path), 403);
  EXPECT_EQ(call("reader", "DELETE", path), 403);
  EXPECT_EQ(call("reader", "POST", path + "/restore"), 403);
  EXPECT_EQ(call("postgres", "GET", path), 200);
  EXPECT_EQ(call("maker", "POST", path + "/restore"), 200);
  EXPECT_EQ(call("maker", "DELETE", path), 200);
}

TEST_F(RightsTest, RightsThatAreTakenAreGoneAtOnce) {
  EXPECT_EQ(call("reader", "POST", "/collections/c/count"), 200);
  sql("REVOKE SELECT ON c FROM reader");
  EXPECT_EQ(call("reader", "POST", "/collections/c/count"), 403);
  sql("GRANT SELECT ON c TO reader");
  EXPECT_EQ(call("reader", "POST", "/collections/c/count"), 200);
  sql("REVOKE SELECT ON c FROM reader; DROP ROLE reader; CREATE ROLE reader LOGIN");
  EXPECT_EQ(call("reader", "POST", "/collections/c/count"), 403);
  sql("ALTER ROLE reader SUPERUSER");
  EXPECT_EQ(call("reader", "POST", "/collections/c/count"), 200);
}

TEST_F(RightsTest, NothingIsAnsweredAfterTheEnd) {
  service_->stop();
  EXPECT_EQ(call("maker", "POST", "/collections/c/count"), 503);
}

}  // namespace

}  // namespace dvecdb::server::http::rest
