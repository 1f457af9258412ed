// Clients that leave while their request runs, and clients that only have no more to ask.
#include "server/http/departure.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "server/http/server.h"
#include "tests/unit/http/http_client.h"

namespace dvecdb::server::http {
namespace {

using namespace std::chrono_literals;

// The route "/wait" ends when the client is seen to have left, or when it is let go.
class HttpDeparture : public testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.authenticator = [](const Request&) { return AuthResult{200, "postgres", {}, {}}; };
    options.on_request = [this](const RequestEvent& event) { note(statuses_, event.status); };
    server_ = std::make_unique<Server>(std::move(options));
    server_->route("GET", "/wait", [this](const Request& request) {
      request.departure->on_leave([this] { note(left_, true); });
      note(running_, true);
      wait_for([this] { return left_ || may_end_; });
      request.departure->on_leave(nullptr);
      return Response{.body = "waited"};
    });
    server_->start();
  }

  template <typename Value>
  void note(std::optional<Value>& place, Value value) {
    const std::lock_guard lock(mutex_);
    place = value;
    changed_.notify_all();
  }
  template <typename Condition>
  bool wait_for(const Condition& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, condition);
  }
  void wait_until_it_runs() {
    ASSERT_TRUE(wait_for([this] { return running_.has_value(); }));
  }
  // Long enough for the server to look several times; ends at once if it takes the client for gone.
  bool is_taken_for_gone() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 500ms, [this] { return left_.has_value(); });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<bool> running_, left_, may_end_;
  std::optional<int> statuses_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpDeparture, IsToldToTheHandler) {
  auto client = std::make_unique<RawClient>(server_->port());
  client->send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_until_it_runs();
  client.reset();
  EXPECT_TRUE(wait_for([this] { return statuses_.has_value(); }));
  EXPECT_TRUE(left_.has_value());
  EXPECT_EQ(statuses_, 499);
}

TEST_F(HttpDeparture, IsSeenBehindRequestsThatWait) {
  auto client = std::make_unique<RawClient>(server_->port());
  client->send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  wait_until_it_runs();
  client.reset();
  EXPECT_TRUE(wait_for([this] { return left_.has_value(); }));
}

TEST_F(HttpDeparture, SendingNoMoreIsNone) {
  RawClient client(server_->port());
  client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  client.send_end();
  wait_until_it_runs();
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 102 Processing\r\n\r\n");
  EXPECT_FALSE(is_taken_for_gone());
  note(may_end_, true);
  const std::string answers = client.read_all();
  EXPECT_TRUE(answers.starts_with("HTTP/1.1 200")) << answers;
  EXPECT_NE(answers.rfind("HTTP/1.1 200"), 0U) << answers;
  EXPECT_TRUE(answers.ends_with("waited")) << answers;
  EXPECT_EQ(answers.find("102 Processing"), std::string::npos) << answers;
}

// It knows no interim answers, so it is not asked.
TEST_F(HttpDeparture, OldClientsThatSendNoMoreAreNotAsked) {
  RawClient client(server_->port());
  client.send("GET /wait HTTP/1.0\r\n\r\n");
  client.send_end();
  wait_until_it_runs();
  EXPECT_FALSE(is_taken_for_gone());
  note(may_end_, true);
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.0 200"));
}

TEST(Departure, ForgetsWhatItWasToldToCall) {
  Departure departure;
  int calls = 0;
  departure.tell();
  EXPECT_TRUE(departure.has_left());
  departure.on_leave([&] { ++calls; });
  departure.tell();
  departure.tell();
  departure.on_leave(nullptr);
  departure.tell();
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace dvecdb::server::http
