#include "bench/load/health_probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "server/http/short_turns.h"

namespace dvecdb::bench {

namespace {

constexpr int pause_between_rounds_ms = 10;

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

// Until the other end of `stop` is closed; then prints what it measured.
void probe(int port, int stop, int answers) {
  // Its own wait for the processor, beside all the clients' threads, is not what is measured.
  server::http::take_short_turns();
  std::array<Latencies, HealthProbe::endpoints.size()> latencies;
  int failures = 0;
  pollfd stopped{stop, POLLIN, 0};
  while (poll(&stopped, 1, pause_between_rounds_ms) == 0) {
    for (std::size_t i = 0; i < latencies.size(); ++i) {
      bool is_answered = false;
      latencies[i].time([&] { is_answered = ask(port, HealthProbe::endpoints[i].path); });
      if (!is_answered) ++failures;
    }
  }
  std::FILE* out = fdopen(answers, "w");
  std::fprintf(out, "%d\n", failures);
  for (std::size_t i = 0; i < latencies.size(); ++i) {
    for (const double milliseconds : latencies[i].values()) {
      std::fprintf(out, "%zu %.6f\n", i, milliseconds);
    }
  }
  std::fclose(out);
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe for the health probe");
  return ends;
}

}  // namespace

HealthProbe::HealthProbe(int port) {
  const std::array<int, 2> stop = make_pipe();
  const std::array<int, 2> answers = make_pipe();
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("no process for the health probe");
  if (process_ == 0) {
    close(stop[1]);
    probe(port, stop[0], answers[1]);
    _exit(0);
  }
  close(stop[0]);
  close(answers[1]);
  stop_ = stop[1];
  answers_ = answers[0];
}

void HealthProbe::stop() {
  if (process_ < 0) return;
  close(stop_);
  std::FILE* in = fdopen(answers_, "r");
  std::size_t endpoint = 0;
  double milliseconds = 0;
  if (std::fscanf(in, "%d", &failures_) != 1) failures_ = 1;
  while (std::fscanf(in, "%zu %lf", &endpoint, &milliseconds) == 2) {
    latencies_.at(endpoint).add(milliseconds);
  }
  std::fclose(in);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace dvecdb::bench
