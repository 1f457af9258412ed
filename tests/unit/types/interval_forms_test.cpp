// What the text forms read and print; the expected answers are PostgreSQL 15's.
#include <gtest/gtest.h>

#include <string>

#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::types {
namespace {

struct Case {
  Oid type;
  std::int32_t typmod;
  const char* text;
  const char* expected;  // the text that is printed, or SQLSTATE and message (" | " and detail)
};

std::string show_error(const SqlError& error) {
  std::string out = error.sqlstate() + " " + error.what();
  if (!error.fields().detail.empty()) out += " | " + error.fields().detail;
  return out;
}

std::string read_and_print(const IoContext& context, const Case& c) {
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

TEST(IntervalForms, Postgres) {
  const Case cases[] = {
    {oids::interval, -1, "1", "00:00:01"},
    {oids::interval, -1, "1 day", "1 day"},
    {oids::interval, -1, "1 year 2 mons 3 days 4 hours 5 mins 6 secs", "1 year 2 mons 3 days 04:05:06"},
    {oids::interval, -1, "1-2", "1 year 2 mons"},
    {oids::interval, -1, "-1-2", "-1 years -2 mons"},
    {oids::interval, -1, "+1-2 -3 +4:05:06.7", "1 year 2 mons -3 days +04:05:06.7"},
    {oids::interval, -1, "1 2:03:04", "1 day 02:03:04"},
    {oids::interval, -1, "1:2", "01:02:00"},
    {oids::interval, -1, "1:02.5", "00:01:02.5"},
    {oids::interval, -1, "- 1:00", "-01:00:00"},
    {oids::interval, -1, "1.5 days", "1 day 12:00:00"},
    {oids::interval, -1, "1.5 months", "1 mon 15 days"},
    {oids::interval, -1, "1.5 years", "1 year 6 mons"},
    {oids::interval, -1, "1.25 weeks", "8 days 18:00:00"},
    {oids::interval, -1, "0.1 decade", "1 year"},
    {oids::interval, -1, "1 millennium", "1000 years"},
    {oids::interval, -1, "1 mil", "1000 years"},
    {oids::interval, -1, "1 usec", "00:00:00.000001"},
    {oids::interval, -1, "1.5 ms", "00:00:00.0015"},
    {oids::interval, -1, "1.5 milliseconds", "00:00:00.0015"},
    {oids::interval, -1, "100 microsecond", "00:00:00.0001"},
    {oids::interval, -1, "P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06"},
    {oids::interval, -1, "P1Y2M3DT4H5M6.789S", "1 year 2 mons 3 days 04:05:06.789"},
    {oids::interval, -1, "P00010203T040506", "1 year 2 mons 3 days 04:05:06"},
    {oids::interval, -1, "P1.5Y", "1 year 6 mons"},
    {oids::interval, -1, "PT1H30M", "01:30:00"},
    {oids::interval, -1, "P1", "1 year"},
    {oids::interval, -1, "PT", "00:00:00"},
    {oids::interval, -1, "P", "22007 invalid input syntax for type interval: \"P\""},
    {oids::interval, -1, "P1YT", "1 year"},
    {oids::interval, -1, "PT1.5H", "01:30:00"},
    {oids::interval, -1, "PT0.0000001S", "00:00:00"},
    {oids::interval, -1, "P1Y1Y", "2 years"},
    {oids::interval, -1, "P10.5M", "10 mons 15 days"},
    {oids::interval, -1, "P0.5D", "12:00:00"},
    {oids::interval, -1, "P1.3W", "9 days 02:24:00"},
    {oids::interval, -1, "1 year ago", "-1 years"},
    {oids::interval, -1, "-1 year +1 month", "-11 mons"},
    {oids::interval, -1, "1 day -00:00:01", "1 day -00:00:01"},
    {oids::interval, -1, "@ 1 minute", "00:01:00"},
    {oids::interval, -1, "@ 1 hour 2 mins ago", "-01:02:00"},
    {oids::interval, -1, "1 quarter", "22007 invalid input syntax for type interval: \"1 quarter\""},
    {oids::interval, -1, "3 qtr", "22007 invalid input syntax for type interval: \"3 qtr\""},
    {oids::interval, -1, "1 century", "100 years"},
    {oids::interval, -1, "1 foo", "22007 invalid input syntax for type interval: \"1 foo\""},
    {oids::interval, -1, "foo", "22007 invalid input syntax for type interval: \"foo\""},
    {oids::interval, -1, "", "22007 invalid input syntax for type interval: \"\""},
    {oids::interval, -1, "1 day 1 day", "22007 invalid input syntax for type interval: \"1 day 1 day\""},
    {oids::interval, -1, "1h 5m 3s", "01:05:03"},
    {oids::interval, -1, "1 mon 1 month", "22007 invalid input syntax for type interval: \"1 mon 1 month\""},
    {oids::interval, -1, "5 5", "22007 invalid input syntax for type interval: \"5 5\""},
    {oids::interval, -1, "1 1:1:1 1", "22007 invalid input syntax for type interval: \"1 1:1:1 1\""},
    {oids::interval, -1, "178956970 years 7 months", "178956970 years 7 mons"},
    {oids::interval, -1, "178956970 years 8 months", "22008 interval out of range"},
    {oids::interval, -1, "-178956970 years 8 months ago", "178956969 years 4 mons"},
    {oids::interval, -1, "2147483647 months", "178956970 years 7 mons"},
    {oids::interval, -1, "2147483648 months", "22015 interval field value out of range: \"2147483648 months\""},
    {oids::interval, -1, "2147483647 days", "2147483647 days"},
    {oids::interval, -1, "2147483648 days", "22015 interval field value out of range: \"2147483648 days\""},
    {oids::interval, -1, "9223372036854775807 us", "2562047788:00:54.775807"},
    {oids::interval, -1, "9223372036854775808 us", "22015 interval field value out of range: \"9223372036854775808 us\""},
    {oids::interval, -1, "2562047788:00:54.775807", "2562047788:00:54.775807"},
    {oids::interval, -1, "2562047789:00:00", "22015 interval field value out of range: \"2562047789:00:00\""},
    {oids::interval, -1, "0.5 us", "00:00:00"},
    {oids::interval, -1, "0.5000001 us", "00:00:00.000001"},
    {oids::interval, -1, "1.0000005 s", "00:00:01"},
    {oids::interval, -1, "1e3 s", "22007 invalid input syntax for type interval: \"1e3 s\""},
    {oids::interval, -1, "1e3", "22007 invalid input syntax for type interval: \"1e3\""},
    {oids::interval, -1, "infinity", "22007 invalid input syntax for type interval: \"infinity\""},
    {oids::interval, -1, "-infinity", "22007 invalid input syntax for type interval: \"-infinity\""},
    {oids::interval, -1, "now", "22007 invalid input syntax for type interval: \"now\""},
    {oids::interval, -1, "today", "22007 invalid input syntax for type interval: \"today\""},
    {oids::interval, -1, "epoch", "22007 invalid input syntax for type interval: \"epoch\""},
    {oids::interval, -1, "12:30 ago", "-12:30:00"},
    {oids::interval, -1, "01:00:00.000001", "01:00:00.000001"},
    {oids::interval, -1, "-01:00:00.000001", "-01:00:00.000001"},
    {oids::interval, -1, "1 year -1 day 12:00", "1 year -1 days +12:00:00"},
    {oids::interval, -1, "25:61", "22015 interval field value out of range: \"25:61\""},
    {oids::interval, -1, "1:60", "22015 interval field value out of range: \"1:60\""},
    {oids::interval, -1, "0:0:60", "00:01:00"},
    {oids::interval, -1, "0:0:61", "22015 interval field value out of range: \"0:0:61\""},
    {oids::interval, -1, "1:1:1.1234567", "01:01:01.123457"},
    {oids::interval, -1, "1 month -1 day", "1 mon -1 days"},
    {oids::interval, -1, "1.1 1", "22007 invalid input syntax for type interval: \"1.1 1\""},
    {oids::interval, -1, "1 hour 1:00", "22007 invalid input syntax for type interval: \"1 hour 1:00\""},
    {oids::interval, -1, "0", "00:00:00"},
    {oids::interval, -1, "-0", "00:00:00"},
    {oids::interval, -1, "0.0", "00:00:00"},
    {oids::interval, -1, "00:00", "00:00:00"},
    {oids::interval, -1, "1 mons 3.5 days", "1 mon 3 days 12:00:00"},
    {oids::interval, -1, "-1.5 mons", "-1 mons -15 days"},
    {oids::interval, -1, "0.333333 years", "4 mons"},
    {oids::interval, -1, "1 year 12 mons", "2 years"},
    {oids::interval, -1, "13 mons", "1 year 1 mon"},
    {oids::interval, -1, "-13 mons", "-1 years -1 mons"},
    {oids::interval, -1, "1,5 days", "22007 invalid input syntax for type interval: \"1,5 days\""},
    {oids::interval, -1, "1 day, 2 hours", "1 day 02:00:00"},
    {oids::interval, -1, "(1 day)", "1 day"},
    {oids::interval, -1, "1 day 2", "1 day 00:00:02"},
    {oids::interval, -1, "2 1 day", "22007 invalid input syntax for type interval: \"2 1 day\""},
    {oids::interval, -1, "1-12", "22015 interval field value out of range: \"1-12\""},
    {oids::interval, -1, "1-11", "1 year 11 mons"},
    {oids::interval, -1, "1-13 ", "22015 interval field value out of range: \"1-13 \""},
    {oids::interval, -1, "99999999999 y", "22015 interval field value out of range: \"99999999999 y\""},
    {oids::interval, -1, "1 y 2 m", "1 year 00:02:00"},
    {oids::interval, -1, "m 5", "00:00:05"},
    {oids::interval, -1, "P1Y2M3W", "1 year 2 mons 21 days"},
    {oids::interval, -1, "P1Y2M3W4D", "1 year 2 mons 25 days"},
    {oids::interval, -1, "p1y", "22007 invalid input syntax for type interval: \"p1y\""},
    {oids::interval, -1, "P1-2-3", "1 year 2 mons 3 days"},
    {oids::interval, -1, "PT1:2", "01:02:00"},
    {oids::interval, -1, "PT12", "12:00:00"},
    {oids::interval, -1, "PT1234", "1234:00:00"},
    {oids::interval, -1, "P20010203T", "2001 years 2 mons 3 days"},
    {oids::interval, -1, "P1D2H", "22007 invalid input syntax for type interval: \"P1D2H\""},
    {oids::interval, -1, "1 0.5 day", "22007 invalid input syntax for type interval: \"1 0.5 day\""},
    {oids::interval, -1, ".5 day", "12:00:00"},
    {oids::interval, -1, "-.5 day", "22007 invalid input syntax for type interval: \"-.5 day\""},
    {oids::interval, -1, "+.5 day", "22007 invalid input syntax for type interval: \"+.5 day\""},
    {oids::interval, -1, "1.5.5 day", "22007 invalid input syntax for type interval: \"1.5.5 day\""},
  };
  IoContext context;
  expect_all(context, cases);
}

TEST(IntervalForms, Fields) {
  const Case cases[] = {
    {oids::interval, 196607, "1", "1 mon"},
    {oids::interval, 589823, "1", "1 day"},
    {oids::interval, 67174399, "1", "01:00:00"},
    {oids::interval, 67698687, "1", "01:00:00"},
    {oids::interval, 201392127, "1", "00:01:00"},
    {oids::interval, 470351871, "1", "00:00:01"},
    {oids::interval, 327679, "1-2", "1 year"},
    {oids::interval, 458751, "1-2", "1 year 2 mons"},
    {oids::interval, 67174399, "1-2", "1 year 2 mons"},
    {oids::interval, 134283263, "1-2", "1 year 2 mons"},
    {oids::interval, 201916415, "1-2", "1 year 2 mons"},
    {oids::interval, 201392127, "1-2", "1 year 2 mons"},
    {oids::interval, 268500991, "1-2", "1 year 2 mons"},
    {oids::interval, 470351871, "1-2", "1 year 2 mons"},
    {oids::interval, 402718719, "1-2", "1 year 2 mons"},
    {oids::interval, 327679, "1 2:03", "00:00:00"},
    {oids::interval, 458751, "1 2:03", "00:00:00"},
    {oids::interval, 589823, "1 2:03", "1 day"},
    {oids::interval, 134283263, "1 2:03", "1 day 02:03:00"},
    {oids::interval, 201916415, "1 2:03", "1 day 02:03:00"},
    {oids::interval, 470351871, "1 2:03", "1 day 02:03:00"},
    {oids::interval, 402718719, "1 2:03", "1 day 00:02:03"},
    {oids::interval, 327679, "2:03:04.567", "00:00:00"},
    {oids::interval, 196607, "2:03:04.567", "00:00:00"},
    {oids::interval, 589823, "2:03:04.567", "00:00:00"},
    {oids::interval, 67698687, "2:03:04.567", "02:00:00"},
    {oids::interval, 134283263, "2:03:04.567", "02:03:00"},
    {oids::interval, 201916415, "2:03:04.567", "02:03:00"},
    {oids::interval, 268500991, "2:03:04.567", "02:03:04.567"},
    {oids::interval, 470351871, "2:03:04.567", "02:03:04.567"},
    {oids::interval, 469827583, "2:03:04.567", "02:03:04.567"},
    {oids::interval, 196607, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
    {oids::interval, 458751, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
    {oids::interval, 589823, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
    {oids::interval, 67174399, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
    {oids::interval, 67698687, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
    {oids::interval, 268500991, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
    {oids::interval, 470351871, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
    {oids::interval, 469827583, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
    {oids::interval, 402718719, "14 months 40 days 30:61:59", "22015 interval field value out of range: \"14 months 40 days 30:61:59\""},
  };
  IoContext context;
  expect_all(context, cases);
}

TEST(IntervalForms, Verbose) {
  const Case cases[] = {
    {oids::interval, -1, "-1-2 +3 -4:05:06.7", "@ 1 year 2 mons -3 days 4 hours 5 mins 6.7 secs ago"},
    {oids::interval, -1, "1:2", "@ 1 hour 2 mins"},
    {oids::interval, -1, "1.25 weeks", "@ 8 days 18 hours"},
    {oids::interval, -1, "1 millennium", "@ 1000 years"},
    {oids::interval, -1, "1 us", "@ 0.000001 secs"},
    {oids::interval, -1, "P1Y2M3DT4H5M6.789S", "@ 1 year 2 mons 3 days 4 hours 5 mins 6.789 secs"},
    {oids::interval, -1, "P0001-02-03T04:05:06", "@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs"},
    {oids::interval, -1, "P00010203T040506", "@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs"},
    {oids::interval, -1, "P1Y1Y", "@ 2 years"},
    {oids::interval, -1, "3 qtr", "22007 invalid input syntax for type interval: \"3 qtr\""},
    {oids::interval, -1, "1 century", "@ 100 years"},
    {oids::interval, -1, "foo", "22007 invalid input syntax for type interval: \"foo\""},
    {oids::interval, -1, "", "22007 invalid input syntax for type interval: \"\""},
    {oids::interval, -1, "1d", "@ 1 day"},
    {oids::interval, -1, "1 1:1:1 1", "22007 invalid input syntax for type interval: \"1 1:1:1 1\""},
    {oids::interval, -1, "9223372036854775807 us", "@ 2562047788 hours 54.775807 secs"},
    {oids::interval, -1, "2562047788:00:54.775808", "22015 interval field value out of range: \"2562047788:00:54.775808\""},
    {oids::interval, -1, "0.5 us", "@ 0"},
    {oids::interval, -1, "0.5000001 us", "@ 0.000001 secs"},
    {oids::interval, -1, "1e3", "22007 invalid input syntax for type interval: \"1e3\""},
    {oids::interval, -1, "01:00:00.000001", "@ 1 hour 0.000001 secs"},
    {oids::interval, -1, "1 year -1 day 12:00", "@ 1 year -1 days 12 hours"},
    {oids::interval, -1, "0:0:60", "@ 1 min"},
    {oids::interval, -1, "1 month -1 day", "@ 1 mon -1 days"},
    {oids::interval, -1, "1 hour 1:00", "22007 invalid input syntax for type interval: \"1 hour 1:00\""},
    {oids::interval, -1, "0", "@ 0"},
    {oids::interval, -1, "13 mons", "@ 1 year 1 mon"},
    {oids::interval, -1, "1,5 days", "22007 invalid input syntax for type interval: \"1,5 days\""},
    {oids::interval, -1, "1 day 2", "@ 1 day 2 secs"},
    {oids::interval, -1, "1-12", "22015 interval field value out of range: \"1-12\""},
    {oids::interval, -1, "1-11", "@ 1 year 11 mons"},
    {oids::interval, -1, "m 5", "@ 5 secs"},
    {oids::interval, -1, "PT12", "@ 12 hours"},
    {oids::interval, -1, "P20010203T", "@ 2001 years 2 mons 3 days"},
    {oids::interval, -1, "-.5 day", "22007 invalid input syntax for type interval: \"-.5 day\""},
  };
  IoContext context;
  context.interval_style = IntervalStyle::postgres_verbose;
  expect_all(context, cases);
}

TEST(IntervalForms, SqlStandard) {
  const Case cases[] = {
    {oids::interval, -1, "2 days ago", "-2 0:00:00"},
    {oids::interval, -1, "1-2", "1-2"},
    {oids::interval, -1, "-1-2", "-1-2"},
    {oids::interval, -1, "-1-2 +3 -4:05:06.7", "-1-2 +3 -4:05:06.7"},
    {oids::interval, -1, "100:00:00", "100:00:00"},
    {oids::interval, -1, "1.5 years", "1-6"},
    {oids::interval, -1, "1 millennia", "1000-0"},
    {oids::interval, -1, "1.5 milliseconds", "0:00:00.0015"},
    {oids::interval, -1, "100 microsecond", "0:00:00.0001"},
    {oids::interval, -1, "P1.5Y", "1-6"},
    {oids::interval, -1, "P1YT", "1-0"},
    {oids::interval, -1, "PT0.0000001S", "0"},
    {oids::interval, -1, "-1 days +02:03", "+0-0 -1 +2:03:00"},
    {oids::interval, -1, "@ 1 minute", "0:01:00"},
    {oids::interval, -1, "1 century", "100-0"},
    {oids::interval, -1, "1 day 1 day", "22007 invalid input syntax for type interval: \"1 day 1 day\""},
    {oids::interval, -1, "1h 5m 3s", "1:05:03"},
    {oids::interval, -1, "178956970 years 7 months", "178956970-7"},
    {oids::interval, -1, "2562047788:00:54.775807", "2562047788:00:54.775807"},
    {oids::interval, -1, "2562047789:00:00", "22015 interval field value out of range: \"2562047789:00:00\""},
    {oids::interval, -1, "-2562047788:00:54.775808", "22007 invalid input syntax for type interval: \"-2562047788:00:54.775808\""},
    {oids::interval, -1, "1e3", "22007 invalid input syntax for type interval: \"1e3\""},
    {oids::interval, -1, "now", "22007 invalid input syntax for type interval: \"now\""},
    {oids::interval, -1, "12:30 ago", "-12:30:00"},
    {oids::interval, -1, "-01:00:00.000001", "-1:00:00.000001"},
    {oids::interval, -1, "1:60", "22015 interval field value out of range: \"1:60\""},
    {oids::interval, -1, "1 hour 1:00", "22007 invalid input syntax for type interval: \"1 hour 1:00\""},
    {oids::interval, -1, "0", "0"},
    {oids::interval, -1, "-0", "0"},
    {oids::interval, -1, "-13 mons", "-1-1"},
    {oids::interval, -1, "1,5 days", "22007 invalid input syntax for type interval: \"1,5 days\""},
    {oids::interval, -1, "1-12", "22015 interval field value out of range: \"1-12\""},
    {oids::interval, -1, "m 5", "0:00:05"},
    {oids::interval, -1, "PT5M3.123S", "0:05:03.123"},
    {oids::interval, -1, "P1-2", "1-2"},
    {oids::interval, -1, "PT1:2", "1:02:00"},
    {oids::interval, -1, "P20010203T", "+2001-2 +3 +0:00:00"},
    {oids::interval, -1, "P1D2H", "22007 invalid input syntax for type interval: \"P1D2H\""},
    {oids::interval, -1, "-.5 day", "22007 invalid input syntax for type interval: \"-.5 day\""},
    {oids::interval, -1, "+.5 day", "22007 invalid input syntax for type interval: \"+.5 day\""},
  };
  IoContext context;
  context.interval_style = IntervalStyle::sql_standard;
  expect_all(context, cases);
}

TEST(IntervalForms, Iso8601) {
  const Case cases[] = {
    {oids::interval, -1, "1", "PT1S"},
    {oids::interval, -1, "1 day", "P1D"},
    {oids::interval, -1, "-1-2", "P-1Y-2M"},
    {oids::interval, -1, "1:2:3", "PT1H2M3S"},
    {oids::interval, -1, "- 1:00", "PT-1H"},
    {oids::interval, -1, "1 us", "PT0.000001S"},
    {oids::interval, -1, "1.5 milliseconds", "PT0.0015S"},
    {oids::interval, -1, "P1Y2M3DT4H5M6S", "P1Y2M3DT4H5M6S"},
    {oids::interval, -1, "P0001-02-03T04:05:06", "P1Y2M3DT4H5M6S"},
    {oids::interval, -1, "P", "22007 invalid input syntax for type interval: \"P\""},
    {oids::interval, -1, "PT1.5H", "PT1H30M"},
    {oids::interval, -1, "PT0.0000001S", "PT0S"},
    {oids::interval, -1, "P1Y1Y", "P2Y"},
    {oids::interval, -1, "-1 year +1 month", "P-11M"},
    {oids::interval, -1, "1 century", "P100Y"},
    {oids::interval, -1, "1 foo", "22007 invalid input syntax for type interval: \"1 foo\""},
    {oids::interval, -1, "", "22007 invalid input syntax for type interval: \"\""},
    {oids::interval, -1, " ", "22007 invalid input syntax for type interval: \" \""},
    {oids::interval, -1, "1 day 1 day", "22007 invalid input syntax for type interval: \"1 day 1 day\""},
    {oids::interval, -1, "1h 5m 3s", "PT1H5M3S"},
    {oids::interval, -1, "2147483647 months", "P178956970Y7M"},
    {oids::interval, -1, "2147483647 days", "P2147483647D"},
    {oids::interval, -1, "9223372036854775807 us", "PT2562047788H54.775807S"},
    {oids::interval, -1, "9223372036854775808 us", "22015 interval field value out of range: \"9223372036854775808 us\""},
    {oids::interval, -1, "01:00:00.000001", "PT1H0.000001S"},
    {oids::interval, -1, "1:60", "22015 interval field value out of range: \"1:60\""},
    {oids::interval, -1, "1 hour 1:00", "22007 invalid input syntax for type interval: \"1 hour 1:00\""},
    {oids::interval, -1, "(1 day)", "P1D"},
    {oids::interval, -1, "1 y 2 m", "P1YT2M"},
    {oids::interval, -1, "m 5", "PT5S"},
    {oids::interval, -1, "p1y", "22007 invalid input syntax for type interval: \"p1y\""},
    {oids::interval, -1, "P1-2", "P1Y2M"},
    {oids::interval, -1, "P20010203T", "P2001Y2M3D"},
    {oids::interval, -1, "P1D2H", "22007 invalid input syntax for type interval: \"P1D2H\""},
    {oids::interval, -1, "1.5.5 day", "22007 invalid input syntax for type interval: \"1.5.5 day\""},
  };
  IoContext context;
  context.interval_style = IntervalStyle::iso_8601;
  expect_all(context, cases);
}

}  // namespace
}  // namespace dvecdb::server::types
