#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "server/storage/knn_search.h"
#include "server/storage/vector_index_build.h"
#include "tests/unit/storage/vector_table.h"

namespace dvecdb::server::storage {
namespace {

void expect_sorted(const std::vector<FoundRow>& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_LE(rows[i - 1].distance, rows[i].distance) << i;
  }
}

TEST(VectorIndex, FindsTheNearestRows) {
  VectorTable table;
  table.fill(1, 3000);
  table.create_index();
  const ReaderLease reader = table.database().reader();
  double recall = 0;
  for (int i = 0; i < 50; ++i) {
    recall += VectorTable::recall(reader.connection(), table.random_vector(), 10);
  }
  EXPECT_GE(recall / 50, 0.95);
  expect_sorted(VectorTable::search(reader.connection(), table.random_vector(), 10));
}

TEST(VectorIndex, ReachesTheRecallThatWasAskedFor) {
  constexpr Oid oid = 20001;
  constexpr double target = 0.98;
  VectorTable table;
  table.fill(1, 4000);
  table.create_index();
  EXPECT_THROW(table.indexes().ef_for(oid + 1, target, 10), types::SqlError);
  const auto guess = table.indexes().ef_for(oid, target, 10);
  for (int i = 0; i < 6000 && table.indexes().ef_for(oid, target, 10) == guess; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it is measured meanwhile
  }
  EXPECT_NE(table.indexes().ef_for(oid, target, 10), guess);
  EXPECT_LE(table.indexes().ef_for(oid, 0.1, 10), table.indexes().ef_for(oid, 1, 10));

  const ReaderLease reader = table.database().reader();
  Statement statement =
      reader.connection().prepare("SELECT id, distance FROM knn(20001, ?1, ?2, 10)");
  double recall = 0;
  for (int i = 0; i < 100; ++i) {
    const Vector query = table.random_vector();
    const auto exact = VectorTable::exact(reader.connection(), query);
    statement.bind(1, Value::blob(stored(query)));
    statement.bind(2, Value::real(target));
    for (int row = 0; row < 10 && statement.step(); ++row) {
      recall += statement.column(1).as_real() <= exact[9].distance * (1 + 1e-6) ? 0.1 : 0;
    }
    statement.reset();
  }
  EXPECT_GE(recall / 100, target - 0.01);
}

TEST(VectorIndex, GivesEveryRowOnceNullsLast) {
  VectorTable table;
  table.fill(1, 500);
  table.database().run_grouped({}, [](Connection& writer) {
    for (int id = 1000; id < 1020; ++id) VectorTable::put(writer, id, Value::null());
  });
  table.create_index();
  table.fill(2000, 100);
  const ReaderLease reader = table.database().reader();
  VectorTable::expect_all_rows(reader.connection(), table.random_vector());
  const auto rows = VectorTable::search(reader.connection(), table.random_vector(), 100000);
  ASSERT_EQ(rows.size(), 620U);
  for (std::size_t i = 600; i < 620; ++i) EXPECT_EQ(rows[i].distance, -1);
}

TEST(VectorIndex, AnInsertIsFoundAtOnce) {
  VectorTable table;
  table.create_index();
  const ReaderLease reader = table.database().reader();
  for (int id = 1; id <= 300; ++id) {
    const Vector vector = table.random_vector();
    table.database().run_grouped(
        {}, [&](Connection& writer) { VectorTable::put(writer, id, Value::blob(stored(vector))); });
    const auto found = VectorTable::search(reader.connection(), vector, 1);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, id);
    EXPECT_EQ(found[0].distance, 0);
  }
  table.indexes().flush();
  EXPECT_EQ(table.indexes().stats()[0].vectors, 300);
  VectorTable::expect_all_rows(reader.connection(), table.random_vector());
}

TEST(VectorIndex, ATransactionSeesItsOwnRowsAndNobodyElseDoes) {
  VectorTable table;
  table.fill(1, 200);
  table.create_index();
  const Vector far(8, 100.0F);
  WriterLease lease = table.database().begin({});
  VectorTable::put(lease.connection(), 5000, Value::blob(stored(far)));
  VectorTable::remove(lease.connection(), 7);
  EXPECT_EQ(VectorTable::search(lease.connection(), far, 1)[0].id, 5000);
  VectorTable::expect_all_rows(lease.connection(), far);
  {
    const ReaderLease reader = table.database().reader();
    EXPECT_NE(VectorTable::search(reader.connection(), far, 1)[0].id, 5000);
    VectorTable::expect_all_rows(reader.connection(), far);
  }
  lease.rollback();
  table.fill(300, 5);
  const ReaderLease reader = table.database().reader();
  VectorTable::expect_all_rows(reader.connection(), far);
  table.indexes().flush();
  VectorTable::expect_all_rows(reader.connection(), far);
}

