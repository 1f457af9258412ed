#include "server/catalog/writer.h"

#include <sqlite3.h>

#include "server/catalog/sequences.h"
#include "server/catalog/session_catalog.h"
#include "server/types/oids.h"
#include "tests/unit/catalog/catalog_fixture.h"

namespace dvecdb::server::catalog {
namespace {

namespace oids = types::oids;

constexpr Oid public_schema = 2200;
constexpr Oid owner = 10;
constexpr Oid int4_ops = 1978;
constexpr Oid text_ops = 3126;

class WriterTest : public CatalogFixture {
 protected:
  // One DDL statement.
  struct Statement {
    Writer& writer;
    const Snapshot& snapshot;
    const query::AnalyzeContext& context;

    query::ExprPtr expression(std::string_view text, const RelationDesc* relation = nullptr,
                              TypeRef target = {}) const {
      query::AnalyzeContext own = context;
      own.statement_text = text;
      return query::analyze_expression(own, text, relation, target);
    }
  };

  void ddl(const std::function<void(const Statement&)>& work) {
    write([&](storage::Connection& connection) {
      const SessionCatalog catalog(loader_.load(connection), {"pg_catalog", "public"});
      const types::IoContext io{.types = &catalog};
      const query::AnalyzeContext context{catalog, io, {"pg_catalog", "public"}, "postgres", {}};
      Writer writer(connection, catalog.snapshot(), context);
      work({writer, catalog.snapshot(), context});
    });
  }

  // items(id int NOT NULL DEFAULT 7, title text CHECK (title <> '')), primary key, an index on
  // lower(title).
  void create_items() {
    ddl([](const Statement& s) {
      const query::ExprPtr seven = s.expression("7", nullptr, {oids::int4, -1});
      TableDefinition table;
      table.name = "items";
      table.schema = public_schema;
      table.owner = owner;
      table.columns.resize(2);
      table.columns[0] = {"id", {oids::int4, -1}, 0, true};
      table.columns[0].default_value = seven.get();
      table.columns[1] = {"title", {oids::text, -1}};
      s.writer.create_table(table);
    });
    ddl([](const Statement& s) {
      const RelationDesc* items = s.snapshot.find_relation("public", "items");
      IndexDefinition key;
      key.table = items->oid;
      key.is_unique = key.is_primary = true;
      key.keys = {{1, nullptr, int4_ops}};
      ConstraintDefinition primary;
      primary.type = 'p';
      primary.columns = {1};
      primary.index = s.writer.create_index(key);
      s.writer.add_constraint(items->oid, primary);

      const query::ExprPtr check = s.expression("title <> ''", items, {oids::boolean, -1});
      ConstraintDefinition not_empty;
      not_empty.check = check.get();
      s.writer.add_constraint(items->oid, not_empty);

      const query::ExprPtr lower = s.expression("lower(title)", items);
      IndexDefinition index;
      index.table = items->oid;
      index.keys = {{0, lower.get(), text_ops, 0, true}};
      s.writer.create_index(index);
    });
  }

  void create_view() {
    ddl([](const Statement& s) {
      const std::string text = "SELECT title FROM items";
      query::AnalyzeContext context = s.context;
      context.statement_text = text;
      query::ParamTypes no_params;
      const query::QueryPtr query = query::analyze(context, query::parse(text).at(0), no_params);
      ViewDefinition view;
      view.name = "titles";
      view.schema = public_schema;
      view.owner = owner;
      view.columns = {{"title", {oids::text, -1}}};
      view.query = query.get();
      s.writer.create_view(view);
    });
  }

  const RelationDesc* items() {
    kept_ = load();
    return kept_->find_relation("public", "items");
  }

  // The error that `work` ends with.
  types::ErrorFields error_of(const std::function<void(const Statement&)>& work) {
    try {
      ddl(work);
    } catch (const types::SqlError& error) {
      return error.fields();
    }
    return {};
  }

  SnapshotPtr kept_;

 private:
  // The function that the index on lower(title) calls; what it answers does not matter here.
  static void with_functions(storage::Connection& connection) {
    sqlite3_create_function(
        connection.handle(), "s_lower", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
        [](sqlite3_context* context, int, sqlite3_value** arguments) {
          sqlite3_result_value(context, arguments[0]);
        },
        nullptr, nullptr);
  }

