#include "bench/pgvector/wal.h"

#include "bench/pgvector/contender.h"

namespace dvecdb::bench::pgvector {

namespace {

// Of asynchronous commits too, all that was inserted must be in the files that are read.
std::string flushed_end(demo::Client& client) {
  client.query(
      "BEGIN; SET LOCAL synchronous_commit = on; "
      "SELECT pg_logical_emit_message(true, 'bench', ''); COMMIT");
  return client.query("SELECT pg_current_wal_flush_lsn()").text(0, 0);
}

}  // namespace

WalMeter::WalMeter(demo::Client& client) : client_(client) {
  client.query("CREATE EXTENSION IF NOT EXISTS pg_walinspect");
  client.query("CHECKPOINT");
  begin_ = flushed_end(client);
}

WalBytes WalMeter::read() const {
  const std::string end = flushed_end(client_);
  WalBytes bytes;
  bytes.all = number(client_, "SELECT '" + end + "'::pg_lsn - '" + begin_ + "'");
  const double images = number(
      client_, "SELECT sum(fpi_size) FROM pg_get_wal_stats('" + begin_ + "', '" + end + "')");
  bytes.without_images = bytes.all - images;
  return bytes;
}

}  // namespace dvecdb::bench::pgvector
