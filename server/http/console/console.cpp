#include "server/http/console/console.h"

#include <array>

#include "server/http/console/embedded_files.h"

namespace dvecdb::server::http {

namespace {

struct Page {
  std::string_view path;
  std::string_view file;
  std::string_view content_type;
};

constexpr std::array<Page, 5> pages = {
    {{"/docs", "index.html", "text/html; charset=utf-8"},
     {"/docs/start.js", "start.js", "text/javascript; charset=utf-8"},
     {"/docs/swagger-ui.css", "swagger-ui.css.gz", "text/css; charset=utf-8"},
     {"/docs/swagger-ui-bundle.js", "swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"},
     {"/openapi.json", "openapi.json", "application/json"}}};

// The page loads nothing from elsewhere; its styles set themselves, its icons are data.
constexpr std::string_view policy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'";

Response show(const Page& page) {
  Response response;
  response.content_type = page.content_type;
  response.body = embedded_file(page.file);
  response.headers.emplace_back("Content-Security-Policy", policy);
  if (page.file.substr(page.file.size() - 3) == ".gz") {
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

}  // namespace

void add_console(const std::function<void(const std::string& path, Handler handler)>& add) {
  for (const Page& page : pages) {
    add(std::string(page.path), [&page](const Request&) { return show(page); });
  }
}

}  // namespace dvecdb::server::http
