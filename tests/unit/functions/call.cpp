#include "tests/unit/functions/call.h"

#include "server/types/error.h"
#include "server/types/oids.h"
#include "tests/unit/types/test_catalog.h"

namespace dvecdb::server::functions::testing {
namespace {

class TestEnvironment : public Environment {
 public:
  const types::IoContext& io() const override { return test_io(); }
  std::int64_t transaction_time() const override { return 0; }
  std::int64_t statement_time() const override { return 0; }
  std::string current_user() const override { return "tester"; }
  std::string session_user() const override { return "tester"; }
  std::string current_database() const override { return "test"; }
  std::vector<std::string> current_schemas(bool) const override { return {"public"}; }
  std::int32_t backend_pid() const override { return 1; }
  std::int64_t transaction_id() override { return 1; }
  std::optional<std::string> setting(std::string_view) const override { return std::nullopt; }
  void set_setting(std::string_view, std::string_view, bool) override {}
  std::int64_t nextval(Oid) override { return 1; }
  std::int64_t currval(Oid) override { return 1; }
  std::int64_t setval(Oid, std::int64_t value, bool) override { return value; }
  std::int64_t lastval() override { return 1; }
  double random() override { return 0.5; }
  void seed_random(double) override {}
  void check_cancel() override {}
  void sleep(double) override {}
  void notice(std::string_view, std::string_view, std::string_view) override {}
};

TestEnvironment& environment() {
  static TestEnvironment instance;
  return instance;
}

struct Prepared {
  CallTypes types;
  std::vector<Value> values;
};

Prepared prepare(const std::vector<Argument>& arguments, Oid result) {
  Prepared prepared;
  prepared.types.result = {result, -1};
  for (const Argument& argument : arguments) {
    prepared.types.arguments.push_back({argument.type, -1});
    prepared.values.push_back(
        argument.text ? types::input_text(test_io(), {argument.type, -1}, *argument.text).own()
                      : Value::null());
  }
  return prepared;
}

std::string show(Oid type, const Value& value) {
  if (value.is_null()) return "NULL";
  std::string out;
  types::output_text(test_io(), {type, -1}, value, out);
  return out;
}

std::string show(const types::SqlError& error) {
  std::string out = error.sqlstate() + " " + error.what();
  if (!error.fields().detail.empty()) out += " | " + error.fields().detail;
  return out;
}

}  // namespace

const types::IoContext& test_io() {
  static const types::IoContext io = [] {
    types::IoContext context;
    context.types = &types::testing::test_catalog();
    return context;
  }();
  return io;
}

std::string call(std::string_view symbol, std::vector<Argument> arguments, Oid result) {
  const ScalarEntry* entry = Registry::instance().find_scalar(symbol);
  if (entry == nullptr) return "no function " + std::string(symbol);
  try {
    Prepared prepared = prepare(arguments, result);
    FunctionContext context{environment(), test_io(), prepared.types};
    return show(result, entry->function(context, prepared.values));
  } catch (const types::SqlError& error) {
    return show(error);
  }
}

std::string call_set(std::string_view symbol, std::vector<Argument> arguments,
                     std::vector<Oid> columns) {
  const SetEntry* entry = Registry::instance().find_set(symbol);
  if (entry == nullptr) return "no function " + std::string(symbol);
  try {
    Prepared prepared = prepare(arguments, columns.at(0));
    FunctionContext context{environment(), test_io(), prepared.types};
    auto source = entry->function(context, prepared.values);
    std::vector<Value> row(columns.size());
    std::string out;
    while (source->next(context, row)) {
      if (!out.empty()) out += ';';
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out += '|';
        out += show(columns[i], row[i]);
      }
    }
    return out;
  } catch (const types::SqlError& error) {
    return show(error);
  }
}

std::string aggregate(std::string_view name, std::vector<std::vector<Argument>> rows, Oid result) {
  const AggregateEntry* entry = Registry::instance().find_aggregate(name);
  if (entry == nullptr) return "no aggregate " + std::string(name);
  try {
    CallTypes call_types = prepare(rows.at(0), result).types;
    FunctionContext context{environment(), test_io(), call_types};
    auto state = entry->factory(call_types);
    for (const auto& row : rows) state->step(context, prepare(row, result).values);
    return show(result, state->result(context));
  } catch (const types::SqlError& error) {
    return show(error);
  }
}

}  // namespace dvecdb::server::functions::testing
