// Every element kind and metric, against plain formulas.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "dvecdb/half.h"
#include "tests/unit/storage/vector_table.h"

namespace dvecdb::server::storage {
namespace {

constexpr int dimensions = 16;

struct Kind {
  VectorElement element;
  VectorMetric metric;
};

void append_int32(std::string& bytes, std::int32_t value) {
  bytes.append(reinterpret_cast<const char*>(&value), 4);
}

std::string encode(VectorElement element, const Vector& vector) {
  if (element == VectorElement::float32) return stored(vector);
  std::string bytes;
  if (element == VectorElement::float16) {
    for (const float value : vector) {
      const core::Half half = core::to_half(value);
      bytes.append(reinterpret_cast<const char*>(&half), 2);
    }
    return bytes;
  }
  if (element == VectorElement::bit) {
    bytes = std::string("\0\0\0\x10", 4) + std::string(2, '\0');
    for (std::size_t i = 0; i < dimensions; ++i) {
      if (vector[i] != 0) bytes[4 + i / 8] |= static_cast<char>(0x80 >> (i % 8));
    }
    return bytes;
  }
  std::vector<std::int32_t> indices;
  for (int i = 0; i < dimensions; ++i) {
    if (vector[static_cast<std::size_t>(i)] != 0) indices.push_back(i);
  }
  append_int32(bytes, dimensions);
  append_int32(bytes, static_cast<std::int32_t>(indices.size()));
  for (const std::int32_t index : indices) append_int32(bytes, index);
  for (const std::int32_t index : indices) {
    append_int32(bytes, std::bit_cast<std::int32_t>(vector[static_cast<std::size_t>(index)]));
  }
  return bytes;
}

double plain_distance(VectorMetric metric, const Vector& a, const Vector& b) {
  double dot = 0;
  double square = 0;
  double magnitude = 0;
  double a_square = 0;
  double b_square = 0;
  double different = 0;
  double either = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b[i];
    dot += x * y;
    square += (x - y) * (x - y);
    magnitude += std::abs(x - y);
    a_square += x * x;
    b_square += y * y;
    different += x != y ? 1 : 0;
    either += x != 0 || y != 0 ? 1 : 0;
  }
  switch (metric) {
    case VectorMetric::l2:
      return std::sqrt(square);
    case VectorMetric::inner_product:
      return -dot;
    case VectorMetric::cosine:
      return 1 - dot / std::sqrt(a_square * b_square);
    case VectorMetric::l1:
      return magnitude;
    case VectorMetric::hamming:
      return different;
    case VectorMetric::jaccard:
      return different == either ? 1 : different / either;
  }
  return 0;
}

class VectorKinds : public testing::TestWithParam<Kind> {
 protected:
  // Small multiples of one eighth: exact in every element kind.
  Vector random_vector() {
    Vector vector(dimensions);
    const bool is_bit = GetParam().element == VectorElement::bit;
    for (float& element : vector) {
      element = is_bit ? static_cast<float>(table_.random_number(2))
                       : static_cast<float>(table_.random_number(41) - 20) / 8;
    }
    return vector;
  }
  VectorTable table_{dimensions};
};

TEST_P(VectorKinds, RowsComeInTheOrderOfTheOperator) {
  table_.definition().element = GetParam().element;
  table_.definition().metric = GetParam().metric;
  std::vector<Vector> vectors;
  const auto insert = [&](int count) {
    table_.database().run_grouped({}, [&](Connection& writer) {
      for (int i = 0; i < count; ++i) {
        vectors.push_back(random_vector());
        VectorTable::put(writer, static_cast<std::int64_t>(vectors.size() - 1),
                         Value::blob(encode(GetParam().element, vectors.back())));
      }
    });
  };
  insert(300);
  table_.create_index();
  insert(50);
  const ReaderLease reader = table_.database().reader();
  for (int round = 0; round < 3; ++round) {
    const Vector query = random_vector();
    std::vector<double> expected;
    for (const Vector& vector : vectors) {
      expected.push_back(plain_distance(GetParam().metric, vector, query));
    }
    Statement statement =
        reader.connection().prepare("SELECT id, distance FROM knn(20001, ?1, 100, 0)");
    statement.bind(1, Value::blob(encode(GetParam().element, query)));
    std::set<std::int64_t> ids;
    std::vector<double> found;
    while (statement.step()) {
      const std::int64_t id = statement.column(0).as_integer();
      EXPECT_TRUE(ids.insert(id).second);
      found.push_back(statement.column(1).as_real());
      EXPECT_NEAR(found.back(), expected[static_cast<std::size_t>(id)], 1e-4);
    }
    ASSERT_EQ(ids.size(), vectors.size());
    std::sort(expected.begin(), expected.end());
    const auto near = std::count_if(found.begin(), found.begin() + 10,
                                    [&](double x) { return x <= expected[9] + 1e-4; });
    EXPECT_GE(near, 8);
    table_.indexes().flush();
  }
}

TEST_P(VectorKinds, ARestartKeepsTheIndex) {
  table_.definition().element = GetParam().element;
  table_.definition().metric = GetParam().metric;
  table_.database().run_grouped({}, [&](Connection& writer) {
    for (int id = 0; id < 100; ++id) {
      VectorTable::put(writer, id, Value::blob(encode(GetParam().element, random_vector())));
    }
  });
  table_.create_index();
  table_.reopen();
  table_.indexes().flush();
  EXPECT_TRUE(table_.indexes().is_ready());
  const ReaderLease reader = table_.database().reader();
  Statement statement = reader.connection().prepare("SELECT count(*) FROM knn(20001, ?1, 100, 0)");
  statement.bind(1, Value::blob(encode(GetParam().element, random_vector())));
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(statement.column(0).as_integer(), 100);
}

INSTANTIATE_TEST_SUITE_P(All, VectorKinds,
                         testing::Values(Kind{VectorElement::float32, VectorMetric::l2},
                                         Kind{VectorElement::float32, VectorMetric::inner_product},
                                         Kind{VectorElement::float32, VectorMetric::cosine},
                                         Kind{VectorElement::float32, VectorMetric::l1},
                                         Kind{VectorElement::float16, VectorMetric::l2},
                                         Kind{VectorElement::float16, VectorMetric::inner_product},
                                         Kind{VectorElement::float16, VectorMetric::cosine},
                                         Kind{VectorElement::float16, VectorMetric::l1},
                                         Kind{VectorElement::sparse, VectorMetric::l2},
                                         Kind{VectorElement::sparse, VectorMetric::inner_product},
                                         Kind{VectorElement::sparse, VectorMetric::cosine},
                                         Kind{VectorElement::sparse, VectorMetric::l1},
                                         Kind{VectorElement::bit, VectorMetric::hamming},
                                         Kind{VectorElement::bit, VectorMetric::jaccard}));

TEST(VectorIndex, AZeroVectorHasNoCosineAndComesAfterAllThatHave) {
  VectorTable table(4);
  table.definition().metric = VectorMetric::cosine;
  table.database().run_grouped({}, [&](Connection& writer) {
    VectorTable::put(writer, 1, Value::blob(stored({0, 0, 0, 0})));
    VectorTable::put(writer, 2, Value::blob(stored({1, 0, 0, 0})));
    VectorTable::put(writer, 3, Value::null());
    VectorTable::put(writer, 4, Value::blob(stored({-1, 0, 0, 0})));
  });
  table.create_index();
  const ReaderLease reader = table.database().reader();
  const auto rows = VectorTable::search(reader.connection(), {1, 0, 0, 0}, 10);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].id, 2);
  EXPECT_EQ(rows[1].id, 4);
  EXPECT_EQ(rows[2].id, 1);
  EXPECT_TRUE(std::isnan(rows[2].distance));
  EXPECT_EQ(rows[3].id, 3);
  EXPECT_EQ(VectorTable::search(reader.connection(), {0, 0, 0, 0}, 10).size(), 4U);
}

TEST(VectorIndex, ANullQueryGivesEveryRowWithoutADistance) {
  VectorTable table;
  table.fill(1, 20);
  table.create_index();
  const ReaderLease reader = table.database().reader();
  Statement statement =
      reader.connection().prepare("SELECT count(*), count(distance) FROM knn(20001, NULL, 40, 5)");
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(statement.column(0).as_integer(), 20);
  EXPECT_EQ(statement.column(1).as_integer(), 0);
}

}  // namespace
}  // namespace dvecdb::server::storage
