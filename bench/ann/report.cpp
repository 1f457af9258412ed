#include "bench/ann/report.h"

#include "bench/ann/curve.h"
#include "bench/ann/text.h"
#include "bench/load/machine.h"

namespace dvecdb::bench::ann {

namespace {

constexpr double recalls[] = {0.95, 0.98, 0.99, 0.995, 0.999};

std::string megabytes(std::size_t bytes) {
  return bytes == 0 ? "-" : text("%.1f", static_cast<double>(bytes) / 1e6);
}

double bytes_a_vector(std::size_t bytes, const SetResult& set) {
  return static_cast<double>(bytes) / static_cast<double>(set.rows);
}

std::string rates_row(const SetResult& set, const LibraryResult& library, Threads threads,
                      ClockKind clock) {
  const std::vector<CurvePoint> points = frontier(library, threads, clock);
  if (points.empty()) return "";
  std::string row =
      text("| %s | %d |", library.name.c_str(), threads == Threads::one ? 1 : set.threads);
  for (const double recall : recalls) {
    const auto rate = rate_at(points, recall);
    row += rate ? text(" %.0f |", *rate) : " - |";
  }
  return row + "\n";
}

std::string rates_table(const SetResult& set, ClockKind clock) {
  std::string table = "| queries/s at recall@10 | threads |";
  std::string rule = "|---|---:|";
  for (const double recall : recalls) {
    table += text(" %g |", recall);
    rule += "---:|";
  }
  table += "\n" + rule + "\n";
  for (const Threads threads : {Threads::one, Threads::all}) {
    for (const LibraryResult& library : set.libraries) {
      table += rates_row(set, library, threads, clock);
    }
  }
  return table;
}

std::string builds_table(const SetResult& set) {
  std::string table =
      "| index | build s | processor s | build s, 1 thread | memory MB | bytes/vector | resident "
      "MB "
      "| file MB |\n|---|---:|---:|---:|---:|---:|---:|---:|\n";
  for (const LibraryResult& library : set.libraries) {
    table +=
        text("| %s | %.2f | %.2f | %s | %s | %.0f | %s | %s |\n", library.name.c_str(),
             library.build.wall, library.build.cpu,
             library.build_one.wall > 0 ? text("%.2f", library.build_one.wall).c_str() : "-",
             megabytes(library.memory_bytes).c_str(), bytes_a_vector(library.memory_bytes, set),
             megabytes(library.resident_bytes).c_str(), megabytes(library.file_bytes).c_str());
  }
  return table;
}

}  // namespace

std::string csv_head() {
  return "set,metric,rows,dims,queries,threads,library,ef,recall,qps1,qps1_wall,"
         "qps_all,qps_all_wall,scaling,p50_us,p99_us,waits_per_1000,build_seconds,build_cpu,build_"
         "1_thread_seconds,memory_bytes,"
         "resident_bytes,file_bytes\n";
}

std::string csv_lines(const SetResult& set, ClockKind clock) {
  std::string lines;
  for (const LibraryResult& library : set.libraries) {
    for (const Point& point : library.points) {
      lines += text("%s,%s,%zu,%zu,%zu,%d,", set.name.c_str(), metric_name(set.metric), set.rows,
                    set.dims, set.queries, set.threads);
      lines +=
          text("%s,%zu,%.5f,%.1f,%.1f,%.1f,%.1f,%.3f,%.2f,%.2f,%.2f,", library.name.c_str(),
               point.ef, point.recall, point.one.cpu, point.one.wall, point.all.cpu, point.all.wall,
               value(point.scaling, clock), point.p50_us, point.p99_us, point.waits);
      lines += text("%.3f,%.3f,%.3f,%zu,%zu,%zu\n", library.build.wall, library.build.cpu,
                    library.build_one.wall, library.memory_bytes, library.resident_bytes,
                    library.file_bytes);
    }
  }
  return lines;
}

std::string point_table(const SetResult& set, ClockKind clock) {
  std::string table = text("\n%s: %zu x %zu, %s, %zu queries, %d threads\n", set.name.c_str(),
                           set.rows, set.dims, metric_name(set.metric), set.queries, set.threads);
  table += text("%-22s %6s %8s %9s %9s %9s %6s %8s %8s %6s\n", "library", "ef", "recall", "qps1",
                "qps_all", "all_wall", "scale", "p50_us", "p99_us", "waits");
  for (const LibraryResult& library : set.libraries) {
    for (const Point& point : library.points) {
      if (!point.is_timed) continue;
      table += text("%-22s %6zu %8.4f %9.0f %9.0f %9.0f %6.2f %8.1f %8.1f %6.1f\n",
                    library.name.c_str(), point.ef, point.recall, value(point.one, clock),
                    value(point.all, clock), point.all.wall, value(point.scaling, clock),
                    point.p50_us, point.p99_us, point.waits);
    }
    table += text("%-22s build %.2f s (%.2f s of processor time), %.0f bytes/vector\n",
                  library.name.c_str(), library.build.wall, library.build.cpu,
                  bytes_a_vector(library.memory_bytes, set));
  }
  return table;
}

std::string summary(const SetResult& set, ClockKind clock) {
  return text("## %s\n\n%zu x %zu, %s, %zu queries.\n\n", set.name.c_str(), set.rows, set.dims,
              metric_name(set.metric), set.queries) +
         rates_table(set, clock) + "\n" + builds_table(set) +
         text("\n![recall and queries a second](%s.svg)\n\n", set.name.c_str());
}

std::string machine_line() {
  return describe_machine();
}

}  // namespace dvecdb::bench::ann
