// Portals: statements with their parameters that are read piece by piece. Those of the extended
// protocol and those of DECLARE CURSOR share one space of names, as in PostgreSQL.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/exec/prepared.h"
#include "server/exec/row_stream.h"

namespace dvecdb::server::exec {

struct Portal {
  StatementPtr statement;
  std::vector<Value> parameters;
  std::vector<std::int16_t> formats;  // one per result column
  StatementResult result;
  bool is_started = false;
  bool is_done = false;
  std::int64_t rows_sent = 0;

  // DECLARE CURSOR
  bool is_cursor = false;
  bool is_scrollable = false;
  bool no_scroll = false;
  bool is_held = false;  // WITH HOLD
  bool is_binary = false;
  std::string query_text;
  std::int64_t creation_time = 0;
  // Rows read so far of a cursor: [0, rows->size()); `position` counts from 1, 0 is before the
  // first.
  std::unique_ptr<RowBuffer> rows;
  std::int64_t position = 0;
  std::size_t savepoint_depth = 0;
};
using PortalPtr = std::shared_ptr<Portal>;

class Cursors {
 public:
  // Throws 42P03 when the name is taken; the unnamed one is replaced.
  PortalPtr add(std::string_view name);
  PortalPtr find(std::string_view name) const;
  PortalPtr get_portal(std::string_view name) const;  // 34000 portal "x" does not exist
  PortalPtr get_cursor(std::string_view name) const;  // 34000 cursor "x" does not exist
  void remove(std::string_view name) { portals_.erase(std::string(name)); }
  void clear() { portals_.clear(); }
  // What a transaction's end closes: everything but held cursors.
  void end_transaction();
  const std::map<std::string, PortalPtr>& all() const { return portals_; }

 private:
  std::map<std::string, PortalPtr> portals_;
};

}  // namespace dvecdb::server::exec
