// One SQL value in its stored form: the five storage classes of the row store. Which class a
// PostgreSQL type uses, and what the bytes mean, is told in server/types/README.md.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace dvecdb::server::types {

using Oid = std::uint32_t;
inline constexpr Oid invalid_oid = 0;

// A type with its modifier: varchar(10), numeric(8,2), vector(3). -1: no modifier.
struct TypeRef {
  Oid oid = invalid_oid;
  std::int32_t typmod = -1;
  friend bool operator==(const TypeRef&, const TypeRef&) = default;
};

// Bytes are either owned or borrowed (the *_view makers: the lender must outlive the Value;
// call own() to keep it longer). Copying a borrowed Value copies the loan. Not thread-safe.
class Value {
 public:
  enum class Kind : std::uint8_t { null, integer, real, text, blob };

  Value() = default;
  static Value null() { return {}; }
  static Value integer(std::int64_t v) {
    Value r;
    r.kind_ = Kind::integer;
    r.integer_ = v;
    return r;
  }
  static Value boolean(bool v) { return integer(v ? 1 : 0); }
  static Value real(double v) {
    Value r;
    r.kind_ = Kind::real;
    r.real_ = v;
    return r;
  }
  static Value text(std::string v) { return owned_bytes(Kind::text, std::move(v)); }
  static Value blob(std::string v) { return owned_bytes(Kind::blob, std::move(v)); }
  static Value text_view(std::string_view v) { return borrowed_bytes(Kind::text, v); }
  static Value blob_view(std::string_view v) { return borrowed_bytes(Kind::blob, v); }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }

  // Valid for kind integer (of kind real: truncated, as a defence only).
  std::int64_t as_integer() const {
    return kind_ == Kind::real ? static_cast<std::int64_t>(real_) : integer_;
  }
  bool as_boolean() const { return as_integer() != 0; }
  // Valid for kinds real and integer. The row store cannot keep a NaN as a number, so a NaN
  // travels through it as a blob (nan_blob): any blob reads as NaN here.
  double as_real() const {
    if (kind_ == Kind::blob) return std::numeric_limits<double>::quiet_NaN();
    return kind_ == Kind::integer ? static_cast<double>(integer_) : real_;
  }
  // Valid for kinds text and blob.
  std::string_view as_bytes() const { return borrowed_ ? view_ : std::string_view(owned_); }

  // Makes the bytes this Value's own.
  Value& own() {
    if (borrowed_) {
      owned_.assign(view_);
      borrowed_ = false;
    }
    return *this;
  }

  // A blob sorts after every number in the row store, as NaN does in PostgreSQL.
  static constexpr std::string_view nan_blob = "NaN";

 private:
  static Value owned_bytes(Kind kind, std::string v) {
    Value r;
    r.kind_ = kind;
    r.owned_ = std::move(v);
    return r;
  }
  static Value borrowed_bytes(Kind kind, std::string_view v) {
    Value r;
    r.kind_ = kind;
    r.borrowed_ = true;
    r.view_ = v;
    return r;
  }

  Kind kind_ = Kind::null;
  bool borrowed_ = false;
  union {
    std::int64_t integer_ = 0;
    double real_;
  };
  std::string_view view_;
  std::string owned_;
};

}  // namespace dvecdb::server::types
