#include <algorithm>
#include <stdexcept>
#include <vector>

#include "bench/ann/adapters/adapters.h"
#include "bench/ann/ann_library.h"
#include "bench/ann/numbers.h"

namespace dvecdb::bench::ann {

namespace {

struct Entry {
  const char* name;
  std::unique_ptr<AnnLibrary> (*make)(const LibraryOptions& options);
};

constexpr Entry entries[] = {
    {"ours", make_ours},
#ifdef DVECDB_ANN_HNSWLIB
    {"hnswlib", make_hnswlib},
#endif
#ifdef DVECDB_ANN_FAISS
    {"faiss-flat", make_faiss_flat},
    {"faiss-sq8", make_faiss_sq8},
#endif
};

const Entry* find_entry(const std::string& spec) {
  const std::string name = library_name(spec);
  const auto* entry = std::find_if(std::begin(entries), std::end(entries),
                                   [&](const Entry& e) { return e.name == name; });
  return entry == std::end(entries) ? nullptr : entry;
}

void add_setting(const std::string& setting, LibraryOptions& options) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw std::invalid_argument("a library's setting is name=value, not \"" + setting + "\"");
  }
  const std::string key = setting.substr(0, equals);
  const std::string value = setting.substr(equals + 1);
  if (key == "m") {
    options.m = parse_count(key, value);
  } else if (key == "ef_construction") {
    options.ef_construction = parse_count(key, value);
  } else {
    options.settings[key] = value;
  }
}

}  // namespace

std::string library_name(const std::string& spec) {
  return spec.substr(0, spec.find(':'));
}

std::string known_libraries() {
  std::string names;
  for (const Entry& entry : entries) names += (names.empty() ? "" : ",") + std::string(entry.name);
  return names;
}

bool is_known_library(const std::string& spec) {
  return find_entry(spec) != nullptr;
}

std::unique_ptr<AnnLibrary> make_library(const std::string& spec, LibraryOptions options) {
  const Entry* entry = find_entry(spec);
  if (entry == nullptr) {
    throw std::invalid_argument("no library \"" + spec + "\"; there are " + known_libraries());
  }
  if (spec.size() > library_name(spec).size()) {
    for (const std::string& setting : split(spec.substr(library_name(spec).size() + 1), '+')) {
      add_setting(setting, options);
    }
  }
  return entry->make(options);
}

}  // namespace dvecdb::bench::ann
