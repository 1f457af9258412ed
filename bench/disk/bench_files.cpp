#include "bench/disk/bench_files.h"

#include <cstdint>
#include <fstream>
#include <stdexcept>

namespace dvecdb::bench::disk {

namespace {

struct Head {
  std::uint64_t rows;
  std::uint64_t queries;
  std::uint64_t dims;
};

template <class T>
void write(std::ofstream& out, const T* values, std::size_t count) {
  out.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(count * sizeof(T)));
}

template <class T>
void read(std::ifstream& in, T* values, std::size_t count) {
  in.read(reinterpret_cast<char*>(values), static_cast<std::streamsize>(count * sizeof(T)));
}

void require(bool holds, const std::string& path) {
  if (!holds) throw std::runtime_error("cannot read or write \"" + path + "\"");
}

}  // namespace

void write_set(const Folder& folder, const ann::VectorSet& set) {
  std::ofstream rows(folder.rows(), std::ios::binary);
  write(rows, set.base.values.data(), set.base.values.size());
  require(rows.flush().good(), folder.rows());
  std::ofstream questions(folder.questions(), std::ios::binary);
  const Head head{set.base.rows(), set.queries.rows(), set.base.dims};
  write(questions, &head, 1);
  write(questions, set.queries.values.data(), set.queries.values.size());
  write(questions, set.kth_distances.data(), set.kth_distances.size());
  require(questions.flush().good(), folder.questions());
}

Questions read_questions(const Folder& folder) {
  std::ifstream in(folder.questions(), std::ios::binary);
  Head head{};
  read(in, &head, 1);
  require(in.good(), folder.questions());
  Questions questions{head.rows, ann::Vectors(head.queries, head.dims), {}};
  questions.kth_distances.resize(head.queries);
  read(in, questions.queries.values.data(), questions.queries.values.size());
  read(in, questions.kth_distances.data(), questions.kth_distances.size());
  require(in.good(), folder.questions());
  return questions;
}

}  // namespace dvecdb::bench::disk
