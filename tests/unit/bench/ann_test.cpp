// The benchmark of indexes: its arithmetic, its readers, and a run from end to end on a tiny set.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench/ann/curve.h"
#include "bench/ann/folder_set.h"
#include "bench/ann/generated_set.h"
#include "bench/ann/ground_truth.h"
#include "bench/ann/options.h"
#include "bench/ann/targets.h"

namespace dvecdb::bench::ann {
namespace {

namespace fs = std::filesystem;

/// A folder that is removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "ann-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = name;
  }
  ~ScratchFolder() { fs::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

template <class T>
void write_values(const fs::path& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(T)));
}

Point point_of(std::size_t ef, double recall, double one, double all) {
  Point point;
  point.ef = ef;
  point.recall = recall;
  point.one = {one, one};
  point.all = {all, all};
  point.scaling = {all / one, all / one};
  return point;
}

LibraryResult library_of(const std::string& name, std::vector<Point> points) {
  LibraryResult library;
  library.name = name;
  library.points = std::move(points);
  return library;
}

TEST(AnnCurve, FrontierLeavesOutWhatIsBeaten) {
  const LibraryResult library =
      library_of("a", {point_of(10, 0.90, 100, 0), point_of(20, 0.95, 50, 0),
                       point_of(30, 0.94, 40, 0), point_of(40, 0.99, 10, 0)});
  const auto points = frontier(library, Threads::one, ClockKind::cpu);
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].recall, 0.90);
  EXPECT_EQ(points[1].recall, 0.95);
  EXPECT_EQ(points[2].recall, 0.99);
  EXPECT_TRUE(frontier(library, Threads::all, ClockKind::cpu).empty());
}

TEST(AnnCurve, RateBetweenPointsIsGeometric) {
  const std::vector<CurvePoint> points = {{0.90, 100}, {0.95, 50}, {0.99, 2}};
  EXPECT_NEAR(*rate_at(points, 0.97), 10, 1e-9);
  EXPECT_NEAR(*rate_at(points, 0.95), 50, 1e-9);
  EXPECT_EQ(*rate_at(points, 0.5), 100) << "below the lowest, the lowest counts";
  EXPECT_FALSE(rate_at(points, 0.995).has_value());
  EXPECT_FALSE(rate_at({}, 0.5).has_value());
}

TEST(AnnTargets, LinesSayWhoIsAheadAndByHowMuch) {
  SetResult set;
  set.name = "s";
  set.threads = 4;
  set.libraries = {
      library_of("ours", {point_of(20, 0.96, 400, 1580), point_of(40, 0.992, 200, 790)}),
      library_of("hnswlib", {point_of(20, 0.96, 100, 400), point_of(40, 0.992, 50, 200)}),
      library_of("faiss-sq8", {point_of(20, 0.96, 210, 800)})};
  set.libraries[0].build.wall = 3;
  set.libraries[0].build_one.wall = 12;
  set.libraries[1].build.wall = 6;
  set.libraries[0].build.cpu = 12;
  set.libraries[1].build.cpu = 20;
  const std::vector<std::string> lines = target_lines(set, ClockKind::cpu);
  const std::vector<std::string> expected = {
      "TARGET s/1-thread-recall-0.95-hnswlib: ours 400/s, peer hnswlib 100/s, ratio 4.00, goal 3, "
      "met",
      "TARGET s/1-thread-recall-0.95-faiss: ours 400/s, peer faiss-sq8 210/s, ratio 1.90, goal 2, "
      "short",
      "TARGET s/1-thread-recall-0.999-hnswlib: ours not reached, peer hnswlib not reached, ratio "
      "-, goal 5, short",
      "TARGET s/search-scaling-4-threads: ours 3.95, peer ours-1-thread 1, ratio 3.95, goal 3.90, "
      "met",
      "TARGET s/build-scaling-4-threads: ours 3.00 s, peer ours-1-thread 12.00 s, ratio 4.00, goal "
      "3.50, met",
      "TARGET s/build-time: ours 3.00 s (recall 0.9760 at equal ef), peer hnswlib 6.00 s (recall "
      "0.9760), ratio 0.50 (of processor time 0.60), goal 0.4 or less, short",
  };
  for (const std::string& line : expected) {
    EXPECT_TRUE(std::find(lines.begin(), lines.end(), line) != lines.end()) << line;
  }
  const auto reached = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("TARGET s/1-thread-recall-0.99-faiss");
  });
  ASSERT_TRUE(reached != lines.end());
  EXPECT_TRUE(reached->ends_with("peer faiss-sq8 not reached, ratio -, goal 2, met")) << *reached;
}