TEST(VectorIndex, AnOldSnapshotStaysAsItWas) {
  VectorTable table;
  table.fill(1, 500);
  table.create_index();
  const ReaderLease reader = table.database().reader();
  reader.connection().execute("BEGIN");
  const auto before = VectorTable::exact(reader.connection(), table.random_vector());
  ASSERT_EQ(before.size(), 500U);
  table.database().run_grouped({}, [&](Connection& writer) {
    for (int id = 1; id <= 250; ++id) VectorTable::remove(writer, id);
    for (int id = 251; id <= 350; ++id) {
      VectorTable::put(writer, id, Value::blob(stored(table.random_vector())));
    }
    VectorTable::put(writer, 351, Value::null());
  });
  VectorTable::expect_all_rows(reader.connection(), table.random_vector());
  table.indexes().flush();
  for (int i = 0; i < 5; ++i) {
    VectorTable::expect_all_rows(reader.connection(), table.random_vector());
  }
  reader.connection().execute("COMMIT");
  VectorTable::expect_all_rows(reader.connection(), table.random_vector());
}

TEST(VectorIndex, AnOpenSearchIsNotDisturbedByChanges) {
  VectorTable table;
  table.fill(1, 2000);
  table.create_index();
  const ReaderLease reader = table.database().reader();
  const Vector query = table.random_vector();
  reader.connection().execute("BEGIN");
  const auto expected = VectorTable::exact(reader.connection(), query);
  Statement statement =
      reader.connection().prepare("SELECT id, distance FROM knn(20001, ?1, 40, 10)");
  statement.bind(1, Value::blob(stored(query)));
  std::set<std::int64_t> ids;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(statement.step());
    ids.insert(statement.column(0).as_integer());
  }
  for (int round = 0; round < 3; ++round) {
    table.database().run_grouped({}, [&](Connection& writer) {
      for (int id = 1 + round; id <= 2000; id += 3) {
        if (id % 2 == 0) {
          VectorTable::remove(writer, id);
        } else {
          VectorTable::put(writer, id, Value::blob(stored(table.random_vector())));
        }
      }
    });
    table.indexes().flush();
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(statement.step());
      EXPECT_TRUE(ids.insert(statement.column(0).as_integer()).second);
    }
  }
  while (statement.step()) EXPECT_TRUE(ids.insert(statement.column(0).as_integer()).second);
  EXPECT_EQ(ids.size(), expected.size());
}

TEST(VectorIndex, SnapshotsStayRightWhileRowsChange) {
  VectorTable table(4);
  table.fill(1, 400);
  table.create_index();
  std::atomic<bool> is_over = false;
  std::thread changer([&] {
    VectorTable random(4);
    while (!is_over) {
      table.database().run_grouped({}, [&](Connection& writer) {
        for (int i = 0; i < 5; ++i) {
          const std::int64_t id = 1 + random.random_number(500);
          const std::int64_t kind = random.random_number(4);
          if (kind == 0) {
            VectorTable::remove(writer, id);
          } else if (kind == 1) {
            VectorTable::put(writer, id, Value::null());
          } else {
            VectorTable::put(writer, id, Value::blob(stored(random.random_vector())));
          }
        }
      });
    }
  });
  std::vector<std::thread> searchers;
  for (int thread = 0; thread < 2; ++thread) {
    searchers.emplace_back([&] {
      VectorTable random(4);
      const ReaderLease reader = table.database().reader();
      for (int i = 0; i < 60; ++i) {
        reader.connection().execute("BEGIN");
        VectorTable::expect_all_rows(reader.connection(), random.random_vector());
        std::this_thread::sleep_for(std::chrono::milliseconds(i % 5));
        const Vector query = random.random_vector();
        EXPECT_GE(VectorTable::recall(reader.connection(), query, 10), 0.8);
        VectorTable::expect_all_rows(reader.connection(), query);
        reader.connection().execute("COMMIT");
      }
    });
  }
  for (std::thread& searcher : searchers) searcher.join();
  is_over = true;
  changer.join();
  table.indexes().flush();
  const ReaderLease reader = table.database().reader();
  VectorTable::expect_all_rows(reader.connection(), table.random_vector());
}

