// Tables of texts, and what reading and printing them answers.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::types::testing {

struct Case {
  Oid type;
  std::int32_t typmod;
  const char* text;
  const char* expected;  // the text that is printed, or SQLSTATE and message (" | " and detail)
};

inline std::string show_error(const SqlError& error) {
  std::string out = error.sqlstate() + " " + error.what();
  if (!error.fields().detail.empty()) out += " | " + error.fields().detail;
  return out;
}

inline std::string read_and_print(const IoContext& context, const Case& c) {
  const TypeRef type{c.type, c.typmod};
  std::string out;
  try {
    const Value value = input_text(context, type, c.text);
    output_text(context, type, value, out);
    // The binary form must bring back an equal value.
    std::string bytes;
    send_binary(context, type, value, bytes);
    const Value back = receive_binary(context, type, bytes);
    EXPECT_EQ(compare(context, c.type, value, back), 0) << c.text;
    EXPECT_EQ(sort_key(context, c.type, value), sort_key(context, c.type, back)) << c.text;
  } catch (const SqlError& error) {
    out = show_error(error);
  }
  return out;
}

template <std::size_t Count>
void expect_all(const IoContext& context, const Case (&cases)[Count]) {
  for (const Case& c : cases) {
    EXPECT_EQ(read_and_print(context, c), c.expected) << c.text << " as type " << c.type;
  }
}

}  // namespace dvecdb::server::types::testing