 protected:
  WriterTest() : CatalogFixture(with_functions) {}
};

TEST_F(WriterTest, ReadsBackATable) {
  create_items();
  const RelationDesc* table = items();
  ASSERT_NE(table, nullptr);
  EXPECT_GE(table->oid, first_user_oid);
  ASSERT_EQ(table->columns.size(), 2U);
  EXPECT_EQ(table->columns[0].default_text, "7");
  EXPECT_TRUE(table->columns[0].not_null);
  EXPECT_EQ(table->columns[1].type.oid, oids::text);
  EXPECT_EQ(table->store_name, "t" + std::to_string(table->oid));
  ASSERT_EQ(table->indexes.size(), 2U);
  EXPECT_EQ(table->indexes[0]->name, "items_pkey");
  EXPECT_TRUE(table->indexes[0]->is_primary);
  EXPECT_EQ(table->indexes[1]->name, "items_lower_idx");
  EXPECT_EQ(table->indexes[1]->keys[0].expression_text, "lower(title)");
  EXPECT_TRUE(table->indexes[1]->keys[0].descending);
  ASSERT_EQ(table->constraints.size(), 2U);
  EXPECT_EQ(table->constraints[0]->name, "items_pkey");
  EXPECT_EQ(table->constraints[1]->name, "items_title_check");
  EXPECT_EQ(table->constraints[1]->check_text, "(title <> ''::text)");
  const TypeDesc* row = kept_->find_type(table->row_type);
  ASSERT_EQ(row->columns.size(), 2U);
  EXPECT_EQ(kept_->find_type(row->array)->name, "_items");
}

TEST_F(WriterTest, MakesTheStoresTableAndIndexes) {
  create_items();
  const std::string name = items()->store_name;
  write([&](storage::Connection& connection) {
    connection.execute("INSERT INTO " + name + " (c1, c2) VALUES (1, 'a')");
    EXPECT_EQ(
        storage::state_of([&] { connection.execute("INSERT INTO " + name + " (c1) VALUES (1)"); }),
        "23505");
  });
}

TEST_F(WriterTest, RefusesNamesThatAreTaken) {
  create_items();
  const types::ErrorFields error = error_of([](const Statement& s) {
    TableDefinition table;
    table.name = "items";
    table.schema = public_schema;
    table.owner = owner;
    s.writer.create_table(table);
  });
  EXPECT_EQ(error.sqlstate, "42P07");
  EXPECT_EQ(error.message, "relation \"items\" already exists");
}

TEST_F(WriterTest, GivesEveryChangeItsOwnVersion) {
  const std::uint64_t before = load()->version();
  EXPECT_EQ(load()->version(), before);
  create_items();
  const std::uint64_t after = load()->version();
  EXPECT_NE(after, before);
  EXPECT_THROW(ddl([](const Statement& s) {
                 s.writer.create_schema("gone", owner);
                 throw types::SqlError("57014", "canceled");
               }),
               types::SqlError);
  EXPECT_EQ(load()->version(), after);
  EXPECT_EQ(load()->find_schema("gone"), nullptr);
}

TEST_F(WriterTest, DropsATableWithItsParts) {
  create_items();
  const Oid table = items()->oid;
  ddl([&](const Statement& s) {
    const DropResult result = s.writer.drop({relation_address(table)}, false);
    EXPECT_TRUE(result.cascaded.empty());
  });
  EXPECT_EQ(items(), nullptr);
  for (const std::string catalog : {"t1259", "t1249", "t2604", "t2606", "t2608", "t2610"}) {
    const std::string column = catalog == "t2608" ? "c2" : "c1";
    EXPECT_EQ(
        value_of("SELECT count(*) FROM " + catalog + " WHERE " + column + " >= 16384").as_integer(),
        0)
        << catalog;
  }
}

TEST_F(WriterTest, RefusesToDropWhatOthersNeed) {
  create_items();
  create_view();
  const Oid table = items()->oid;
  types::ErrorFields error =
      error_of([&](const Statement& s) { s.writer.drop({relation_address(table)}, false); });
  EXPECT_EQ(error.sqlstate, "2BP01");
  EXPECT_EQ(error.message, "cannot drop table items because other objects depend on it");
  EXPECT_EQ(error.detail, "view titles depends on table items");
  EXPECT_EQ(error.hint, "Use DROP ... CASCADE to drop the dependent objects too.");

  error = error_of([&](const Statement& s) { s.writer.drop({relation_address(table, 2)}, false); });
  EXPECT_EQ(error.detail, "view titles depends on column title of table items");

  const Oid index = items()->indexes[0]->oid;
  error = error_of([&](const Statement& s) { s.writer.drop({relation_address(index)}, true); });
  EXPECT_EQ(error.message,
            "cannot drop index items_pkey because constraint items_pkey on table items requires "
            "it");
  EXPECT_EQ(error.hint, "You can drop constraint items_pkey on table items instead.");

  error = error_of([&](const Statement& s) { s.writer.drop({relation_address(1259)}, true); });
  EXPECT_EQ(error.message,
            "cannot drop table pg_class because it is required by the database system");

  ddl([&](const Statement& s) {
    const DropResult result = s.writer.drop({relation_address(table)}, true);
    EXPECT_EQ(result.cascaded, std::vector<std::string>{"view titles"});
  });
  EXPECT_EQ(load()->find_relation("public", "titles"), nullptr);
}

TEST_F(WriterTest, DropsAColumnWithItsIndexAndCheck) {
  create_items();
  const Oid table = items()->oid;
  ddl([&](const Statement& s) { s.writer.drop({relation_address(table, 2)}, false); });
  const RelationDesc* after = items();
  EXPECT_TRUE(after->columns[1].is_dropped);
  EXPECT_EQ(after->indexes.size(), 1U);
  EXPECT_EQ(after->constraints.size(), 1U);
}

TEST_F(WriterTest, CarriesTextsOverARename) {
  create_items();
  create_view();
  const Oid table = items()->oid;
  ddl([&](const Statement& s) { s.writer.rename(relation_address(table, 2), "heading"); });
  ddl([&](const Statement& s) { s.writer.rename(relation_address(table), "things"); });
  const SnapshotPtr snapshot = load();
  const RelationDesc* things = snapshot->find_relation("public", "things");
  ASSERT_NE(things, nullptr);
  EXPECT_EQ(things->columns[1].name, "heading");
  EXPECT_EQ(things->indexes[1]->keys[0].expression_text, "lower(heading)");
  EXPECT_EQ(things->constraints[1]->check_text, "(heading <> ''::text)");
  EXPECT_EQ(snapshot->find_relation("public", "titles")->view_text,
            "SELECT things.heading AS title FROM public.things");
  EXPECT_EQ(snapshot->find_type(things->row_type)->name, "things");
}

TEST_F(WriterTest, CountsSequencesToTheirEnd) {
  Oid sequence = 0;
  ddl([&](const Statement& s) {
    SequenceDefinition definition;
    definition.name = "numbers";
    definition.schema = public_schema;
    definition.owner = owner;
    definition.maximum = 3;
    definition.increment = 2;
    sequence = s.writer.create_sequence(definition);
  });
  write([&](storage::Connection& connection) {
    EXPECT_EQ(next_sequence_value(connection, sequence), 1);
    EXPECT_EQ(next_sequence_value(connection, sequence), 3);
    try {
      next_sequence_value(connection, sequence);
      FAIL();
    } catch (const types::SqlError& error) {
      EXPECT_EQ(error.sqlstate(), "2200H");
      EXPECT_STREQ(error.what(), "nextval: reached maximum value of sequence \"numbers\" (3)");
    }
    set_sequence_value(connection, sequence, 2, false);
    EXPECT_EQ(next_sequence_value(connection, sequence), 2);
    EXPECT_EQ(storage::state_of([&] { set_sequence_value(connection, sequence, 9, true); }),
              "22003");
  });
}

TEST_F(WriterTest, MakesTypes) {
  ddl([](const Statement& s) { s.writer.create_enum("mood", public_schema, owner, {"a", "b"}); });
  ddl([](const Statement& s) {
    s.writer.add_enum_label(s.snapshot.find_type("public", "mood")->oid, "c");
  });
  const SnapshotPtr snapshot = load();
  const TypeDesc* mood = snapshot->find_type("public", "mood");
  ASSERT_EQ(mood->labels.size(), 3U);
  EXPECT_EQ(mood->labels[2].label, "c");
  EXPECT_EQ(snapshot->find_type(mood->array)->element, mood->oid);
  ddl([](const Statement& s) {
    DomainDefinition domain;
    domain.name = "positive";
    domain.schema = public_schema;
    domain.owner = owner;
    domain.base = {oids::int4, -1};
    domain.checks = {{"", "(VALUE > 0)"}};
    s.writer.create_domain(domain);
  });
  const SnapshotPtr later = load();
  const TypeDesc* positive = later->find_type("public", "positive");
  EXPECT_EQ(positive->base.oid, oids::int4);
  const auto checks = later->domain_constraints(positive->oid);
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0]->name, "positive_check");
}

TEST_F(WriterTest, KeepsRolesAndDatabasesInTheSharedFile) {
  ddl([](const Statement& s) {
    RoleDesc role;
    role.name = "alice";
    role.can_login = true;
    const Oid alice = s.writer.create_role(role);
    s.writer.grant_role(3373, alice, owner, false);
    s.writer.create_database({"shop", alice});
  });
  const SnapshotPtr snapshot = load();
  const RoleDesc* alice = snapshot->find_role("alice");
  ASSERT_NE(alice, nullptr);
  EXPECT_TRUE(alice->can_login);
  EXPECT_EQ(alice->member_of, std::vector<Oid>{3373});
  ASSERT_NE(snapshot->find_database("shop"), nullptr);
  EXPECT_EQ(snapshot->find_database("shop")->owner, alice->oid);
  ddl([&](const Statement& s) { s.writer.drop_role(alice->oid); });
  EXPECT_EQ(load()->find_role("alice"), nullptr);
}

}  // namespace
}  // namespace dvecdb::server::catalog