TEST(AnnTruth, RecallCountsTiesOnceEach) {
  VectorSet set;
  set.base = Vectors(20, 1);
  for (std::size_t i = 0; i < 20; ++i) set.base.row(i)[0] = static_cast<float>(i / 2);
  set.queries = Vectors(1, 1);  // at 0: the tenth nearest is at 4, as is one other
  find_truth(set, 1, "");
  EXPECT_DOUBLE_EQ(set.kth_distances[0], 4);
  EXPECT_DOUBLE_EQ(recall_of(set, 0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), 1);
  EXPECT_DOUBLE_EQ(recall_of(set, 0, {0, 0, 0, 0, 9, 10, 99}), 0.2);
  EXPECT_DOUBLE_EQ(recall_of(set, 0, {}), 0);
}

TEST(AnnTruth, IsKeptInTheCacheForTheSameVectorsOnly) {
  const ScratchFolder folder;
  VectorSet set = make_mixture("mixture-100-8", {100, 8}, 5, 2);
  find_truth(set, 2, folder.path().string());
  VectorSet again = set;
  again.kth_distances.clear();
  find_truth(again, 1, folder.path().string());
  EXPECT_EQ(set.kth_distances, again.kth_distances);
  again.base.values[0] += 1;
  find_truth(again, 1, folder.path().string());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2);
}

TEST(AnnMixture, IsTheSameForAnyThreadsAndGrowsAtItsEnd) {
  const VectorSet small = make_mixture("a", {50, 24}, 3, 1);
  const VectorSet large = make_mixture("b", {80, 24}, 3, 3);
  EXPECT_TRUE(
      std::equal(small.base.values.begin(), small.base.values.end(), large.base.values.begin()));
  EXPECT_EQ(small.queries.values, large.queries.values);
  EXPECT_NE(small.base.row(0)[0], small.queries.row(0)[0]);
}

TEST(AnnMixture, NamesSaySizes) {
  EXPECT_EQ(mixture_shape("mixture-200k-768")->rows, 200000U);
  EXPECT_EQ(mixture_shape("mixture-1m-128")->rows, 1000000U);
  EXPECT_EQ(mixture_shape("mixture-1m-128")->dims, 128U);
  EXPECT_FALSE(mixture_shape("text-384").has_value());
  EXPECT_THROW(mixture_shape("mixture-9-8"), std::invalid_argument);
  EXPECT_THROW(mixture_shape("mixture-100-16001"), std::invalid_argument);
  EXPECT_THROW(mixture_shape("mixture-x-8"), std::invalid_argument);
}

class AnnFolder : public testing::Test {
 protected:
  AnnFolder() : set_(folder_.path() / "points-2") {
    fs::create_directory(set_);
    std::vector<std::uint8_t> base;
    for (std::uint8_t i = 0; i < 24; ++i) base.push_back(i);
    write_values(set_ / "base.u8", base);
    write_values<float>(set_ / "query.f32", {0, 1, 4, 5});
  }

  std::string error() const {
    try {
      read_folder_set(set_.string());
      return "none";
    } catch (const std::runtime_error& failure) {
      return failure.what();
    }
  }

  ScratchFolder folder_;
  fs::path set_;
};

TEST_F(AnnFolder, IsReadWithItsTruth) {
  std::vector<std::int32_t> truth;
  for (int q = 0; q < 2; ++q) {
    for (std::int32_t i = 0; i < 11; ++i) truth.push_back(i);
  }
  write_values(set_ / "gt.i32", truth);
  EXPECT_EQ(folder_sets(folder_.path().string()), std::vector<std::string>{"points-2"});
  const FolderSet read = read_folder_set(set_.string());
  EXPECT_EQ(read.set.base.rows(), 12U);
  EXPECT_EQ(read.set.base.row(3)[1], 7.0F);
  EXPECT_EQ(read.set.queries.rows(), 2U);
  EXPECT_EQ(read.set.metric, Metric::l2);
  EXPECT_EQ(read.truth, truth);
}

TEST_F(AnnFolder, OfUnitVectorsOrByItsWordIsCosine) {
  std::ofstream(set_ / "metric") << "cosine\n";
  EXPECT_EQ(read_folder_set(set_.string()).set.metric, Metric::cosine);
  fs::remove(set_ / "metric");
  fs::remove(set_ / "base.u8");
  std::vector<float> base;
  for (int i = 0; i < 12; ++i) base.insert(base.end(), {0.6F, 0.8F});
  write_values(set_ / "base.f32", base);
  EXPECT_EQ(read_folder_set(set_.string()).set.metric, Metric::cosine);
}

