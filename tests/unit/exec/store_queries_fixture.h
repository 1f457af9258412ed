// A small database for tests of the front end and the store together: the built-in catalog, the
// tables of store_queries/tables.txt, one connection, no executor.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/catalog/snapshot.h"
#include "server/functions/environment.h"
#include "server/query/analyze.h"
#include "server/query/plan.h"
#include "server/storage/connection.h"

namespace dvecdb::server::exec {

// The built-in objects and a few tables of schema public.
class FixtureCatalog final : public query::Catalog {
 public:
  FixtureCatalog() : base_(catalog::Snapshot::builtin()) {}

  query::RelationDesc& add_table(std::string name, std::vector<query::ColumnDesc> columns);
  void add_index(std::string_view table, query::IndexDesc index);

  std::uint64_t version() const override { return 1; }
  std::span<const std::string> search_path() const override { return path_; }
  const query::SchemaDesc* find_schema(std::string_view name) const override {
    return base_->find_schema(name);
  }
  const query::SchemaDesc* find_schema(types::Oid oid) const override {
    return base_->find_schema(oid);
  }
  const query::RelationDesc* find_relation(std::string_view schema,
                                           std::string_view name) const override;
  const query::RelationDesc* find_relation(types::Oid oid) const override;
  const query::IndexDesc* find_index(types::Oid oid) const override {
    return base_->find_index(oid);
  }
  const types::TypeDesc* find_type(std::string_view schema, std::string_view name) const override;
  const types::TypeDesc* find_type(types::Oid oid) const override;
  std::vector<const query::ProcDesc*> find_procs(std::string_view name) const override {
    return base_->find_procs(name);
  }
  const query::ProcDesc* find_proc(types::Oid oid) const override { return base_->find_proc(oid); }
  std::vector<const query::OperatorDesc*> find_operators(std::string_view name) const override {
    return base_->find_operators(name);
  }
  const query::OperatorDesc* find_operator(types::Oid oid) const override {
    return base_->find_operator(oid);
  }
  const query::CastDesc* find_cast(types::Oid source, types::Oid target) const override {
    return base_->find_cast(source, target);
  }
  const query::OperatorClassDesc* find_operator_class(types::Oid oid) const override {
    return base_->find_operator_class(oid);
  }
  std::vector<const query::OperatorClassDesc*> find_operator_classes(
      std::string_view method) const override {
    return base_->find_operator_classes(method);
  }
  types::Oid find_collation(std::string_view name) const override {
    return base_->find_collation(name);
  }
  std::string collation_name(types::Oid oid) const override { return base_->collation_name(oid); }
  std::vector<const query::RelationDesc*> relations() const override { return base_->relations(); }
  std::optional<types::Oid> resolve_reg(types::Oid reg_type, std::string_view name) const override {
    return base_->resolve_reg(reg_type, name);
  }
  std::string reg_name(types::Oid reg_type, types::Oid value) const override {
    return base_->reg_name(reg_type, value);
  }

 private:
  std::shared_ptr<const catalog::Snapshot> base_;
  std::vector<std::string> path_{"pg_catalog", "public"};
  std::deque<query::RelationDesc> tables_;
  std::deque<types::TypeDesc> row_types_;
  std::deque<query::IndexDesc> indexes_;
};

class FixtureEnvironment final : public functions::Environment {
 public:
  explicit FixtureEnvironment(const query::Catalog& catalog) { io_.types = &catalog; }

  const types::IoContext& io() const override { return io_; }
  std::int64_t transaction_time() const override { return 760000000000000; }
  std::int64_t statement_time() const override { return 760000000000000; }
  std::string current_user() const override { return "postgres"; }
  std::string session_user() const override { return "postgres"; }
  std::string current_database() const override { return "fixture"; }
  std::vector<std::string> current_schemas(bool) const override { return {"public"}; }
  std::int32_t backend_pid() const override { return 1; }
  std::int64_t transaction_id() override { return 1; }
  std::optional<std::string> setting(std::string_view) const override { return std::nullopt; }
  void set_setting(std::string_view, std::string_view, bool) override {}
  std::int64_t nextval(types::Oid) override { return ++sequence_; }
  std::int64_t currval(types::Oid) override { return sequence_; }
  std::int64_t setval(types::Oid, std::int64_t value, bool) override { return sequence_ = value; }
  std::int64_t lastval() override { return sequence_; }
  double random() override { return 0.5; }
  void seed_random(double) override {}
  void check_cancel() override {}
  void sleep(double) override {}
  void notice(std::string_view, std::string_view, std::string_view) override {}

 private:
  types::IoContext io_;
  std::int64_t sequence_ = 0;
};

class Fixture {
 public:
  // Reads the tables; throws std::runtime_error when the file is not there.
  explicit Fixture(const std::string& tables_file);

  FixtureCatalog& catalog() { return catalog_; }
  storage::Connection& connection() { return connection_; }
  query::Plan plan(std::string_view sql, const query::PlanSettings& settings = {});
  // One line a row, values by '|', NULL as "<null>"; an error as "ERROR <sqlstate> <message>".
  std::string run(std::string_view sql, const std::vector<types::Value>& parameters = {});
  std::string rows(const std::string& store_sql, const std::vector<query::ResultColumn>& columns,
                   const std::vector<types::Value>& parameters = {});

 private:
  void read_tables(const std::string& file);
  void create(std::string_view header);
  void insert(const query::RelationDesc& table, std::string_view line);

  FixtureCatalog catalog_;
  FixtureEnvironment environment_{catalog_};
  storage::Connection connection_{{.path = ":memory:"}};
};

}  // namespace dvecdb::server::exec
