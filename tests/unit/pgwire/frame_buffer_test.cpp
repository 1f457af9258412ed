#include "server/pgwire/frame_buffer.h"

#include <gtest/gtest.h>

#include "server/pgwire/message_writer.h"
#include "server/types/error.h"

namespace dvecdb::server::pgwire {
namespace {

std::string message(char type, std::string_view body) {
  std::string bytes;
  MessageWriter writer(bytes);
  writer.begin(type).bytes(body).end();
  return bytes;
}

TEST(FrameBuffer, CutsMessagesHoweverTheyArrive) {
  const std::string stream = message('Q', "SELECT 1") + message('S', "") + message('X', "");
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameBuffer buffer;
    std::string types;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      buffer.append(std::string_view(stream).substr(at, piece));
      Frame frame;
      while (buffer.next(frame)) types += frame.type;
    }
    EXPECT_EQ(types, "QSX") << "pieces of " << piece;
    EXPECT_TRUE(buffer.empty());
  }
}

TEST(FrameBuffer, RefusesUnknownTypesAndLengths) {
  Frame frame;
  FrameBuffer unknown;
  unknown.append("!");
  EXPECT_THROW(unknown.next(frame), types::SqlError);
  FrameBuffer negative;
  negative.append(std::string_view("Q\xff\xff\xff\xff", 5));
  EXPECT_THROW(negative.next(frame), types::SqlError);
  FrameBuffer too_long_for_its_type;
  too_long_for_its_type.append(std::string_view("S\0\1\0\0", 5));
  EXPECT_THROW(too_long_for_its_type.next(frame), types::SqlError);
}

TEST(FrameBuffer, RefusesStartupLengths) {
  std::string body;
  for (const std::string_view length :
       {std::string_view("\0\0\0\7", 4), std::string_view("\x7f\0\0\0", 4)}) {
    FrameBuffer buffer;
    buffer.append(length);
    EXPECT_THROW(buffer.next_startup(body), types::SqlError);
  }
}

}  // namespace
}  // namespace dvecdb::server::pgwire