TEST(VectorIndex, EqualVectorsAreAllGiven) {
  VectorTable table;
  const Vector same(8, 1.0F);
  table.database().run_grouped({}, [&](Connection& writer) {
    for (int id = 1; id <= 500; ++id) VectorTable::put(writer, id, Value::blob(stored(same)));
  });
  table.create_index();
  const ReaderLease reader = table.database().reader();
  VectorTable::expect_all_rows(reader.connection(), same);
}

TEST(VectorIndex, AFilterNeverLosesRows) {
  VectorTable table;
  table.fill(0, 6000);  // label = id % 100
  table.create_index();
  table.database().run_grouped(
      {}, [](Connection& writer) { VectorTable::put(writer, 7000, Value::null(), 0); });
  const ReaderLease reader = table.database().reader();
  for (const int below : {0, 1, 5, 10, 50, 90, 100}) {
    const Vector query = table.random_vector();
    Statement statement = reader.connection().prepare(
        "SELECT k.id, k.distance FROM knn(20001, ?1, 40, 10,"
        "   'SELECT id FROM t20000 WHERE label < ?1', ?2) AS k CROSS JOIN t20000 t"
        " ON t.id = k.id WHERE t.label < ?2 LIMIT 10000");
    statement.bind(1, Value::blob(stored(query)));
    statement.bind(2, Value::integer(below));
    std::vector<FoundRow> found;
    while (statement.step()) {
      const Value distance = statement.column(1);
      found.push_back(
          {statement.column(0).as_integer(), distance.is_null() ? 1e9 : distance.as_real()});
    }
    const auto expected =
        VectorTable::exact(reader.connection(), query, "label < " + std::to_string(below));
    ASSERT_EQ(found.size(), expected.size()) << below;
    std::size_t hits = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(10, found.size()); ++i) {
      for (std::size_t j = 0; j < std::min<std::size_t>(10, found.size()); ++j) {
        hits += found[i].id == expected[j].id ? 1 : 0;
      }
    }
    EXPECT_GE(hits, below > 0 ? 9U : 0U) << below;
  }
}

TEST(VectorIndex, APartialIndexIsAboutItsRowsAlone) {
  VectorTable table(8, "label < 50");
  table.fill(0, 1000);
  table.create_index();
  table.database().run_grouped({}, [](Connection& writer) {
    writer.execute("UPDATE t20000 SET label = 99 WHERE id < 10");
    writer.execute("UPDATE t20000 SET label = 1 WHERE id >= 990");
  });
  const ReaderLease reader = table.database().reader();
  VectorTable::expect_all_rows(reader.connection(), table.random_vector(), "label < 50");
  table.indexes().flush();
  VectorTable::expect_all_rows(reader.connection(), table.random_vector(), "label < 50");
}

TEST(VectorIndex, AnEmptiedTableIsSoonForgotten) {
  VectorTable table;
  table.fill(1, 5000);
  table.create_index();
  const ReaderLease old_reader = table.database().reader();
  old_reader.connection().execute("BEGIN");
  const auto before = VectorTable::exact(old_reader.connection(), table.random_vector());
  Statement running = old_reader.connection().prepare("SELECT id FROM knn(20001, ?1, 40, 10)");
  running.bind(1, Value::blob(stored(table.random_vector())));
  ASSERT_TRUE(running.step());
  std::size_t given = 1;
  table.database().run_grouped(
      {}, [](Connection& writer) { writer.execute("DELETE FROM t20000 WHERE id > 50"); });
  table.indexes().flush();
  table.fill(10000, 20);
  table.indexes().flush();
  VectorTable::expect_all_rows(old_reader.connection(), table.random_vector());
  while (running.step()) ++given;
  EXPECT_EQ(given, before.size());
  old_reader.connection().execute("COMMIT");
  VectorTable::expect_all_rows(old_reader.connection(), table.random_vector());
  EXPECT_EQ(table.indexes().stats()[0].vectors, 70);
}