TEST_F(AnnFolder, ThatIsDamagedIsRefusedByName) {
  std::ofstream(set_ / "metric") << "hamming";
  EXPECT_TRUE(error().find("\"hamming\"") != std::string::npos) << error();
  fs::remove(set_ / "metric");
  write_values<std::int32_t>(set_ / "gt.i32", std::vector<std::int32_t>(20, 12));
  EXPECT_TRUE(error().find("gt.i32") != std::string::npos) << error();
  fs::remove(set_ / "gt.i32");
  write_values<float>(set_ / "query.f32", {0, 1, 4});
  EXPECT_TRUE(error().find("query") != std::string::npos) << error();
  EXPECT_THROW(read_folder_set(folder_.path().string()), std::runtime_error);
}

TEST(AnnOptions, NameWhatIsWrong) {
  EXPECT_THROW(parse_options({"--speed", "1"}), std::invalid_argument);
  EXPECT_THROW(parse_options({"--ef"}), std::invalid_argument);
  EXPECT_THROW(parse_options({"--ef", "10,x"}), std::invalid_argument);
  EXPECT_THROW(parse_options({"--threads", "0"}), std::invalid_argument);
  EXPECT_THROW(parse_options({"--threads", "100000"}), std::invalid_argument);
  EXPECT_THROW(parse_options({"--libraries", "nobody"}), std::invalid_argument);
  EXPECT_THROW(make_library("ours:code=none"), std::invalid_argument);
  EXPECT_THROW(make_library("ours:speed=9"), std::invalid_argument);
  EXPECT_THROW(make_library("ours:m"), std::invalid_argument);
  const Options options =
      parse_options({"--libraries", "ours", "--ours", "code=int8+m=24", "--ef", "40,20,40"});
  EXPECT_EQ(options.protocol.libraries, (std::vector<std::string>{"ours", "ours:code=int8+m=24"}));
  EXPECT_EQ(options.protocol.efs, (std::vector<std::size_t>{20, 40}));
  EXPECT_EQ(parse_options({"--repetitions", "2", "--full"}).protocol.repetitions, 2);
  EXPECT_GT(parse_options({"--full"}).protocol.repetitions, 2);
}

TEST(AnnRun, WritesCurvesPlotsAndTargets) {
  const ScratchFolder folder;
  const std::string out = (folder.path() / "out").string();
  Options options = parse_options({"--set", "mixture-1000-16", "--threads", "2", "--repetitions",
                                   "1", "--seconds", "0.01", "--queries", "100", "--out", out,
                                   "--ours", "code=int8", "--one-thread-build"});
  std::ostringstream print;
  run_benchmark(options, print);

  const std::string csv = read_text(fs::path(out) / "results.csv");
  EXPECT_TRUE(csv.starts_with("set,metric,rows,dims,")) << csv;
  std::istringstream lines(csv);
  std::string line;
  double best = 0;
  while (std::getline(lines, line)) {
    if (!line.starts_with("mixture-1000-16,L2,1000,16,100,2,ours,")) continue;
    const std::string rest =
        line.substr(std::string("mixture-1000-16,L2,1000,16,100,2,ours,").size());
    best = std::max(best, std::stod(rest.substr(rest.find(',') + 1)));
  }
  EXPECT_GE(best, 0.99) << csv;
  EXPECT_TRUE(csv.find(",ours:code=int8,") != std::string::npos) << csv;

  const std::string svg = read_text(fs::path(out) / "mixture-1000-16.svg");
  EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
  EXPECT_TRUE(svg.find("<circle") != std::string::npos);
  EXPECT_TRUE(svg.find("nan") == std::string::npos && svg.find("inf") == std::string::npos);

  const std::string printed = print.str();
  EXPECT_TRUE(printed.find("TARGET mixture-1000-16/search-scaling-2-threads: ours ") !=
              std::string::npos)
      << printed;
  EXPECT_TRUE(printed.find("TARGET mixture-1000-16/build-scaling-2-threads: ours ") !=
              std::string::npos);
  EXPECT_TRUE(read_text(fs::path(out) / "summary.md").find("TARGET ") != std::string::npos);
  EXPECT_FALSE(fs::exists(fs::path(out) / "saved.index"));
}

}  // namespace
}  // namespace dvecdb::bench::ann
