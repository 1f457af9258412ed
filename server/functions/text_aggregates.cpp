#include <array>
#include <string>

#include "server/functions/families.h"
#include "server/types/oids.h"

namespace dvecdb::server::functions {
namespace {

// string_agg(value, separator) of text or bytes.
class StringJoin : public Aggregate {
 public:
  explicit StringJoin(bool is_bytes) : is_bytes_(is_bytes) {}

  void step(const FunctionContext&, std::span<const Value> arguments) override {
    if (arguments[0].is_null()) return;
    if (has_value_ && !arguments[1].is_null()) joined_ += arguments[1].as_bytes();
    has_value_ = true;
    joined_ += arguments[0].as_bytes();
  }

  Value result(const FunctionContext&) const override {
    if (!has_value_) return Value::null();
    return is_bytes_ ? Value::blob(joined_) : Value::text(joined_);
  }

 private:
  bool is_bytes_;
  bool has_value_ = false;
  std::string joined_;
};

std::unique_ptr<Aggregate> string_join(const CallTypes& call) {
  return std::make_unique<StringJoin>(call.result.oid == types::oids::bytea);
}

constexpr std::array entries{AggregateEntry{"string_agg", string_join}};

}  // namespace

AggregateTable text_aggregates() {
  return entries;
}

}  // namespace dvecdb::server::functions
