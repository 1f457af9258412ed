#include "demo/client.h"

#include <bit>
#include <stdexcept>

namespace dvecdb::demo {

BinaryWriter& BinaryWriter::float32(float value) {
  return number(std::bit_cast<std::uint32_t>(value));
}

BinaryWriter& BinaryWriter::raw(std::string_view bytes) {
  bytes_.append(bytes);
  return *this;
}

std::string vector_bytes(std::span<const float> elements) {
  BinaryWriter writer;
  writer.int16(static_cast<std::int16_t>(elements.size())).int16(0);
  for (const float element : elements) writer.float32(element);
  return writer.bytes();
}

std::string Result::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

Client::Client(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str()), PQfinish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
}

Result Client::check(PGresult* result, ExecStatusType wanted) {
  Result checked(result);
  const ExecStatusType status = PQresultStatus(result);
  const bool is_fine =
      status == wanted || (wanted == PGRES_TUPLES_OK && status == PGRES_COMMAND_OK);
  if (!is_fine) throw std::runtime_error(PQerrorMessage(connection_.get()));
  return checked;
}

Result Client::query(const std::string& sql) {
  return check(PQexec(connection_.get(), sql.c_str()), PGRES_TUPLES_OK);
}

void Client::prepare(const std::string& name, const std::string& sql) {
  check(PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr), PGRES_COMMAND_OK);
}

Result Client::run(const std::string& name, std::span<const std::string> parameters) {
  std::vector<const char*> values;
  std::vector<int> lengths;
  const std::vector<int> formats(parameters.size(), 1);
  for (const std::string& parameter : parameters) {
    values.push_back(parameter.data());
    lengths.push_back(static_cast<int>(parameter.size()));
  }
  return check(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(parameters.size()),
                              values.data(), lengths.data(), formats.data(), 0),
               PGRES_TUPLES_OK);
}

void Client::begin_copy(const std::string& sql) {
  check(PQexec(connection_.get(), sql.c_str()), PGRES_COPY_IN);
}

void Client::put_copy(std::string_view bytes) {
  if (PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
}

void Client::end_copy() {
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
  check(PQgetResult(connection_.get()), PGRES_COMMAND_OK);
  while (PGresult* rest = PQgetResult(connection_.get())) Result discard(rest);
}

}  // namespace dvecdb::demo
