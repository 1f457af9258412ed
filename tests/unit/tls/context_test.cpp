#include "server/tls/context.h"

#include <gtest/gtest.h>

#include "tests/unit/tls/test_certificate.h"

namespace dvecdb::server::tls {
namespace {

using namespace std::chrono_literals;

// Looked at by reload() alone.
constexpr auto never = 1h;

std::string refusal(const Files& files) {
  try {
    const TlsContext context(files, never);
  } catch (const TlsError& error) {
    return error.what();
  }
  return "taken";
}

testing::AssertionResult says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << '"' << text << "\" does not say \"" << part << '"';
}

TEST(TlsContext, ChangesWithTheFilesAndKeepsTheLastGoodPair) {
  const CertificateFolder folder(make_certificate("one"));
  TlsContext context(folder.files(), never);
  const auto first = context.current();
  context.reload();
  EXPECT_EQ(context.current(), first);

  folder.write({make_certificate("two").certificate, make_certificate("three").key});
  context.reload();
  EXPECT_EQ(context.current(), first) << "a key of another certificate was taken";
  std::filesystem::remove(folder.files().key);
  context.reload();
  EXPECT_EQ(context.current(), first) << "a missing key was taken";

  folder.write(make_certificate("four"));
  context.reload();
  EXPECT_NE(context.current(), first);
}

TEST(TlsContext, NoticesASwappedLinkByItself) {
  const CertificateFolder one(make_certificate("one")), two(make_certificate("two"));
  const CertificateFolder links({});
  const auto data = links.path() / "data";
  std::filesystem::create_directory_symlink(one.path(), data);
  TlsContext context({data / "tls.crt", data / "tls.key"}, 5ms);
  const auto first = context.current();
  // As the kubelet does it.
  std::filesystem::create_directory_symlink(two.path(), links.path() / "new");
  std::filesystem::rename(links.path() / "new", data);
  for (int i = 0; i < 2000 && context.current() == first; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_NE(context.current(), first);
}

TEST(TlsContext, RefusesFilesThatCannotBeUsed) {
  const PemTexts good = make_certificate("good");
  const CertificateFolder folder(good);
  const Files files = folder.files();
  EXPECT_TRUE(says(refusal({files.certificate + "x", files.key}), "tls.crtx\": No such file"));
  EXPECT_TRUE(says(refusal({folder.path(), files.key}), "is not a regular file"));
  folder.write({"no certificate", good.key});
  EXPECT_TRUE(says(refusal(files), "tls.crt\" cannot be used"));
  folder.write({good.certificate, "no key"});
  EXPECT_TRUE(says(refusal(files), "holds no private key in PEM form"));
  folder.write({good.certificate, make_certificate("other").key});
  EXPECT_TRUE(says(refusal(files), "does not belong to certificate file"));
  folder.write(make_certificate("locked", "EC", EVP_aes_128_cbc()));
  EXPECT_TRUE(says(refusal(files), "protected by a passphrase"));
  folder.write({good.certificate, std::string(max_file_bytes + 1, 'x')});
  EXPECT_TRUE(says(refusal(files), "is larger than 1048576 bytes"));
}

TEST(TlsContext, RefusesAKeyThatOthersMayRead) {
  const CertificateFolder folder(make_certificate("one"));
  for (const mode_t mode : {0400, 0440, 0600, 0640}) {
    folder.set_key_mode(mode);
    EXPECT_EQ(refusal(folder.files()), "taken");
  }
  for (const mode_t mode : {0644, 0604, 0660, 0602}) {
    folder.set_key_mode(mode);
    EXPECT_TRUE(says(refusal(folder.files()), "may be read or changed by others"));
  }
}

}  // namespace
}  // namespace dvecdb::server::tls
