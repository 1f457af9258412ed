#include "server/http/health.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <vector>

namespace dvecdb::server::http {
namespace {

HealthInput healthy_input() {
  HealthInput input;
  input.engine.is_ready = true;
  input.engine.collections = 3;
  input.engine.vectors = 1500;
  input.engine.index_memory_bytes = 257425408;  // 245.50 MB
  input.engine.disk_free_bytes = std::int64_t{100} << 30;
  input.memory = {.resident_bytes = 100, .limit_bytes = 1000};
  input.version = "1.2.3";
  input.uptime_seconds = 42;
  input.unix_time = 1730073600;
  return input;
}

TEST(Health, LiveIsExact) {
  EXPECT_EQ(live_response(1730073600).body, R"({"alive":true,"timestamp":1730073600})");
}

TEST(Health, ReadyIsExact) {
  const Response response = ready_response(healthy_input());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(
      response.body,
      R"({"ready":true,"timestamp":1730073600,"checks":[{"name":"vectorstore","status":"healthy"},)"
      R"({"name":"database","status":"healthy"},{"name":"memory","status":"healthy"},)"
      R"({"name":"disk","status":"healthy"},{"name":"write","status":"healthy"},)"
      R"({"name":"index","status":"healthy"}]})");
}

TEST(Health, NotReadySaysWhy) {
  HealthInput input = healthy_input();
  input.engine.is_ready = false;
  input.engine.not_ready_reason = "replaying vector indexes";
  const Response response = ready_response(input);
  EXPECT_EQ(response.status, 503);
  const auto body = boost::json::parse(response.body).as_object();
  EXPECT_FALSE(body.at("ready").as_bool());
  EXPECT_EQ(body.at("reason").as_string(), "replaying vector indexes");
}

TEST(Health, CheckTellsComponents) {
  const auto body = boost::json::parse(check_response(healthy_input()).body).as_object();
  EXPECT_EQ(body.at("status").as_string(), "healthy");
  EXPECT_EQ(body.at("components").at(1).at("message").as_string(),
            "1500 vectors across 3 collections, 245.50 MB memory");
}

TEST(Health, MemoryAndDiskDegrade) {
  HealthInput input = healthy_input();
  input.memory.resident_bytes = 900;
  EXPECT_EQ(check_response(input).status, 200);
  EXPECT_EQ(boost::json::parse(check_response(input).body).at("status").as_string(), "degraded");
  input.memory.resident_bytes = 990;
  EXPECT_EQ(check_response(input).status, 503);
  input.memory.resident_bytes = 100;
  input.engine.disk_free_bytes = 1000;
  EXPECT_EQ(check_response(input).status, 503);
  EXPECT_EQ(ready_response(input).status, 503);
}

std::string status_of(const HealthInput& input, std::string_view component) {
  const auto body = boost::json::parse(check_response(input).body);
  for (const auto& entry : body.at("components").as_array()) {
    if (entry.at("name").as_string() == component) {
      return std::string(entry.at("status").as_string());
    }
  }
  return "(none)";
}

TEST(Health, ADiskThatTakesNothingShows) {
  HealthInput input = healthy_input();
  EXPECT_EQ(status_of(input, "write"), "healthy");
  input.write.is_known = true;
  input.write.took = std::chrono::milliseconds(1500);
  EXPECT_EQ(status_of(input, "write"), "degraded");
  input.write.took = std::chrono::milliseconds(5);
  input.write.is_busy = true;
  EXPECT_EQ(status_of(input, "write"), "degraded");
  EXPECT_EQ(ready_response(input).status, 200);
  input.write.is_busy = false;
  input.write.error = "could not write: disk I/O error";
  EXPECT_EQ(status_of(input, "write"), "unhealthy");
  input.write.error.clear();
  input.write.under_way = std::chrono::seconds(11);
  EXPECT_EQ(status_of(input, "write"), "unhealthy");
  input.write.under_way = std::chrono::milliseconds(0);
  input.engine.commit_milliseconds = 11000;
  EXPECT_EQ(status_of(input, "write"), "unhealthy");
  const auto body = boost::json::parse(ready_response(input).body);
  EXPECT_EQ(body.at("reason").as_string(),
            "write: a commit has been waiting for the disk for 11000 ms");
}

// Searches are slower, and right.
TEST(Health, AnIndexThatIsBehindDegrades) {
  HealthInput input = healthy_input();
  input.engine.delta_rows = 99999;
  EXPECT_EQ(status_of(input, "index"), "healthy");
  input.engine.delta_rows = 100000;
  EXPECT_EQ(status_of(input, "index"), "degraded");
  EXPECT_EQ(check_response(input).status, 200);
  input.engine.delta_rows = 0;
  input.engine.indexes_building = 1;
  EXPECT_EQ(status_of(input, "index"), "degraded");
}

TEST(Health, MeasuresThisProcess) {
  const std::vector<char> held(8 << 20, 'x');
  const MemoryUse use = measure_memory(0);
  EXPECT_GT(use.resident_bytes, static_cast<std::int64_t>(held.size()));
  EXPECT_GT(use.limit_bytes, use.resident_bytes);
  EXPECT_EQ(measure_memory(4 << 20).limit_bytes, 4 << 20);
}

// Each reader maps the row file: its pages would count again and again.
TEST(Health, LeavesMappedFilesOutOfMemory) {
  constexpr std::size_t size = 64 << 20;
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(ftruncate(fileno(file), size), 0);
  const std::int64_t before = measure_memory(0).resident_bytes;
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, fileno(file), 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const auto* bytes = static_cast<const volatile char*>(mapped);
  for (std::size_t i = 0; i < size; i += 4096) EXPECT_EQ(bytes[i], 0);
  EXPECT_LT(measure_memory(0).resident_bytes - before, static_cast<std::int64_t>(size / 4));
  munmap(mapped, size);
  std::fclose(file);
}

}  // namespace
}  // namespace dvecdb::server::http
