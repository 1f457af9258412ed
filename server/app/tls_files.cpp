#include "server/app/tls_files.h"

namespace dvecdb::server::app {

std::shared_ptr<tls::TlsContext> open_tls(const Config& config) {
  if (config.tls == "off") return nullptr;
  const bool has_certificate = !config.tls_certificate_file.empty();
  const bool has_key = !config.tls_key_file.empty();
  if (has_certificate != has_key) {
    throw ConfigError(has_certificate ? "tls_key_file: set it, tls_certificate_file is set"
                                      : "tls_certificate_file: set it, tls_key_file is set");
  }
  if (!has_certificate) {
    if (config.tls != "require") return nullptr;
    throw ConfigError(
        "tls: \"require\" needs a certificate; set tls_certificate_file and "
        "tls_key_file");
  }
  try {
    return std::make_shared<tls::TlsContext>(
        tls::Files{config.tls_certificate_file, config.tls_key_file});
  } catch (const tls::TlsError& error) {
    throw ConfigError(std::string("tls: ") + error.what());
  }
}

}  // namespace dvecdb::server::app
