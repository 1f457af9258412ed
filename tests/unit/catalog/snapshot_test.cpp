#include "server/catalog/snapshot.h"

#include <gtest/gtest.h>

#include <chrono>

#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {
namespace {

namespace oids = types::oids;

class BuiltinSnapshot : public ::testing::Test {
 protected:
  SnapshotPtr snapshot = Snapshot::builtin();
};

TEST_F(BuiltinSnapshot, FindsTypesByOidAndName) {
  const TypeDesc* int4 = snapshot->find_type(oids::int4);
  ASSERT_NE(int4, nullptr);
  EXPECT_EQ(int4->name, "int4");
  EXPECT_EQ(int4->schema, "pg_catalog");
  EXPECT_EQ(int4->category, 'N');
  EXPECT_EQ(int4->input_function, "int4in");
  EXPECT_FALSE(int4->is_array);
  EXPECT_EQ(snapshot->find_type("pg_catalog", "int4"), int4);
  const TypeDesc* array = snapshot->find_type(int4->array);
  ASSERT_NE(array, nullptr);
  EXPECT_TRUE(array->is_array);
  EXPECT_EQ(array->element, oids::int4);
  // Subscriptable, but no arrays.
  EXPECT_FALSE(snapshot->find_type(oids::name)->is_array);
  EXPECT_FALSE(snapshot->find_type(oids::point)->is_array);
  EXPECT_EQ(snapshot->find_type(0), nullptr);
  const TypeDesc* domain = snapshot->find_type("information_schema", "yes_or_no");
  ASSERT_NE(domain, nullptr);
  EXPECT_EQ(domain->kind, types::TypeKind::domain);
  EXPECT_EQ(domain->base.oid, oids::varchar);
  EXPECT_EQ(domain->base.typmod, 7);
}

TEST_F(BuiltinSnapshot, FindsFunctionsWithTheirArguments) {
  EXPECT_EQ(snapshot->find_procs("substring").size(), 8U);
  const ProcDesc* jsonb_set = snapshot->find_procs("jsonb_set").at(0);
  EXPECT_EQ(jsonb_set->argument_names.at(3), "create_if_missing");
  ASSERT_EQ(jsonb_set->default_count, 1);
  EXPECT_EQ(jsonb_set->default_texts, std::vector<std::string>{"true"});
  const ProcDesc* each = snapshot->find_procs("json_each").at(0);
  EXPECT_TRUE(each->returns_set);
  ASSERT_EQ(each->out_columns.size(), 2U);
  EXPECT_EQ(each->out_columns[0].name, "key");
  EXPECT_EQ(each->arguments.size(), 1U);
  const ProcDesc* percentile = snapshot->find_procs("percentile_cont").at(0);
  EXPECT_EQ(percentile->kind, 'a');
  EXPECT_EQ(percentile->aggregate_kind, 'o');
  EXPECT_EQ(percentile->aggregate_direct_arguments, 1);
  const ProcDesc* concat = snapshot->find_procs("concat").at(0);
  EXPECT_EQ(concat->variadic, oids::any);
}

TEST_F(BuiltinSnapshot, GivesSqlFunctionsASymbol) {
  const ProcDesc* lpad = snapshot->find_proc(879);
  EXPECT_EQ(lpad->symbol, "lpad_blanks");
  EXPECT_EQ(lpad->language, "internal");
}

TEST_F(BuiltinSnapshot, FindsOperatorsCastsAndClasses) {
  bool found = false;
  for (const OperatorDesc* op : snapshot->find_operators("+")) {
    found |= op->left == oids::int4 && op->right == oids::int4 && op->result == oids::int4;
  }
  EXPECT_TRUE(found);
  const CastDesc* cast = snapshot->find_cast(oids::int4, oids::int8);
  ASSERT_NE(cast, nullptr);
  EXPECT_EQ(cast->context, 'i');
  EXPECT_EQ(cast->method, 'f');
  EXPECT_EQ(snapshot->find_cast(oids::int4, oids::date), nullptr);
  bool has_default = false;
  for (const OperatorClassDesc* desc : snapshot->find_operator_classes("btree")) {
    has_default |= desc->type == oids::int4 && desc->is_default;
  }
  EXPECT_TRUE(has_default);
  EXPECT_EQ(snapshot->find_collation("C"), 950U);
  EXPECT_EQ(snapshot->collation_name(100), "default");
}

TEST_F(BuiltinSnapshot, KnowsTheCatalogsThemselves) {
  const RelationDesc* pg_class = snapshot->find_relation("pg_catalog", "pg_class");
  ASSERT_NE(pg_class, nullptr);
  EXPECT_EQ(pg_class->oid, 1259U);
  EXPECT_EQ(pg_class->store_name, "t1259");
  ASSERT_EQ(pg_class->columns.size(), 33U);
  EXPECT_EQ(pg_class->columns[1].name, "relname");
  EXPECT_EQ(pg_class->columns[1].store_name, "c2");
  EXPECT_EQ(pg_class->columns[1].type.oid, oids::name);
  EXPECT_EQ(pg_class->indexes.size(), 3U);
  const RelationDesc* database = snapshot->find_relation("pg_catalog", "pg_database");
  EXPECT_EQ(database->store_name, "global.t1262");
  EXPECT_EQ(snapshot->find_type(pg_class->row_type)->columns.size(), 33U);
}

TEST_F(BuiltinSnapshot, ReadsAndPrintsRegNames) {
  EXPECT_EQ(snapshot->resolve_reg(oids::regclass, "pg_catalog.pg_class"), 1259U);
  EXPECT_EQ(snapshot->reg_name(oids::regclass, 1259), "pg_catalog.pg_class");
  EXPECT_EQ(snapshot->resolve_reg(oids::regnamespace, "public"), 2200U);
  EXPECT_EQ(snapshot->resolve_reg(oids::regtype, "character varying(10)[]"), 1015U);
  EXPECT_EQ(snapshot->reg_name(oids::regtype, 1015), "character varying[]");
  EXPECT_EQ(snapshot->reg_name(oids::regclass, 999999), "");
  try {
    snapshot->resolve_reg(oids::regclass, "nope");
    FAIL();
  } catch (const types::SqlError& error) {
    EXPECT_EQ(error.sqlstate(), "42P01");
    EXPECT_STREQ(error.what(), "relation \"nope\" does not exist");
  }
}

}  // namespace
}  // namespace dvecdb::server::catalog