// An index without a keeper, and the part of the keeper played here.
class UnkeptIndex : public testing::Test {
 protected:
  void make_index(VectorIndexLimits limits) {
    const ReaderLease reader = table_.database().reader();
    index_ = std::make_shared<VectorIndex>(table_.definition(), limits);
    index_->install(
        build_graph(reader.connection(), table_.definition(), index_->build_progress()));
    WriterLease lease = table_.database().begin({});
    change_log::add_index(lease.connection(), 1, 20000, "t20000");
    lease.commit();
  }
  void follow() {
    read_changes();
    while (index_->drain(2, [] {})) {
    }
    while (index_->remove_obsolete()) {
    }
  }
  void read_changes() {
    const ReaderLease reader = table_.database().reader();
    Connection& connection = reader.connection();
    const std::int64_t last = change_log::last_sequence(connection);
    index_->announce(change_log::read(connection, 20000, index_->touched_to()), last);
    IndexedRows rows(connection, table_.definition());
    for (const Change& change : index_->pending(1000000)) {
      const std::optional<Value> row = rows.find(change.id);
      const Value vector = row ? *row : Value::null();
      index_->apply(
          change,
          vector.is_null() ? nullptr : reinterpret_cast<const float*>(vector.as_bytes().data()),
          100);
    }
    index_->set_complete_to(last);
  }
  KnnSearch search(Connection& connection) {
    KnnRequest request;
    request.query = Value::blob(stored(table_.random_vector()));
    request.k = 10;
    return {connection, index_, std::move(request)};
  }
  static void expect_rest(KnnSearch& search, std::set<std::int64_t> ids, std::size_t count) {
    while (search.next()) EXPECT_TRUE(ids.insert(search.id()).second);
    EXPECT_EQ(ids.size(), count);
  }

  VectorTable table_;
  std::shared_ptr<VectorIndex> index_;
};

TEST_F(UnkeptIndex, ReadsChangesWhileTheDeltaMovesIntoTheGraph) {
  table_.fill(1, 500);
  make_index({});
  table_.fill(501, 300);
  read_changes();
  EXPECT_EQ(index_->delta_size(), 300U);
  const ReaderLease old_reader = table_.database().reader();
  old_reader.connection().execute("BEGIN");
  KnnSearch running = search(old_reader.connection());
  int calls = 0;
  while (index_->drain(2, [&] {
    // Rows change and go that are on their way, were there, or wait.
    const int first = 501 + 7 * calls++;
    if (calls > 30) return;
    table_.fill(first, 5);
    table_.database().run_grouped({}, [&](Connection& writer) {
      writer.execute("DELETE FROM t20000 WHERE id = " + std::to_string(first + 5));
    });
    read_changes();
  })) {
  }
  EXPECT_GT(calls, 4);
  const int gone = std::min(calls, 30);
  EXPECT_EQ(index_->delta_size(), 0U);
  EXPECT_EQ(index_->stats().vectors, 800 - gone);
  const ReaderLease reader = table_.database().reader();
  reader.connection().execute("BEGIN");
  KnnSearch fresh = search(reader.connection());
  expect_rest(fresh, {}, static_cast<std::size_t>(800 - gone));
  expect_rest(running, {}, 800);
  while (index_->remove_obsolete()) {
  }
  KnnSearch after = search(reader.connection());
  expect_rest(after, {}, static_cast<std::size_t>(800 - gone));
  EXPECT_EQ(index_->snapshot_for_file().graph->size(), static_cast<std::size_t>(800 - gone));
}

TEST_F(UnkeptIndex, AFilterOfFewRowsGivesThemInOrderWhateverChangesMeanwhile) {
  table_.fill(1, 1000);
  make_index({});
  table_.fill(1001, 50);
  read_changes();  // these stay in the delta
  const ReaderLease reader = table_.database().reader();
  reader.connection().execute("BEGIN");
  KnnRequest request;
  request.query = Value::blob(stored(table_.random_vector()));
  request.k = 10;
  request.filter_sql = "SELECT id FROM t20000 WHERE id % 10 = 3";
  KnnSearch running(reader.connection(), index_, std::move(request));
  std::set<std::int64_t> passed;
  const auto take = [&] {
    if (running.id() % 10 != 3) return;
    EXPECT_TRUE(passed.insert(running.id()).second);
  };
  constexpr int before_the_filter = 80;  // twice ef_search
  for (int i = 0; i < before_the_filter; ++i) {
    ASSERT_TRUE(running.next());
    take();
  }
  table_.fill(1, 200);
  follow();
  double last = 0;
  while (running.next()) {
    EXPECT_EQ(running.id() % 10, 3);
    take();
    EXPECT_GE(running.distance().as_real(), last);
    last = running.distance().as_real();
  }
  EXPECT_EQ(passed.size(), 105U);
}

