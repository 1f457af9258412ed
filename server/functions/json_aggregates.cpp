#include <array>

#include "server/functions/json_tables.h"
#include "server/types/error.h"

namespace dvecdb::server::functions {
namespace {

template <bool is_jsonb>
Value finished(std::string text) {
  if (!is_jsonb) return Value::text(std::move(text));
  return jsonb_value(types::parse_jsonb(text));
}

template <bool is_jsonb>
class JsonArray : public Aggregate {
 public:
  void step(const FunctionContext& context, std::span<const Value> arguments) override {
    TypeRef type = context.call.arguments.at(0);
    if (!text_.empty()) {
      bool is_line = json_is_container(context.io, type.oid);
      text_ += is_line ? ", \n " : ", ";
    }
    append_json(context.io, type, arguments[0], text_);
  }
  Value result(const FunctionContext&) const override {
    return text_.empty() ? Value::null() : finished<is_jsonb>("[" + text_ + "]");
  }

 private:
  std::string text_;
};

template <bool is_jsonb>
class JsonObject : public Aggregate {
 public:
  void step(const FunctionContext& context, std::span<const Value> arguments) override {
    if (arguments[0].is_null()) throw json_error("field name must not be null");
    if (!text_.empty()) text_ += ", ";
    append_json_key(context.io, context.call.arguments.at(0), arguments[0], text_);
    text_ += " : ";
    append_json(context.io, context.call.arguments.at(1), arguments[1], text_);
  }
  Value result(const FunctionContext&) const override {
    return text_.empty() ? Value::null() : finished<is_jsonb>("{ " + text_ + " }");
  }

 private:
  std::string text_;
};

template <class Aggregated>
std::unique_ptr<Aggregate> make(const CallTypes&) {
  return std::make_unique<Aggregated>();
}

constexpr std::array entries{
    AggregateEntry{"json_agg", make<JsonArray<false>>},
    AggregateEntry{"jsonb_agg", make<JsonArray<true>>},
    AggregateEntry{"json_object_agg", make<JsonObject<false>>},
    AggregateEntry{"jsonb_object_agg", make<JsonObject<true>>},
};

}  // namespace

AggregateTable json_aggregates() {
  return entries;
}

}  // namespace dvecdb::server::functions
