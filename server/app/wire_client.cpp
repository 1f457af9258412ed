#include "server/app/wire_client.h"

#include <libpq-fe.h>

#include <memory>
#include <stdexcept>

namespace dvecdb::server::app {

namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

}  // namespace

WireClient::WireClient(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  if (PQstatus(connection_) == CONNECTION_OK) return;
  std::string message = PQerrorMessage(connection_);
  PQfinish(connection_);
  while (!message.empty() && message.back() == '\n') message.pop_back();
  throw std::runtime_error(message);
}

WireClient::~WireClient() {
  PQfinish(connection_);
}

void WireClient::fail(const std::string& doing) const {
  std::string message = PQerrorMessage(connection_);
  while (!message.empty() && message.back() == '\n') message.pop_back();
  throw std::runtime_error(doing + ": " + message);
}

void WireClient::copy_out(const std::string& sql,
                          const std::function<void(std::string_view)>& receive) {
  const Result begun(PQexec(connection_, sql.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) fail(sql);
  char* bytes = nullptr;
  int count = PQgetCopyData(connection_, &bytes, 0);
  for (; count > 0; count = PQgetCopyData(connection_, &bytes, 0)) {
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(bytes, &PQfreemem);
    receive({bytes, static_cast<std::size_t>(count)});
  }
  constexpr int failed = -2;
  if (count == failed) fail(sql);
  const Result ended(PQgetResult(connection_));
  if (PQresultStatus(ended.get()) != PGRES_COMMAND_OK) fail(sql);
}

std::vector<WireClient::Row> WireClient::query(const std::string& sql) {
  const Result result(PQexec(connection_, sql.c_str()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) fail(sql);
  std::vector<Row> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    Row& cells = rows.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      cells.emplace_back(PQgetvalue(result.get(), row, column));
    }
  }
  return rows;
}

}  // namespace dvecdb::server::app