TEST_F(UnkeptIndex, ASearchThatIsTooLongInTheWayGoesOnWithoutTheGraph) {
  table_.fill(1, 1000);
  make_index({.obsolete = 50});
  const ReaderLease reader = table_.database().reader();
  reader.connection().execute("BEGIN");
  KnnSearch running = search(reader.connection());
  std::set<std::int64_t> ids;
  for (int i = 0; i < 10 && running.next(); ++i) ids.insert(running.id());
  EXPECT_EQ(ids.size(), 10U);
  table_.fill(1, 40);
  follow();
  EXPECT_EQ(index_->stats().deleted, 40);
  table_.fill(41, 40);
  follow();
  EXPECT_EQ(index_->stats().deleted, 0);
  expect_rest(running, ids, 1000);
}

TEST_F(UnkeptIndex, ASnapshotWithTooManyChangesIsScanned) {
  table_.fill(1, 500);
  make_index({.recent_changes = 20, .changed_rows = 10});
  const ReaderLease reader = table_.database().reader();
  reader.connection().execute("BEGIN");
  EXPECT_EQ(VectorTable::exact(reader.connection(), table_.random_vector()).size(), 500U);
  for (int changes = 0; changes < 60; changes += 5) {
    KnnSearch one = search(reader.connection());
    expect_rest(one, {}, 500);
    table_.fill(1 + changes, 3);
    table_.fill(1000 + changes, 2);
    follow();
  }
}

TEST(VectorIndex, AnExpressionWithOtherDimensionsIsRefused) {
  VectorTable table;
  table.definition().expression = "substr(embedding, 1)";
  table.fill(1, 10);
  table.create_index();
  const auto put = [&](std::size_t dimensions) {
    table.database().run_grouped({}, [&](Connection& writer) {
      VectorTable::put(writer, 50, Value::blob(stored(Vector(dimensions))));
    });
  };
  EXPECT_EQ(state_of([&] { put(3); }), "22000");
  put(8);
  EXPECT_EQ(state_of([&] { put(3); }), "22000");
  const ReaderLease reader = table.database().reader();
  VectorTable::expect_all_rows(reader.connection(), table.random_vector());
}

TEST(VectorIndex, SaysWhatIsWrongWithAQuery) {
  VectorTable table;
  table.fill(1, 10);
  table.create_index();
  const ReaderLease reader = table.database().reader();
  try {
    VectorTable::search(reader.connection(), Vector(3), 1);
    FAIL();
  } catch (const types::SqlError& error) {
    EXPECT_EQ(error.sqlstate(), "22000");
    EXPECT_STREQ(error.what(), "different vector dimensions 8 and 3");
  }
}

TEST(VectorIndex, ABuildRefusesOtherDimensions) {
  VectorTable table;
  table.fill(1, 10);
  table.database().run_grouped(
      {}, [](Connection& writer) { VectorTable::put(writer, 50, Value::blob(stored(Vector(3)))); });
  EXPECT_EQ(state_of([&] { table.create_index(); }), "22000");
}

TEST(VectorIndex, ABuildCanBeCancelled) {
  VectorTable table;
  table.fill(1, 1000);
  std::atomic<bool> cancelled = false;
  VectorIndexDefinition definition = table.definition();
  definition.expression = "cancel_and_return(embedding)";
  WriterLease lease = table.database().begin({});
  sqlite3_create_function(
      lease.connection().handle(), "cancel_and_return", 1, SQLITE_UTF8, &cancelled,
      [](sqlite3_context* context, int, sqlite3_value** arguments) {
        *static_cast<std::atomic<bool>*>(sqlite3_user_data(context)) = true;
        sqlite3_result_value(context, arguments[0]);
      },
      nullptr, nullptr);
  lease.connection().watch_cancel(&cancelled);
  EXPECT_EQ(state_of([&] { table.indexes().build(lease.connection(), definition); }), "57014");
  lease.rollback();
  table.create_index();
}

TEST(VectorIndex, ADroppedIndexLeavesNothing) {
  VectorTable table;
  table.fill(1, 100);
  table.create_index();
  table.indexes().checkpoint();
  EXPECT_TRUE(std::filesystem::exists(table.index_path()));
  WriterLease lease = table.database().begin({});
  table.indexes().drop(lease.connection(), table.definition());
  lease.commit();
  table.indexes().forget(VectorTable::index_oid);
  EXPECT_FALSE(std::filesystem::exists(table.index_path()));
  const ReaderLease reader = table.database().reader();
  Statement triggers =
      reader.connection().prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'");
  triggers.step();
  EXPECT_EQ(triggers.column(0).as_integer(), 0);
  EXPECT_TRUE(table.indexes().stats().empty());
}

