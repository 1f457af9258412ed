// A catalog for the front end's tests: PostgreSQL's built-in rows from server/catalog/data and a
// few tables.
#pragma once

#include <deque>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/query/analyze.h"
#include "server/query/catalog.h"

namespace dvecdb::server::query {

class TestCatalog : public Catalog {
 public:
  // Built once: reading the rows takes a while.
  static const TestCatalog& instance();

  std::uint64_t version() const override { return 1; }
  std::span<const std::string> search_path() const override { return path_; }
  const SchemaDesc* find_schema(std::string_view name) const override;
  const SchemaDesc* find_schema(Oid oid) const override;
  const RelationDesc* find_relation(std::string_view schema, std::string_view name) const override;
  const RelationDesc* find_relation(Oid oid) const override;
  const IndexDesc* find_index(Oid oid) const override;
  const TypeDesc* find_type(Oid oid) const override;
  const TypeDesc* find_type(std::string_view schema, std::string_view name) const override;
  std::vector<const ProcDesc*> find_procs(std::string_view name) const override;
  const ProcDesc* find_proc(Oid oid) const override;
  std::vector<const OperatorDesc*> find_operators(std::string_view name) const override;
  const OperatorDesc* find_operator(Oid oid) const override;
  const CastDesc* find_cast(Oid source, Oid target) const override;
  const OperatorClassDesc* find_operator_class(Oid oid) const override;
  std::vector<const OperatorClassDesc*> find_operator_classes(
      std::string_view method) const override;
  Oid find_collation(std::string_view name) const override;
  std::string collation_name(Oid oid) const override;
  std::vector<const RelationDesc*> relations() const override;
  std::optional<Oid> resolve_reg(Oid reg_type, std::string_view name) const override;
  std::string reg_name(Oid reg_type, Oid value) const override;

 private:
  TestCatalog();
  void load_types(const std::string& file);
  void load_procs(const std::string& file);
  void load_aggregates(const std::string& file);
  void load_operators(const std::string& file);
  void load_casts(const std::string& file);
  void load_classes(const std::string& file);
  Oid find_function(const std::string& text, Oid first_argument) const;
  void add_user_types();
  void add_tables();
  struct TestColumn {
    std::string name;
    TypeRef type;
    bool not_null = false;
    std::string default_text{};
    char identity = '\0';
    char generated = '\0';
  };
  RelationDesc& add_relation(char kind, std::string name, std::vector<TestColumn> columns);
  void add_index(RelationDesc& table, std::string name, std::vector<std::int16_t> columns,
                 bool is_primary);

  std::vector<std::string> path_{"public"};
  std::deque<SchemaDesc> schemas_;
  std::map<Oid, TypeDesc> types_;
  std::map<Oid, ProcDesc> procs_;
  std::multimap<std::string, const ProcDesc*, std::less<>> procs_by_name_;
  std::map<Oid, OperatorDesc> operators_;
  std::multimap<std::string, const OperatorDesc*, std::less<>> operators_by_name_;
  std::map<std::pair<Oid, Oid>, CastDesc> casts_;
  std::deque<OperatorClassDesc> classes_;
  std::deque<RelationDesc> relations_;
  std::deque<IndexDesc> indexes_;
  std::deque<ConstraintDesc> constraints_;
  Oid next_oid_ = 20000;
};

// A context over it with search_path public.
struct TestContext {
  TestContext() { io.types = &TestCatalog::instance(); }
  types::IoContext io;
  AnalyzeContext of(std::string_view text) const {
    return {TestCatalog::instance(), io, {"public"}, "postgres", text};
  }
};

}  // namespace dvecdb::server::query
