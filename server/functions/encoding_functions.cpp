#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "server/functions/base64.h"
#include "server/functions/like.h"
#include "server/functions/text_tables.h"
#include "server/types/bytea_text.h"
#include "server/types/error.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

std::string_view str(const Value& value) {
  return value.as_bytes();
}

std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  int done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                        &length, algorithm, nullptr);
  if (done != 1) throw SqlError(sqlstate::internal_error, "could not compute the hash");
  out.resize(length);
  return out;
}

// digest() and hmac() of pgcrypto take the algorithm by its name.
const EVP_MD* named_algorithm(std::string_view name) {
  const EVP_MD* found = EVP_get_digestbyname(std::string(name).c_str());
  if (found == nullptr) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("Cannot use \"{}\": No such hash algorithm", name));
  }
  return found;
}

Value named_digest(const FunctionContext&, std::span<const Value> args) {
  return Value::blob(digest(named_algorithm(str(args[1])), str(args[0])));
}

Value named_hmac(const FunctionContext&, std::span<const Value> args) {
  const std::string_view data = str(args[0]);
  const std::string_view key = str(args[1]);
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  if (HMAC(named_algorithm(str(args[2])), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(data.data()), data.size(),
           reinterpret_cast<unsigned char*>(out.data()), &length) == nullptr) {
    throw SqlError(sqlstate::internal_error, "could not compute the hash");
  }
  out.resize(length);
  return Value::blob(std::move(out));
}

Value random_bytes(const FunctionContext&, std::span<const Value> args) {
  constexpr std::int64_t most = 1024;
  const std::int64_t count = args[0].as_integer();
  if (count < 1 || count > most) {
    throw SqlError(sqlstate::invalid_parameter_value, "Length not in range");
  }
  std::string out(static_cast<std::size_t>(count), '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    throw SqlError(sqlstate::internal_error, "could not generate random values");
  }
  return Value::blob(std::move(out));
}

Value md5(const FunctionContext&, std::span<const Value> args) {
  std::string out;
  types::append_hex(digest(EVP_md5(), str(args[0])), out);
  return own_text(std::move(out));
}

template <const EVP_MD* (*algorithm)()>
Value sha(const FunctionContext&, std::span<const Value> args) {
  return Value::blob(digest(algorithm(), str(args[0])));
}

struct Encoding {
  std::string_view name;
  void (*encode)(std::string_view, std::string&);
  std::string (*decode)(std::string_view);
};

const Encoding& find_encoding(std::string_view name) {
  static constexpr Encoding encodings[] = {
      {"hex", types::append_hex, types::parse_hex},
      {"base64", append_base64, parse_base64},
      {"escape", types::append_escaped, types::parse_escaped},
  };
  std::string lower = to_lower(name);
  for (const Encoding& encoding : encodings) {
    if (encoding.name == lower) return encoding;
  }
  throw SqlError(sqlstate::invalid_parameter_value,
                 fmt::format("unrecognized encoding: \"{}\"", name));
}

// The "escape" of encode() leaves printable and other ASCII as it is, unlike bytea output.
void append_encoded_escape(std::string_view bytes, std::string& out) {
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (byte == 0 || byte >= 0x80) {
      out += fmt::format("\\{:03o}", byte);
    } else {
      out.push_back(c);
    }
  }
}

Value encode(const FunctionContext&, std::span<const Value> args) {
  const Encoding& encoding = find_encoding(str(args[1]));
  std::string out;
  if (encoding.name == "escape") {
    append_encoded_escape(str(args[0]), out);
  } else {
    encoding.encode(str(args[0]), out);
  }
  return own_text(std::move(out));
}

Value decode(const FunctionContext&, std::span<const Value> args) {
  return Value::blob(find_encoding(str(args[1])).decode(str(args[0])));
}

void check_encoding(std::string_view name, std::string_view role) {
  std::string lower = to_lower(name);
  if (lower == "utf8" || lower == "utf-8" || lower == "unicode" || lower == "sql_ascii") return;
  throw SqlError(sqlstate::invalid_parameter_value,
                 fmt::format("invalid {} encoding name \"{}\"", role, name));
}

Value convert_from(const FunctionContext&, std::span<const Value> args) {
  check_encoding(str(args[1]), "source");
  types::check_utf8(str(args[0]));
  return own_text(std::string(str(args[0])));
}

Value convert_to(const FunctionContext&, std::span<const Value> args) {
  check_encoding(str(args[1]), "destination");
  return Value::blob(std::string(str(args[0])));
}

Value convert(const FunctionContext&, std::span<const Value> args) {
  check_encoding(str(args[1]), "source");
  check_encoding(str(args[2]), "destination");
  types::check_utf8(str(args[0]));
  return args[0];
}

Value length_in_encoding(const FunctionContext&, std::span<const Value> args) {
  check_encoding(str(args[1]), "source");
  types::check_utf8(str(args[0]));
  return Value::integer(static_cast<std::int64_t>(types::utf8_length(str(args[0]))));
}

constexpr std::array entries{
    ScalarEntry{"md5_text", md5},
    ScalarEntry{"pg_digest", named_digest},
    ScalarEntry{"pg_hmac", named_hmac},
    ScalarEntry{"pg_random_bytes", random_bytes},
    ScalarEntry{"md5_bytea", md5},
    ScalarEntry{"sha224_bytea", sha<EVP_sha224>},
    ScalarEntry{"sha256_bytea", sha<EVP_sha256>},
    ScalarEntry{"sha384_bytea", sha<EVP_sha384>},
    ScalarEntry{"sha512_bytea", sha<EVP_sha512>},
    ScalarEntry{"binary_encode", encode},
    ScalarEntry{"binary_decode", decode},
    ScalarEntry{"pg_convert_from", convert_from},
    ScalarEntry{"pg_convert_to", convert_to},
    ScalarEntry{"pg_convert", convert},
    ScalarEntry{"length_in_encoding", length_in_encoding},
};

}  // namespace

ScalarTable encoding_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