TEST(VectorIndex, ARestartLoadsTheFileAndReplaysTheRest) {
  VectorTable table;
  table.fill(1, 1000);
  table.create_index();
  table.indexes().checkpoint();
  table.fill(2000, 50);
  table.database().run_grouped({}, [](Connection& writer) {
    for (int id = 1; id < 100; ++id) VectorTable::remove(writer, id);
  });
  for (int start = 0; start < 3; ++start) {
    table.reopen();
    {
      const ReaderLease reader = table.database().reader();
      VectorTable::expect_all_rows(reader.connection(), table.random_vector());
    }
    table.indexes().flush();
    EXPECT_TRUE(table.indexes().is_ready());
    const ReaderLease reader = table.database().reader();
    VectorTable::expect_all_rows(reader.connection(), table.random_vector());
    EXPECT_EQ(table.indexes().stats()[0].vectors, 951);
  }
}

TEST(VectorIndex, SavesWhatChangedAndComesBackWithIt) {
  VectorTable table;
  table.fill(1, 3000);
  table.create_index();
  table.reopen();
  const auto size = [&] { return std::filesystem::file_size(table.index_path()); };
  const auto whole = size();
  for (int round = 0; round < 6; ++round) {
    table.fill(5000 + round * 10, 10);  // new rows
    table.fill(1 + round * 7, 5);       // other vectors for old rows
    table.indexes().flush();
    table.indexes().checkpoint();
    table.reopen();
    if (round == 0) {
      EXPECT_GT(size(), whole);
      EXPECT_LT(size(), whole + whole / 4);
    }
    const ReaderLease reader = table.database().reader();
    VectorTable::expect_all_rows(reader.connection(), table.random_vector());
    EXPECT_GT(VectorTable::recall(reader.connection(), table.random_vector(), 10), 0.8);
  }
}

TEST(VectorIndex, ADamagedOrMissingFileCostsARebuildOnly) {
  VectorTable table;
  table.fill(1, 1000);
  table.create_index();
  table.indexes().checkpoint();
  for (int kind = 0; kind < 4; ++kind) {
    table.close();
    const auto size = std::filesystem::file_size(table.index_path());
    if (kind == 0) std::filesystem::remove(table.index_path());
    if (kind == 1) std::filesystem::resize_file(table.index_path(), size / 2);
    if (kind == 2) std::ofstream(table.index_path()) << "nothing of use";
    if (kind == 3) std::filesystem::resize_file(table.index_path(), 0);
    table.reopen();
    {
      const ReaderLease reader = table.database().reader();
      VectorTable::expect_all_rows(reader.connection(), table.random_vector());
    }
    table.indexes().flush();
    const ReaderLease reader = table.database().reader();
    VectorTable::expect_all_rows(reader.connection(), table.random_vector());
    EXPECT_EQ(table.indexes().stats()[0].vectors, 1000);
  }
}

TEST(VectorIndex, DamageThatALoadDoesNotMeetIsFoundAndRepaired) {
  VectorTable table;
  table.fill(1, 1000);
  table.create_index();
  table.indexes().checkpoint();
  table.close();
  {
    std::fstream file(table.index_path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(50'000);  // a record
    file.put('x').put('y');
  }
  table.reopen();
  table.indexes().flush();
  table.fill(2000, 5);
  table.indexes().flush();
  table.indexes().checkpoint();
  EXPECT_FALSE(std::filesystem::exists(table.index_path()));
  table.reopen();
  table.indexes().flush();
  const ReaderLease reader = table.database().reader();
  VectorTable::expect_all_rows(reader.connection(), table.random_vector());
  EXPECT_EQ(table.indexes().stats()[0].vectors, 1005);
  table.indexes().checkpoint();
  EXPECT_TRUE(std::filesystem::exists(table.index_path()));
}

TEST(VectorIndex, TheChangeLogIsPrunedAfterASave) {
  VectorTable table;
  table.create_index();
  table.fill(1, 2000);
  table.indexes().flush();
  table.indexes().checkpoint();
  const ReaderLease reader = table.database().reader();
  Statement changes = reader.connection().prepare("SELECT count(*) FROM dv_changes");
  changes.step();
  EXPECT_EQ(changes.column(0).as_integer(), 1);
  changes.reset();
  table.fill(5000, 10);
  VectorTable::expect_all_rows(reader.connection(), table.random_vector());
}

}  // namespace
}  // namespace dvecdb::server::storage
