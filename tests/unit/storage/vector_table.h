// A database with one table of vectors and an index on it, and the exact answers to compare with.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/storage/database.h"
#include "tests/unit/storage/temporary_folder.h"

namespace dvecdb::server::storage {

using Vector = std::vector<float>;

inline std::string stored(const Vector& vector) {
  return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)};
}

inline double l2_distance(const Vector& a, std::string_view bytes) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    float element = 0;
    std::memcpy(&element, bytes.data() + i * 4, 4);
    sum += (static_cast<double>(a[i]) - element) * (static_cast<double>(a[i]) - element);
  }
  return std::sqrt(sum);
}

struct FoundRow {
  std::int64_t id;
  double distance;  // -1: NULL
};

class VectorTable {
 public:
  static constexpr Oid index_oid = 20001;

  explicit VectorTable(int dimensions = 8, std::string predicate = "")
      : VectorTable(std::make_unique<TemporaryFolder>(), "", dimensions, std::move(predicate)) {}

  // In a folder that stays; the index is opened if the database has it.
  explicit VectorTable(const std::string& folder) : VectorTable(nullptr, folder, 8, "") {
    const ReaderLease reader = database_->reader();
    Statement indexes = reader.connection().prepare("SELECT count(*) FROM dv_vector_indexes");
    indexes.step();
    has_index_ = indexes.column(0).as_integer() > 0;
    if (has_index_) database_->vector_indexes().open(definition_);
  }
  bool has_index() const { return has_index_; }

  // As a restart does.
  void reopen() {
    const bool had_index = has_index_;
    database_.reset();
    database_ = std::make_unique<Database>(folder_ + "/db", "", DatabaseOptions{}, nullptr);
    if (had_index) database_->vector_indexes().open(definition_);
  }
  void close() { database_.reset(); }

  void create_index() {
    WriterLease lease = database_->begin({});
    database_->vector_indexes().build(lease.connection(), definition_);
    lease.commit();
    database_->vector_indexes().publish(index_oid);
    has_index_ = true;
  }

  Vector random_vector() {
    Vector vector(static_cast<std::size_t>(dimensions_));
    for (float& element : vector) element = normal_(random_);
    return vector;
  }
  std::int64_t random_number(std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random_);
  }

  static void put(Connection& writer, std::int64_t id, const Value& vector,
                  std::int64_t label = 0) {
    Statement statement = writer.prepare(
        "INSERT INTO t20000 VALUES (?1, ?2, ?3)"
        " ON CONFLICT (id) DO UPDATE SET embedding = ?2, label = ?3");
    statement.bind(1, Value::integer(id));
    statement.bind(2, vector);
    statement.bind(3, Value::integer(label));
    statement.run();
  }
  static void remove(Connection& writer, std::int64_t id) {
    Statement statement = writer.prepare("DELETE FROM t20000 WHERE id = ?1");
    statement.bind(1, Value::integer(id));
    statement.run();
  }
  void fill(std::int64_t first, std::int64_t count) {
    database_->run_grouped({}, [&](Connection& writer) {
      for (std::int64_t id = first; id < first + count; ++id) {
        put(writer, id, Value::blob(stored(random_vector())), id % 100);
      }
    });
  }

  // Rows as knn gives them, at most `limit`, in the snapshot of `connection`.
  static std::vector<FoundRow> search(Connection& connection, const Vector& query, int limit,
                                      int ef = 100) {
    Statement statement =
        connection.prepare("SELECT id, distance FROM knn(?1, ?2, ?3, ?4) LIMIT ?4");
    statement.bind(1, Value::integer(index_oid));
    statement.bind(2, Value::blob(stored(query)));
    statement.bind(3, Value::integer(ef));
    statement.bind(4, Value::integer(limit));
    std::vector<FoundRow> rows;
    while (statement.step()) {
      const Value distance = statement.column(1);
      rows.push_back(
          {statement.column(0).as_integer(), distance.is_null() ? -1 : distance.as_real()});
    }
    return rows;
  }

  // All rows in the order of distance, NULLs last, by reading the table.
  static std::vector<FoundRow> exact(Connection& connection, const Vector& query,
                                     const std::string& condition = "1") {
    Statement statement = connection.prepare("SELECT id, embedding FROM t20000 WHERE " + condition);
    std::vector<FoundRow> rows;
    std::vector<FoundRow> nulls;
    while (statement.step()) {
      const std::int64_t id = statement.column(0).as_integer();
      const Value vector = statement.column(1);
      if (vector.is_null()) {
        nulls.push_back({id, -1});
      } else {
        rows.push_back({id, l2_distance(query, vector.as_bytes())});
      }
    }
    std::sort(rows.begin(), rows.end(),
              [](const FoundRow& a, const FoundRow& b) { return a.distance < b.distance; });
    rows.insert(rows.end(), nulls.begin(), nulls.end());
    return rows;
  }

  // The distances that a whole search gives are those of the rows, each row once.
  static void expect_all_rows(Connection& connection, const Vector& query,
                              const std::string& condition = "1") {
    const auto expected = exact(connection, query, condition);
    const auto found = search(connection, query, 1000000);
    ASSERT_EQ(found.size(), expected.size());
    std::set<std::int64_t> ids;
    for (const FoundRow& row : found) EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    std::vector<double> found_distances;
    std::vector<double> expected_distances;
    for (const FoundRow& row : found) found_distances.push_back(row.distance);
    for (const FoundRow& row : expected) expected_distances.push_back(row.distance);
    std::sort(found_distances.begin(), found_distances.end());
    std::sort(expected_distances.begin(), expected_distances.end());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(found_distances[i], expected_distances[i], 1e-4);
    }
  }

  // Which part of the true nearest `k` the search finds.
  static double recall(Connection& connection, const Vector& query, std::size_t k) {
    const auto expected = exact(connection, query);
    const auto found = search(connection, query, static_cast<int>(k));
    std::set<std::int64_t> truth;
    for (std::size_t i = 0; i < std::min(k, expected.size()); ++i) truth.insert(expected[i].id);
    if (truth.empty()) return 1;
    std::size_t hits = 0;
    for (const FoundRow& row : found) hits += truth.count(row.id);
    return static_cast<double>(hits) / static_cast<double>(truth.size());
  }

  Database& database() { return *database_; }
  VectorIndexes& indexes() { return database_->vector_indexes(); }
  VectorIndexDefinition& definition() { return definition_; }
  std::string index_path() const { return folder_ + "/db/index/20001.hnsw"; }

 private:
  VectorTable(std::unique_ptr<TemporaryFolder> temporary, std::string folder, int dimensions,
              std::string predicate)
      : dimensions_(dimensions),
        temporary_(std::move(temporary)),
        folder_(temporary_ ? temporary_->path() : std::move(folder)) {
    definition_.index = index_oid;
    definition_.table_oid = 20000;
    definition_.table = "t20000";
    definition_.expression = "embedding";
    definition_.predicate = std::move(predicate);
    definition_.dimensions = dimensions;
    reopen();
    database_->run_grouped({}, [](Connection& writer) {
      writer.execute(
          "CREATE TABLE IF NOT EXISTS t20000 (id INTEGER PRIMARY KEY, embedding, label)");
    });
  }

  int dimensions_;
  std::unique_ptr<TemporaryFolder> temporary_;
  std::string folder_;
  VectorIndexDefinition definition_;
  bool has_index_ = false;
  std::unique_ptr<Database> database_;
  std::mt19937 random_{42};
  std::normal_distribution<float> normal_;
};

}  // namespace dvecdb::server::storage
