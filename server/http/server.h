// A small HTTP/1.1 server: a table of exact paths, a coroutine a connection, its own thread, so
// that health answers come while every core runs queries.
//
// Routes are added before start(); handlers run on the server's thread and must not block.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace dvecdb::server::http {

using Request = boost::beast::http::request<boost::beast::http::string_body>;

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};
using Handler = std::function<Response(const Request&)>;

inline constexpr std::size_t max_header_bytes = 16 * 1024;
inline constexpr std::size_t max_body_bytes = 1024 * 1024;

class Server {
 public:
  Server(std::string address, std::uint16_t port);  // port 0: any free one
  ~Server();                                        // stop()

  void get(std::string path, Handler handler);
  // Binds and serves. Throws boost::system::system_error when it cannot.
  void start();
  std::uint16_t port() const;
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dvecdb::server::http
