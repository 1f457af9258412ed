// A connection to a server by libpq: its URLs and its PG* variables, TLS among them.
//
// One thread at a time. All members throw std::runtime_error with what libpq or the server says.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;

namespace dvecdb::server::app {

class WireClient {
 public:
  // `url`: postgresql://user@host:port/database?sslmode=verify-full, or "host=... user=...".
  explicit WireClient(const std::string& url);
  ~WireClient();
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  // Runs a statement that answers with copied data, and passes that on as it comes.
  void copy_out(const std::string& sql, const std::function<void(std::string_view)>& receive);
  using Row = std::vector<std::string>;
  std::vector<Row> query(const std::string& sql);

 private:
  [[noreturn]] void fail(const std::string& doing) const;

  pg_conn* connection_;
};

}  // namespace dvecdb::server::app
