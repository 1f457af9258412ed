#include "server/catalog/sql_functions.h"

#include <algorithm>

namespace dvecdb::server::catalog {

namespace {

struct NativeSymbol {
  types::Oid oid;
  std::string_view symbol;
};

// Sorted by oid.
constexpr NativeSymbol native_symbols[] = {
    {879, "lpad_blanks"},
    {880, "rpad_blanks"},
    {1176, "datetime_timestamptz_sql"},
    {1215, "obj_description_class"},
    {1216, "col_description"},
    {1285, "quote_literal_any"},
    {1290, "quote_nullable_any"},
    {1296, "timedate_pl"},
    {1298, "timetzdate_pl"},
    {1305, "overlaps_timestamptz_lengths"},
    {1306, "overlaps_timestamptz_second_length"},
    {1307, "overlaps_timestamptz_first_length"},
    {1309, "overlaps_time_lengths"},
    {1310, "overlaps_time_second_length"},
    {1311, "overlaps_time_first_length"},
    {1348, "obj_description"},
    {1384, "date_part_date"},
    {1386, "age_today_timestamptz"},
    {1481, "log10_numeric"},
    {1708, "round_numeric"},
    {1710, "trunc_numeric"},
    {1741, "log10_numeric"},
    {1810, "bit_length_bytea"},
    {1811, "bit_length_text"},
    {1812, "bit_length_bit"},
    {1848, "interval_pl_time"},
    {1993, "shobj_description"},
    {2003, "textanycat"},
    {2004, "anytextcat"},
    {2042, "overlaps_timestamp_lengths"},
    {2043, "overlaps_timestamp_second_length"},
    {2044, "overlaps_timestamp_first_length"},
    {2059, "age_today_timestamp"},
    {2074, "substring_similar"},
    {2325, "pg_relation_size_main"},
    {2546, "interval_pl_date"},
    {2547, "interval_pl_timetz"},
    {2548, "interval_pl_timestamp"},
    {2549, "interval_pl_timestamptz"},
    {2550, "integer_pl_date"},
    {2631, "int8pl_inet"},
    {3935, "pg_sleep_for"},
    {3936, "pg_sleep_until"},
    {13208, "_pg_expandarray"},
    {13209, "_pg_index_position"},
    {13210, "_pg_truetypid"},
    {13211, "_pg_truetypmod"},
    {13212, "_pg_char_max_length"},
    {13213, "_pg_char_octet_length"},
    {13215, "_pg_numeric_precision"},
    {13216, "_pg_numeric_precision_radix"},
    {13217, "_pg_numeric_scale"},
    {13218, "_pg_datetime_precision"},
    {13219, "_pg_interval_type"},
};

}  // namespace

void give_native_symbol(query::ProcDesc& proc) {
  const auto* found =
      std::lower_bound(std::begin(native_symbols), std::end(native_symbols), proc.oid,
                       [](const NativeSymbol& entry, types::Oid oid) { return entry.oid < oid; });
  if (found == std::end(native_symbols) || found->oid != proc.oid) return;
  proc.symbol = found->symbol;
  proc.language = "internal";
}

std::vector<std::string> split_expressions(std::string_view list) {
  std::vector<std::string> out;
  int depth = 0;
  char quote = '\0';
  std::size_t begin = 0;
  const auto take = [&](std::size_t end) {
    std::string_view part = list.substr(begin, end - begin);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    if (!part.empty()) out.emplace_back(part);
    begin = end + 1;
  };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      --depth;
    } else if (c == ',' && depth == 0) {
      take(i);
    }
  }
  if (begin < list.size()) take(list.size());
  return out;
}

}  // namespace dvecdb::server::catalog
