#include "server/http/metric_families.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace dvecdb::server::http {

namespace {

using Families = std::vector<prometheus::MetricFamily>;
using Labels = std::vector<prometheus::ClientMetric::Label>;
using prometheus::MetricType;

class Builder {
 public:
  // What follows are its values.
  void family(const char* name, const char* help, MetricType type = MetricType::Gauge) {
    families_.push_back({name, help, type, {}});
  }
  void value(double number, Labels labels = {}) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    if (families_.back().type == MetricType::Counter) {
      metric.counter.value = number;
    } else {
      metric.gauge.value = number;
    }
    families_.back().metric.push_back(std::move(metric));
  }
  template <typename Number>
  void gauge(const char* name, const char* help, Number number) {
    family(name, help);
    value(static_cast<double>(number));
  }
  void histogram(const char* name, const char* help,
                 const storage::DurationCounter::Counts& counts) {
    family(name, help, MetricType::Histogram);
    prometheus::ClientMetric metric;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < counts.buckets.size(); ++i) {
      cumulative += counts.buckets[i];
      const double bound = i < storage::DurationCounter::bounds.size()
                               ? storage::DurationCounter::bounds[i]
                               : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({cumulative, bound});
    }
    metric.histogram.sample_count = cumulative;
    metric.histogram.sample_sum = counts.seconds;
    families_.back().metric.push_back(std::move(metric));
  }
  Families take() {
    std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
    return std::move(families_);
  }

 private:
  Families families_;
};

// A value that each index has, or not: less than 0 is none.
struct IndexMetric {
  const char* name;
  const char* help;
  double (*value)(const exec::IndexFacts& index);
};

constexpr double none = -1;

const IndexMetric index_metrics[] = {
    {"dvecdb_index_vectors", "Vectors in the index",
     [](const exec::IndexFacts& index) { return static_cast<double>(index.vectors); }},
    {"dvecdb_index_memory_bytes", "Memory that the index takes",
     [](const exec::IndexFacts& index) { return static_cast<double>(index.memory_bytes); }},
    {"dvecdb_index_disk_bytes", "Size of the index's file",
     [](const exec::IndexFacts& index) { return static_cast<double>(index.disk_bytes); }},
    {"dvecdb_index_delta_rows", "Rows that are not in the graph yet and are searched by a scan",
     [](const exec::IndexFacts& index) { return static_cast<double>(index.delta_rows); }},
    {"dvecdb_index_deleted_ratio", "Share of the graph's nodes that hold old versions of rows",
     [](const exec::IndexFacts& index) { return index.deleted_ratio; }},
    {"dvecdb_index_recall_ratio",
     "Estimated recall of 10 answers with the default hnsw.ef_search, once it was measured",
     [](const exec::IndexFacts& index) { return index.recall > 0 ? index.recall : none; }},
    {"dvecdb_index_build_duration_seconds", "Time of the index's last build since the start",
     [](const exec::IndexFacts& index) {
       return index.build_seconds > 0 ? index.build_seconds : none;
     }},
    {"dvecdb_index_build_progress_ratio", "Share of the rows that a running build has read",
     [](const exec::IndexFacts& index) { return index.build_share; }},
};

using TableName = std::pair<std::string, std::string>;

// Those with the most rows; the others have no labels.
std::set<TableName> labeled_tables(const exec::EngineFacts& engine, std::size_t limit) {
  std::vector<const exec::TableFacts*> tables;
  for (const exec::TableFacts& table : engine.tables) tables.push_back(&table);
  std::sort(tables.begin(), tables.end(), [](const auto* a, const auto* b) {
    return std::tuple(-a->rows, a->database, a->table) <
           std::tuple(-b->rows, b->database, b->table);
  });
  tables.resize(std::min(tables.size(), limit));
  std::set<TableName> labeled;
  for (const auto* table : tables) labeled.emplace(table->database, table->table);
  return labeled;
}

