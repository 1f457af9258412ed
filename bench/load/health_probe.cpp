#include "bench/load/health_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/http/short_turns.h"

namespace dvecdb::bench {

namespace {

constexpr std::chrono::milliseconds pause_between_rounds{10};

// With a connection of its own, as an orchestrator's probe; false without an answer.
bool ask(int port, const std::string& path) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  char answer[4096];
  const bool is_answered =
      connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      write(descriptor, request.data(), request.size()) > 0 &&
      read(descriptor, answer, sizeof answer) > 0;
  close(descriptor);
  return is_answered;
}

}  // namespace

void HealthProbe::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void HealthProbe::run(int port) {
  // Its own wait for the processor, beside all the clients' threads, is not what is measured.
  server::http::take_short_turns();
  while (!stopping_) {
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      bool is_answered = false;
      latencies_[i].time([&] { is_answered = ask(port, endpoints[i].path); });
      if (!is_answered) ++failures_;
    }
    std::this_thread::sleep_for(pause_between_rounds);
  }
}

}  // namespace dvecdb::bench
