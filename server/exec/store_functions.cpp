#include "server/exec/store_functions.h"

#include <cmath>

#include "server/exec/store_functions_call.h"
#include "server/exec/store_sets.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

// Stands in where the store calls functions without a session: index expressions while an index is
// built in the background.
class NoSession final : public Environment {
 public:
  const types::IoContext& io() const override { return io_; }
  std::int64_t transaction_time() const override { refuse(); }
  std::int64_t statement_time() const override { refuse(); }
  std::string current_user() const override { refuse(); }
  std::string session_user() const override { refuse(); }
  std::string current_database() const override { refuse(); }
  std::vector<std::string> current_schemas(bool) const override { refuse(); }
  std::int32_t backend_pid() const override { refuse(); }
  std::int64_t transaction_id() override { refuse(); }
  std::optional<std::string> setting(std::string_view) const override { return std::nullopt; }
  void set_setting(std::string_view, std::string_view, bool) override { refuse(); }
  std::int64_t nextval(types::Oid) override { refuse(); }
  std::int64_t currval(types::Oid) override { refuse(); }
  std::int64_t setval(types::Oid, std::int64_t, bool) override { refuse(); }
  std::int64_t lastval() override { refuse(); }
  double random() override { refuse(); }
  void seed_random(double) override { refuse(); }
  void check_cancel() override {}
  void sleep(double) override { refuse(); }
  void notice(std::string_view, std::string_view, std::string_view) override {}

 private:
  [[noreturn]] static void refuse() {
    throw SqlError(sqlstate::internal_error, "a function that needs a session was called without");
  }
  types::IoContext io_;
};

void delete_context(void* store) {
  delete static_cast<StoreContext*>(store);
}

// Registered for its destructor alone: SQLite calls it when the connection closes.
void answer_null(sqlite3_context* context, int, sqlite3_value**) {
  sqlite3_result_null(context);
}

}  // namespace

Environment& StoreContext::environment() const {
  static NoSession no_session;
  void* session = connection_.session();
  return session == nullptr ? no_session : *static_cast<Environment*>(session);
}

std::shared_ptr<const CallTypes> StoreContext::call_types(std::string_view literal) {
  constexpr std::size_t most_kept = 4096;
  std::string key(literal);
  auto found = call_types_.find(key);
  if (found != call_types_.end()) return found->second;
  if (call_types_.size() >= most_kept) call_types_.clear();
  auto parsed = std::make_shared<const CallTypes>(functions::read_call_types(literal));
  call_types_.emplace(std::move(key), parsed);
  return parsed;
}

Value to_value(sqlite3_value* value) {
  // sqlite3_value_blob of a text gives its bytes without asking for a terminating NUL.
  const auto bytes = [value] {
    const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
    return std::string_view(data == nullptr ? "" : data,
                            static_cast<std::size_t>(sqlite3_value_bytes(value)));
  };
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return Value::integer(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return Value::real(sqlite3_value_double(value));
    case SQLITE_TEXT:
      return Value::text_view(bytes());
    case SQLITE_BLOB:
      return Value::blob_view(bytes());
    default:
      return Value::null();
  }
}

void set_result(sqlite3_context* context, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      sqlite3_result_null(context);
      return;
    case Value::Kind::integer:
      sqlite3_result_int64(context, value.as_integer());
      return;
    case Value::Kind::real:
      if (std::isnan(value.as_real())) {
        sqlite3_result_blob(context, Value::nan_blob.data(),
                            static_cast<int>(Value::nan_blob.size()), SQLITE_STATIC);
      } else {
        sqlite3_result_double(context, value.as_real());
      }
      return;
    case Value::Kind::text:
      sqlite3_result_text64(context, value.as_bytes().data(), value.as_bytes().size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8);
      return;
    case Value::Kind::blob:
      if (value.as_bytes().empty()) {
        sqlite3_result_zeroblob(context, 0);
      } else {
        sqlite3_result_blob64(context, value.as_bytes().data(), value.as_bytes().size(),
                              SQLITE_TRANSIENT);
      }
      return;
  }
}

void check_registered(storage::Connection& connection, int code) {
  if (code == SQLITE_OK) return;
  throw SqlError(sqlstate::internal_error, std::string("registering a function failed: ") +
                                               sqlite3_errmsg(connection.handle()));
}

void register_store_functions(storage::Connection& connection) {
  auto owned = std::make_unique<StoreContext>(connection);
  StoreContext& store = *owned;
  // SQLite takes the context over, also when this registration fails.
  check_registered(connection, sqlite3_create_function_v2(
                                   connection.handle(), "dvecdb_store_context", 0, SQLITE_UTF8,
                                   owned.release(), answer_null, nullptr, nullptr, delete_context));
  register_scalars(store);
  register_aggregates(store);
  register_ordered_aggregate(store);
  register_helper_scalars(store);
  register_helper_aggregates(store);
  register_array_helpers(store);
  register_record_helpers(store);
  register_collations(store);
  register_store_sets(store);
}

}  // namespace dvecdb::server::exec