void add_tables(Builder& builder, const MetricsInput& input) {
  const std::set<TableName> labeled = labeled_tables(input.engine, input.max_tables);
  builder.family("dvecdb_table_rows",
                 "Rows with a vector in the table's vector index; without one, as ANALYZE found");
  for (const exec::TableFacts& table : input.engine.tables) {
    if (!labeled.contains({table.database, table.table})) continue;
    builder.value(table.rows, {{"database", table.database}, {"table", table.table}});
  }
  for (const IndexMetric& metric : index_metrics) {
    builder.family(metric.name, metric.help);
    for (const exec::IndexFacts& index : input.engine.indexes) {
      const double value = metric.value(index);
      if (value < 0 || !labeled.contains({index.database, index.table})) continue;
      builder.value(value,
                    {{"database", index.database}, {"table", index.table}, {"index", index.index}});
    }
  }
  builder.gauge("dvecdb_tables_unlabeled", "Tables beyond metric_tables, which have no series",
                input.engine.tables.size() - labeled.size());
}

void add_engine(Builder& builder, const MetricsInput& input) {
  builder.histogram("dvecdb_commit_duration_seconds",
                    "Time of commits to the row store, of a group of statements each",
                    input.engine.commits);
  builder.histogram("dvecdb_fsync_duration_seconds", "Time of syncs of the row store's files",
                    input.engine.syncs);
  builder.family("dvecdb_cache_hits_total", "What was found in a cache", MetricType::Counter);
  for (const exec::CacheFacts& cache : input.engine.caches) {
    builder.value(static_cast<double>(cache.hits), {{"cache", cache.name}});
  }
  builder.family("dvecdb_cache_misses_total", "What was not found in a cache", MetricType::Counter);
  for (const exec::CacheFacts& cache : input.engine.caches) {
    builder.value(static_cast<double>(cache.misses), {{"cache", cache.name}});
  }
  builder.gauge("dvecdb_wal_bytes", "Write-ahead logs of all databases", input.engine.log_bytes);
}

void add_connections(Builder& builder, const MetricsInput& input) {
  const std::pair<const char*, const ConnectionFacts&> protocols[] = {{"postgres", input.postgres},
                                                                      {"http", input.http}};
  builder.family("dvecdb_connections", "Open connections");
  for (const auto& [name, facts] : protocols) {
    builder.value(static_cast<double>(facts.open), {{"protocol", name}});
  }
  builder.family("dvecdb_connections_total", "Connections since the start", MetricType::Counter);
  for (const auto& [name, facts] : protocols) {
    builder.value(static_cast<double>(facts.total), {{"protocol", name}});
  }
  builder.gauge("dvecdb_connections_max", "Sessions that are allowed at once (max_connections)",
                input.max_connections);
}

void add_health(Builder& builder, const HealthInput& health) {
  builder.gauge("dvecdb_ready", "1 when /ready answers 200", is_ready(health) ? 1 : 0);
  builder.gauge("dvecdb_uptime_seconds", "Seconds since the start", health.uptime_seconds);
  builder.gauge("dvecdb_disk_bytes", "Row files and logs of all databases",
                health.engine.disk_bytes);
  builder.gauge("dvecdb_disk_free_bytes", "Free bytes on the data disk",
                health.engine.disk_free_bytes);
  builder.gauge("dvecdb_last_backup_timestamp_seconds",
                "When the last backup was made, in seconds since 1970; 0: never",
                health.engine.last_backup_time);
  builder.gauge("dvecdb_memory_limit_bytes", "Memory limit that health judges by",
                health.memory.limit_bytes);
}

void add_process(Builder& builder, const ProcessUse& process) {
  builder.family("process_cpu_seconds_total", "User and system time of the process",
                 MetricType::Counter);
  builder.value(process.cpu_seconds);
  builder.gauge("process_resident_memory_bytes", "Resident memory, mapped files included",
                process.resident_bytes);
  builder.gauge("process_virtual_memory_bytes", "Virtual memory", process.virtual_bytes);
  builder.gauge("process_open_fds", "Open files", process.open_files);
  builder.gauge("process_max_fds", "Limit of open files", process.max_files);
  builder.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970",
                process.start_time);
}

}  // namespace

Families metric_families(const MetricsInput& input) {
  Builder builder;
  builder.family("dvecdb_build_info", "1, with the version as a label");
  builder.value(1, {{"version", input.health.version}});
  add_health(builder, input.health);
  add_connections(builder, input);
  add_engine(builder, input);
  add_tables(builder, input);
  add_process(builder, input.process);
  return builder.take();
}

}  // namespace dvecdb::server::http
