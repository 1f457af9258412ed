// A thin C++ face of libpq: connections and results that clean up after themselves, errors as
// exceptions, binary forms of what the demo and the benchmarks send. One thread a connection.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::demo {

// Big-endian fields, as the binary forms have them.
class BinaryWriter {
 public:
  BinaryWriter& int16(std::int16_t value) { return number(static_cast<std::uint16_t>(value)); }
  BinaryWriter& int32(std::int32_t value) { return number(static_cast<std::uint32_t>(value)); }
  BinaryWriter& float32(float value);
  BinaryWriter& raw(std::string_view bytes);
  const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  template <typename Unsigned>
  BinaryWriter& number(Unsigned value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(value >> shift));
    }
    return *this;
  }
  std::string bytes_;
};

// The binary form of a `vector`.
std::string vector_bytes(std::span<const float> elements);

class Result {
 public:
  explicit Result(PGresult* result) : result_(result, PQclear) {}
  int rows() const { return PQntuples(result_.get()); }
  int columns() const { return PQnfields(result_.get()); }
  std::string text(int row, int column) const;
  PGresult* get() const { return result_.get(); }

 private:
  std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

class Client {
 public:
  // libpq's connection string. Throws std::runtime_error with libpq's message.
  explicit Client(const std::string& conninfo);

  Result query(const std::string& sql);
  void prepare(const std::string& name, const std::string& sql);
  // Binary parameters, text results.
  Result run(const std::string& name, std::span<const std::string> parameters);

  void begin_copy(const std::string& sql);
  void put_copy(std::string_view bytes);
  void end_copy();

 private:
  Result check(PGresult* result, ExecStatusType wanted);
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

}  // namespace dvecdb::demo
