#include "server/types/time_zone_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "server/types/binary.h"
#include "server/types/scan.h"

namespace dvecdb::server::types {

namespace {

constexpr std::string_view zone_directory = "/usr/share/zoneinfo";

struct Header {
  char version = 0;
  std::uint32_t utc_flags = 0;
  std::uint32_t standard_flags = 0;
  std::uint32_t leap_seconds = 0;
  std::uint32_t transitions = 0;
  std::uint32_t periods = 0;
  std::uint32_t name_bytes = 0;

  // Bytes of the data block when instants take `width` bytes.
  std::size_t data_size(std::size_t width) const {
    return transitions * (width + 1) + periods * std::size_t{6} + name_bytes +
           leap_seconds * (width + 4) + standard_flags + utc_flags;
  }
};

Header read_header(BinaryReader& reader) {
  Header header;
  if (reader.take(4) != "TZif") throw SqlError(sqlstate::data_corrupted, "not a time zone file");
  header.version = static_cast<char>(reader.u8());
  reader.take(15);
  header.utc_flags = reader.u32();
  header.standard_flags = reader.u32();
  header.leap_seconds = reader.u32();
  header.transitions = reader.u32();
  header.periods = reader.u32();
  header.name_bytes = reader.u32();
  return header;
}

// The periods, from their descriptions and the table of names that they point into.
std::vector<ZonePeriod> read_periods(BinaryReader& reader, const Header& header) {
  std::vector<ZonePeriod> periods;
  std::vector<std::size_t> name_starts;
  for (std::uint32_t i = 0; i < header.periods; ++i) {
    ZonePeriod period;
    period.offset = reader.i32();
    period.is_dst = reader.u8() != 0;
    name_starts.push_back(reader.u8());
    periods.push_back(period);
  }
  const std::string_view names = reader.take(header.name_bytes);
  for (std::size_t i = 0; i < periods.size(); ++i) {
    if (name_starts[i] > names.size()) continue;
    const std::string_view name = names.substr(name_starts[i]);
    periods[i].abbreviation = name.substr(0, name.find('\0'));
  }
  return periods;
}

TimeZone parse_zone_file(const std::string& name, std::string_view bytes) {
  BinaryReader reader(bytes);
  Header header = read_header(reader);
  std::size_t width = 4;
  if (header.version >= '2') {
    // The first block holds 32-bit instants for old readers.
    reader.take(header.data_size(width));
    header = read_header(reader);
    width = 8;
  }
  std::vector<ZoneTransition> transitions(std::min<std::size_t>(header.transitions, bytes.size()));
  for (ZoneTransition& transition : transitions) {
    transition.at = width == 8 ? reader.i64() : reader.i32();
  }
  for (ZoneTransition& transition : transitions) transition.period = reader.u8();
  std::vector<ZonePeriod> periods = read_periods(reader, header);
  for (const ZoneTransition& transition : transitions) {
    if (transition.period >= periods.size()) periods.clear();
  }
  if (periods.empty()) throw SqlError(sqlstate::data_corrupted, "damaged time zone file");
  reader.take(header.leap_seconds * (width + 4) + header.standard_flags + header.utc_flags);
  std::optional<ZoneRule> rule;
  if (width == 8 && reader.left() > 2) {
    const std::string_view footer = reader.rest();
    rule = parse_zone_rule(footer.substr(1, footer.find('\n', 1) - 1));
  }
  return TimeZone(name, std::move(periods), std::move(transitions), std::move(rule));
}

std::vector<std::string> list_zone_files() {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code error;
  const auto options = fs::directory_options::follow_directory_symlink |
                       fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(zone_directory, options, error), end;
       !error && at != end; at.increment(error)) {
    // No zone's path is deeper than this; a ring of links would be.
    if (at.depth() > 4) at.disable_recursion_pending();
    if (at->is_regular_file(error)) {
      names.push_back(at->path().string().substr(zone_directory.size() + 1));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

const std::vector<std::string>& zone_file_names() {
  static const std::vector<std::string> names = list_zone_files();
  return names;
}

std::unique_ptr<TimeZone> load_zone_file(std::string_view name) {
  // Only listed files are opened, so a name cannot lead anywhere else.
  for (const std::string& known : zone_file_names()) {
    if (!equals_ignore_case(known, name)) continue;
    const std::string bytes = read_file(std::string(zone_directory) + "/" + known);
    try {
      return std::make_unique<TimeZone>(parse_zone_file(known, bytes));
    } catch (const SqlError&) {
      return nullptr;
    }
  }
  return nullptr;
}

}  // namespace dvecdb::server::types
