#include "dvecdb/code_space.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/core/code_cases.h"

namespace dvecdb::core {
namespace {

constexpr Metric kMetrics[] = {Metric::l2_squared, Metric::inner_product, Metric::cosine};

std::vector<std::uint8_t> encoded(const CodeSpace& space, const Row& row) {
  PreparedQuery scratch;
  std::vector<std::uint8_t> code(space.code_bytes());
  space.encode(row.data(), code.data(), scratch);
  return code;
}

float estimate(const CodeSpace& space, const PreparedQuery& query,
               const std::vector<std::uint8_t>& code) {
  const std::uint8_t* pointer = code.data();
  float out;
  space.estimate(query, &pointer, 1, &out);
  return out;
}

/// The root mean square of errors in units of usual_error().
double relative_error(const CodeSpace& space, bool from_code, float spread, std::mt19937& random) {
  RootMeanSquare errors;
  PreparedQuery query;
  for (int i = 0; i < 300; ++i) {
    const Row wanted = random_row(100, random);
    const Row row = near(wanted, spread, random);
    const auto code = encoded(space, row);
    if (from_code) {
      space.prepare_from_code(encoded(space, wanted).data(), query);
    } else {
      space.prepare(wanted.data(), query);
    }
    const double error = static_cast<double>(estimate(space, query, code)) -
                         exact_estimate(space.metric(), wanted, row);
    errors.add(error / space.usual_error(query, code.data()));
  }
  return errors.value();
}

TEST(CodeSpace, UsualErrorIsThatOfEstimates) {
  for (const Metric metric : kMetrics) {
    for (const CodeKind kind : grid_kinds()) {
      for (const float spread : {0.3f, 1.0f, 3.0f}) {
        SCOPED_TRACE("metric " + std::to_string(static_cast<int>(metric)) + ", " +
                     std::to_string(CodeSpace::grid_bits(kind)) + " bits, spread " +
                     std::to_string(spread));
        std::mt19937 random(7);
        const CodeSpace space(kind, metric, 100);
        const double relative = relative_error(space, false, spread, random);
        EXPECT_GT(relative, 0.4);
        EXPECT_LT(relative, 1.4);
      }
    }
  }
}

TEST(CodeSpace, UsualErrorHoldsForAQueryThatIsACode) {
  for (const Metric metric : kMetrics) {
    std::mt19937 random(8);
    const CodeSpace space(CodeKind::int8, metric, 100);
    const double relative = relative_error(space, true, 1.0f, random);
    EXPECT_GT(relative, 0.7);
    EXPECT_LT(relative, 1.4);
  }
}

TEST(CodeSpace, OtherKindsHaveNoUsualError) {
  std::mt19937 random(9);
  const CodeSpace space(CodeKind::half, Metric::l2_squared, 20);
  PreparedQuery query;
  space.prepare(random_row(20, random).data(), query);
  EXPECT_EQ(space.usual_error(query, encoded(space, random_row(20, random)).data()), 0);
}

/// Rotated codes keep distances, about the centroid too.
TEST(CodeSpace, DecodedRotatedVectorsKeepDistances) {
  on_every_isa([](Isa isa) {
    for (const CodeKind kind : {CodeKind::int8, CodeKind::int7, CodeKind::int6}) {
      SCOPED_TRACE(std::string(isa_name(isa)) + ", " + std::to_string(CodeSpace::grid_bits(kind)));
      std::mt19937 random(10);
      CodeSpace space(kind, Metric::l2_squared, 100);
      std::vector<Row> rows = random_rows(20, 100, random);
      for (Row& row : rows) row[0] += 50;
      std::vector<const float*> sample;
      for (const Row& row : rows) sample.push_back(row.data());
      ASSERT_TRUE(space.train(sample));
      ASSERT_EQ(space.rotated_dims(), 128u);
      Row a(128);
      Row b(128);
      space.decode_rotated(encoded(space, rows[0]).data(), a.data());
      for (std::size_t i = 1; i < rows.size(); ++i) {
        space.decode_rotated(encoded(space, rows[i]).data(), b.data());
        const double exact = exact_estimate(Metric::l2_squared, rows[0], rows[i]);
        EXPECT_NEAR(exact_estimate(Metric::l2_squared, a, b), exact, 0.05 * exact);
      }
    }
  });
}

TEST(CodeSpace, DecodedPlainCodesGiveTheEstimates) {
  constexpr Metric kAll[] = {Metric::l2_squared, Metric::inner_product, Metric::cosine, Metric::l1};
  on_every_isa([&](Isa isa) {
    for (const CodeKind kind : {CodeKind::half, CodeKind::single}) {
      for (const Metric metric : kAll) {
        SCOPED_TRACE(std::string(isa_name(isa)) + ", metric " +
                     std::to_string(static_cast<int>(metric)));
        std::mt19937 random(11);
        const CodeSpace space(kind, metric, 45);
        const auto first = encoded(space, random_row(45, random));
        const auto second = encoded(space, random_row(45, random));
        PreparedQuery query;
        space.prepare_from_code(first.data(), query);
        Row a(45);
        Row b(45);
        space.decode(first.data(), a.data());
        space.decode(second.data(), b.data());
        const Metric decoded = metric == Metric::cosine ? Metric::l2_squared : metric;
        const double exact = exact_estimate(decoded, a, b);
        EXPECT_NEAR(static_cast<double>(estimate(space, query, second)), exact,
                    1e-5 * std::fabs(exact) + 1e-5);
      }
    }
  });
}

}  // namespace
}  // namespace dvecdb::core
