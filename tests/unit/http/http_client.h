// Speaks to a server on loopback byte by byte, for tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace dvecdb::server::http {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      close(socket_);
      throw std::runtime_error("cannot connect");
    }
  }
  ~RawClient() { close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void send_end() const { shutdown(socket_, SHUT_WR); }

  // Until `text` has come or the server ends; at most 20 seconds.
  std::string read_until(std::string_view text) {
    while (received_.find(text) == std::string::npos && receive()) {
    }
    const std::size_t end = received_.find(text);
    return take(end == std::string::npos ? received_.size() : end + text.size());
  }
  // Until the server closes.
  std::string read_all() {
    while (receive()) {
    }
    return take(received_.size());
  }
  // One answer with Content-Length or none.
  std::string read_answer() {
    std::string answer = read_until("\r\n\r\n");
    const std::string name = "Content-Length: ";
    const std::size_t begin = answer.find(name);
    if (begin == std::string::npos) return answer;
    const std::size_t length = std::stoul(answer.substr(begin + name.size()));
    while (received_.size() < length && receive()) {
    }
    return answer + take(length);
  }
  // Sends one request without a body and reads the answer.
  std::string get(const std::string& path, const std::string& headers = "",
                  const std::string& method = "GET") {
    send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
    return method == "HEAD" ? read_until("\r\n\r\n") : read_answer();
  }

 private:
  std::string take(std::size_t size) {
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }
  bool receive() {
    pollfd descriptor{socket_, POLLIN, 0};
    if (poll(&descriptor, 1, 20000) <= 0) return false;
    char bytes[65536];
    const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string received_;
};

}  // namespace dvecdb::server::http
