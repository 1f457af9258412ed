// Fills a server with the demo set on the first run and shows one search.
//
//   dvecdb_demo ['host=127.0.0.1 port=5433 user=postgres dbname=postgres']
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "demo/client.h"
#include "demo/demo_set.h"

namespace {

using dvecdb::demo::BinaryWriter;
using dvecdb::demo::Client;
using dvecdb::demo::Image;

constexpr int bar_width = 40;
constexpr int copy_batch = 100;

const std::string example_query =
    "SELECT id, class_name, embedding <-> (SELECT embedding FROM fashion WHERE id = 42) AS "
    "distance\n"
    "FROM fashion ORDER BY distance LIMIT 10";

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void draw_bar(std::size_t done, std::size_t total) {
  if (!isatty(STDOUT_FILENO) && done < total) return;  // a log wants the last state only
  const int filled = static_cast<int>(bar_width * done / total);
  std::printf("\rLoading Fashion-MNIST [%s%s] %zu/%zu", std::string(filled, '#').c_str(),
              std::string(bar_width - filled, ' ').c_str(), done, total);
  std::fflush(stdout);
}

void append_row(BinaryWriter& writer, int id, const Image& image) {
  const std::string_view class_name = dvecdb::demo::class_names[image.label];
  const std::string embedding = dvecdb::demo::vector_bytes(image.pixels);
  writer.int16(4);
  writer.int32(4).int32(id);
  writer.int32(2).int16(image.label);
  writer.int32(static_cast<int>(class_name.size())).raw(class_name);
  writer.int32(static_cast<int>(embedding.size())).raw(embedding);
}

void copy_images(Client& client, const std::vector<Image>& images) {
  constexpr std::string_view signature("PGCOPY\n\377\r\n\0", 11);
  client.begin_copy("COPY fashion (id, label, class_name, embedding) FROM STDIN (FORMAT binary)");
  BinaryWriter writer;
  writer.raw(signature).int32(0).int32(0);
  for (std::size_t i = 0; i < images.size(); ++i) {
    append_row(writer, static_cast<int>(i), images[i]);
    if ((i + 1) % copy_batch != 0) continue;
    client.put_copy(writer.bytes());
    writer.clear();
    draw_bar(i + 1, images.size());
  }
  client.put_copy(writer.int16(-1).bytes());
  client.end_copy();
  std::printf("\n");
}

void load(Client& client) {
  const std::vector<Image> images = dvecdb::demo::read_demo_set();
  client.query("BEGIN");
  client.query(
      "CREATE TABLE fashion (id integer PRIMARY KEY, label smallint NOT NULL, "
      "class_name text NOT NULL, embedding vector(784) NOT NULL)");
  copy_images(client, images);
  std::printf("Building the HNSW index ... ");
  std::fflush(stdout);
  const auto start = std::chrono::steady_clock::now();
  client.query(
      "CREATE INDEX fashion_embedding_idx ON fashion USING hnsw (embedding vector_l2_ops)");
  client.query("COMMIT");
  std::printf("%.1f s\n", seconds_since(start));
}

void show_example(Client& client) {
  client.query(example_query);  // the first one reads the pages
  const auto start = std::chrono::steady_clock::now();
  const auto result = client.query(example_query);
  const double milliseconds = 1000 * seconds_since(start);
  std::printf("\nThe ten images nearest to image 42:\n\n%s;\n\n", example_query.c_str());
  PQprintOpt format{};
  char separator[] = "|";
  format.header = 1;
  format.align = 1;
  format.fieldSep = separator;
  PQprint(stdout, result.get(), &format);
  std::printf("Time: %.2f ms\n", milliseconds);
}

void run(const std::string& conninfo) {
  Client client(conninfo);
  if (client.query("SELECT to_regclass('public.fashion')").text(0, 0).empty()) load(client);
  show_example(client);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : "host=127.0.0.1 port=5433 user=postgres dbname=postgres");
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dvecdb_demo: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
