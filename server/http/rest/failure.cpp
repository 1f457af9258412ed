#include "server/http/rest/failure.h"

#include <array>

namespace dvecdb::server::http::rest {

namespace {

struct Entry {
  std::string_view code;  // five characters, or two for a class
  int status;
};

constexpr std::array entries = {
    Entry{"42501", 403},  // insufficient_privilege
    Entry{"28", 403},     // no such role, or it may not log in
    Entry{"25006", 403},  // a read-only transaction or server
    Entry{"3D000", 404},  // no such database
    Entry{"42P01", 404},  // no such table
    Entry{"42P07", 409},  // the table exists
    Entry{"42P06", 409},  // the schema exists
    Entry{"23505", 409},  // the key exists
    Entry{"40", 409},     // serialization failures, after they were retried
    Entry{"2BP01", 409},  // other objects need it
    Entry{"55006", 409},  // it is in use
    Entry{"55P03", 503},  // lock_timeout
    Entry{"57014", 504},  // statement_timeout
    Entry{"57", 503},     // shutting down, starting
    Entry{"53", 503},     // disk full, too many connections
    Entry{"08", 503},     // connection lost
    Entry{"0A", 422},     // not supported
    Entry{"21", 422},     // cardinality
    Entry{"22", 422},     // data
    Entry{"23", 422},     // constraints
    Entry{"42", 422},     // types, columns, names
    Entry{"44", 422},     // views' conditions
    Entry{"54", 422},     // limits
};

}  // namespace

int status_of(std::string_view sqlstate) {
  for (const Entry& entry : entries) {
    if (entry.code == sqlstate) return entry.status;
  }
  for (const Entry& entry : entries) {
    if (entry.code == sqlstate.substr(0, 2)) return entry.status;
  }
  return 500;
}

Failure failure_of(const types::ErrorFields& error) {
  std::string sentence = error.message;
  if (!error.detail.empty()) sentence += " (" + error.detail + ")";
  return {status_of(error.sqlstate), std::move(sentence)};
}

bool is_worth_retrying(std::string_view sqlstate) {
  return sqlstate == types::sqlstate::serialization_failure;
}

}  // namespace dvecdb::server::http::rest
