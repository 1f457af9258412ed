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

TEST(DatetimeForms, Iso) {
  const Case cases[] = {
    {oids::date, -1, "1/8/1999", "1999-01-08"},
    {oids::timestamp, -1, "1/8/1999", "1999-01-08 00:00:00"},
    {oids::timestamptz, -1, "01/02/03", "2003-01-02 00:00:00+00"},
    {oids::date, -1, "1999-Jan-08", "1999-01-08"},
    {oids::timestamptz, -1, "1999-Jan-08", "1999-01-08 00:00:00+00"},
    {oids::timestamptz, -1, "Jan-08-1999", "1999-01-08 00:00:00+00"},
    {oids::date, -1, "Jan-08-99", "1999-01-08"},
    {oids::timestamp, -1, "19990108", "1999-01-08 00:00:00"},
    {oids::timestamptz, -1, "19990108", "1999-01-08 00:00:00+00"},
    {oids::date, -1, "990108", "1999-01-08"},
    {oids::timestamptz, -1, "990108", "1999-01-08 00:00:00+00"},
    {oids::timestamp, -1, "1999.008", "1999-01-08 00:00:00"},
    {oids::timestamp, -1, "J2451187", "1999-01-08 00:00:00"},
    {oids::timestamp, -1, "January 8, 99 BC", "0099-01-08 00:00:00 BC"},
    {oids::date, -1, "0001-01-01 BC", "0001-01-01 BC"},
    {oids::timestamp, -1, "0001-01-01 BC", "0001-01-01 00:00:00 BC"},
    {oids::timestamptz, -1, "0001-01-01 BC", "0001-01-01 00:00:00+00 BC"},
    {oids::timestamp, -1, "0000-01-01", "22008 date/time field value out of range: \"0000-01-01\""},
    {oids::timestamp, -1, "epoch", "1970-01-01 00:00:00"},
    {oids::timestamptz, -1, "epoch", "1970-01-01 00:00:00+00"},
    {oids::timestamp, -1, "-infinity", "-infinity"},
    {oids::timestamptz, -1, "+infinity", "22007 invalid input syntax for type timestamp with time zone: \"+infinity\""},
    {oids::date, -1, " infinity ", "infinity"},
    {oids::date, -1, "1999-02-29", "22008 date/time field value out of range: \"1999-02-29\""},
    {oids::date, -1, "2000-02-30", "22008 date/time field value out of range: \"2000-02-30\""},
    {oids::timestamp, -1, "2000-02-30", "22008 date/time field value out of range: \"2000-02-30\""},
    {oids::timestamp, -1, "1999-13-01", "22008 date/time field value out of range: \"1999-13-01\""},
    {oids::timestamptz, -1, "1999-13-01", "22008 date/time field value out of range: \"1999-13-01\""},
    {oids::date, -1, "4714-11-24 BC", "4714-11-24 BC"},
    {oids::timestamptz, -1, "4714-11-23 BC", "22008 timestamp out of range: \"4714-11-23 BC\""},
    {oids::timestamp, -1, "2021-01-01T00:00:00", "2021-01-01 00:00:00"},
    {oids::timestamp, -1, "2021-01-01T00:00:00Z", "2021-01-01 00:00:00"},
    {oids::date, -1, "2021-01-01T000000-05", "2021-01-01"},
    {oids::date, -1, "2021-01-01 24:00:00", "2021-01-01"},
    {oids::timestamptz, -1, "2021-01-01 24:00:00", "2021-01-02 00:00:00+00"},
    {oids::date, -1, "2021-01-01 24:00:01", "22008 date/time field value out of range: \"2021-01-01 24:00:01\""},
    {oids::date, -1, "2021-01-01 23:59:60.5", "22008 date/time field value out of range: \"2021-01-01 23:59:60.5\""},
    {oids::timestamp, -1, "2021-01-01 23:59:60.5", "22008 date/time field value out of range: \"2021-01-01 23:59:60.5\""},
    {oids::timestamp, -1, "2021-01-01 12:34:56.7891234", "2021-01-01 12:34:56.789123"},
    {oids::timestamptz, -1, "2021-01-01 12:34:56.7891234", "2021-01-01 12:34:56.789123+00"},
    {oids::date, -1, "2021-01-01 12:34:56.7891235", "2021-01-01"},
    {oids::date, -1, "2021-01-01 12:34:56.9999999", "2021-01-01"},
    {oids::timestamptz, -1, "2021-01-01 12:34 AM", "2021-01-01 00:34:00+00"},
    {oids::date, -1, "2021-01-01 13:34 AM", "22008 date/time field value out of range: \"2021-01-01 13:34 AM\""},
    {oids::timestamp, -1, "2021-01-01 13:34 AM", "22008 date/time field value out of range: \"2021-01-01 13:34 AM\""},
    {oids::timestamp, -1, "2021-01-01 12:34:56+02:30", "2021-01-01 12:34:56"},
    {oids::timestamptz, -1, "2021-01-01 12:34:56+02:30", "2021-01-01 10:04:56+00"},
    {oids::timestamptz, -1, "2021-01-01 12:34:56-0830", "2021-01-01 21:04:56+00"},
    {oids::timestamptz, -1, "2021-01-01 12:34:56+16", "22009 time zone displacement out of range: \"2021-01-01 12:34:56+16\""},
    {oids::timestamptz, -1, "2021-01-01 12:34:56+15:59", "2020-12-31 20:35:56+00"},
    {oids::date, -1, "2021-01-01 12:34:56 EST", "2021-01-01"},
    {oids::timestamp, -1, "2021-01-01 12:34:56 EST", "2021-01-01 12:34:56"},
    {oids::timestamptz, -1, "2021-01-01 12:34:56 EST", "2021-01-01 17:34:56+00"},
    {oids::date, -1, "2021-07-01 12:34:56 america/new_york", "2021-07-01"},
    {oids::timestamptz, -1, "2021-07-01 12:34:56 america/new_york", "2021-07-01 16:34:56+00"},
    {oids::timestamp, -1, "2021-07-01 12:34:56 foo", "22007 invalid input syntax for type timestamp: \"2021-07-01 12:34:56 foo\""},
    {oids::timestamptz, -1, "2021-07-01 12:34:56 foo", "22007 invalid input syntax for type timestamp with time zone: \"2021-07-01 12:34:56 foo\""},
    {oids::date, -1, "2021-07-01 12:34:56 UTC", "2021-07-01"},
    {oids::timestamp, -1, "2021-03-14 02:30:00 America/New_York", "2021-03-14 02:30:00"},
    {oids::timestamp, -1, "2021-11-07 01:30:00 America/New_York", "2021-11-07 01:30:00"},
    {oids::date, -1, "1900-01-01 00:00:00 Europe/Amsterdam", "1900-01-01"},
    {oids::timestamp, -1, "1900-01-01 00:00:00 Europe/Amsterdam", "1900-01-01 00:00:00"},
    {oids::timestamptz, -1, "1800-01-01 00:00:00 Europe/Paris", "1799-12-31 23:50:39+00"},
    {oids::timestamptz, -1, "2500-07-01 00:00:00 Europe/Paris", "2500-06-30 22:00:00+00"},
    {oids::date, -1, "Wed Dec 17 07:37:16 1997 PST", "1997-12-17"},
    {oids::timestamptz, -1, "17 Dec 1997 07:37:16", "1997-12-17 07:37:16+00"},
    {oids::date, -1, "17.12.1997 07:37:16", "22008 date/time field value out of range: \"17.12.1997 07:37:16\""},
    {oids::timestamp, -1, "19970210 173201 -0800", "1997-02-10 17:32:01"},
    {oids::timestamptz, -1, "19970210 173201.5", "1997-02-10 17:32:01.5+00"},
    {oids::timestamp, -1, "1997.041 17:32:01 UTC", "1997-02-10 17:32:01"},
    {oids::timestamp, -1, "Feb 16 17:32:01 0097 BC", "0097-02-16 17:32:01 BC"},
    {oids::timestamptz, -1, "294277-01-01 00:00:00", "22008 timestamp out of range: \"294277-01-01 00:00:00\""},
    {oids::date, -1, "4714-11-24 00:00:00 BC", "4714-11-24 BC"},
    {oids::timestamptz, -1, "4714-11-24 00:00:00 BC", "4714-11-24 00:00:00+00 BC"},
    {oids::timestamp, -1, "4714-11-23 23:59:59 BC", "22008 timestamp out of range: \"4714-11-23 23:59:59 BC\""},
    {oids::timestamp, -1, "y2001m02d04", "2001-02-04 00:00:00"},
    {oids::timestamptz, -1, "y2001m02d04", "2001-02-04 00:00:00+00"},
    {oids::date, -1, "J2452271+08", "2001-12-27"},
    {oids::date, -1, "J J 1520447", "0551-09-28 BC"},
    {oids::timestamp, -1, "J J 1520447", "0551-09-28 00:00:00 BC"},
    {oids::timestamp, -1, "2001-12-27 04:05:06.789-08", "2001-12-27 04:05:06.789"},
    {oids::timestamptz, -1, "20011227 040506+08", "2001-12-26 20:05:06+00"},
    {oids::date, -1, "20011227T040506-08", "2001-12-27"},
    {oids::date, -1, "20011227T040506.789+08", "2001-12-27"},
    {oids::timestamp, -1, "X", "22007 invalid input syntax for type timestamp: \"X\""},
    {oids::date, -1, "XX-01-01", "22007 invalid input syntax for type date: \"XX-01-01\""},
    {oids::timestamptz, -1, "", "22007 invalid input syntax for type timestamp with time zone: \"\""},
    {oids::date, -1, "2001-02", "22007 invalid input syntax for type date: \"2001-02\""},
    {oids::timestamptz, -1, "2001-02", "22007 invalid input syntax for type timestamp with time zone: \"2001-02\""},
    {oids::timestamp, -1, "2001.2.3", "2001-02-03 00:00:00"},
    {oids::date, -1, "3-2-2001", "2001-03-02"},
    {oids::timestamptz, -1, "3-2-2001", "2001-03-02 00:00:00+00"},
    {oids::date, -1, "2001-2-3-4", "22007 invalid input syntax for type date: \"2001-2-3-4\""},
    {oids::date, -1, "99999999999-01-01", "22008 date/time field value out of range: \"99999999999-01-01\""},
    {oids::timestamp, -1, "1-1-99999999999", "22008 date/time field value out of range: \"1-1-99999999999\""},
    {oids::timestamp, -1, "2001-01-01 00:60:00", "22008 date/time field value out of range: \"2001-01-01 00:60:00\""},
    {oids::date, -1, "2001-01-01 1e5", "22007 invalid input syntax for type date: \"2001-01-01 1e5\""},
    {oids::timestamptz, -1, "2001-01-01 +", "22007 invalid input syntax for type timestamp with time zone: \"2001-01-01 +\""},
    {oids::timestamptz, -1, "monday", "22007 invalid input syntax for type timestamp with time zone: \"monday\""},
    {oids::date, -1, "2001 01 01", "2001-01-01"},
    {oids::timestamp, -1, "2001 01 01", "2001-01-01 00:00:00"},
    {oids::date, -1, "jan 1 2001 at 5:00", "2001-01-01"},
    {oids::timestamp, -1, "jan 1 2001 at 5:00", "2001-01-01 05:00:00"},
    {oids::date, -1, "2001-001", "2001-01-01"},
    {oids::timestamp, -1, "2001-001", "2001-01-01 00:00:00"},
    {oids::date, -1, "2001-366", "2002-01-01"},
    {oids::timestamp, -1, "2001-366", "2002-01-01 00:00:00"},
    {oids::timestamptz, -1, "2001-366", "2002-01-01 00:00:00+00"},
    {oids::date, -1, "2000-01-01 00:00:00.1.2", "22007 invalid input syntax for type date: \"2000-01-01 00:00:00.1.2\""},
    {oids::date, -1, "10-10-10", "2010-10-10"},
    {oids::timestamp, -1, "10-10-10", "2010-10-10 00:00:00"},
    {oids::timestamptz, -1, "1-1-1", "2001-01-01 00:00:00+00"},
    {oids::date, -1, "1-1-1 BC", "0001-01-01 BC"},
    {oids::timestamp, -1, "1-1-1 BC", "0001-01-01 00:00:00 BC"},
    {oids::timestamp, -1, "31-12-99", "22008 date/time field value out of range: \"31-12-99\""},
    {oids::timestamp, -1, "2000-1-1 1:1:1", "2000-01-01 01:01:01"},
    {oids::timestamp, -1, "2000-01-01 12:30 PM +02", "2000-01-01 12:30:00"},
    {oids::timestamp, -1, "01:02:03 2000-01-01", "22007 invalid input syntax for type timestamp: \"01:02:03 2000-01-01\""},
    {oids::timestamptz, -1, "01:02:03 2000-01-01", "22007 invalid input syntax for type timestamp with time zone: \"01:02:03 2000-01-01\""},
    {oids::date, -1, "2000-01-01 1:2", "2000-01-01"},
    {oids::timestamp, -1, "2000-01-01 1:2", "2000-01-01 01:02:00"},
    {oids::date, -1, "2000-01-01 010203", "2000-01-01"},
    {oids::timestamp, -1, "2000-01-01 010203", "2000-01-01 01:02:03"},
    {oids::timestamptz, -1, "2000-01-01 010203", "2000-01-01 01:02:03+00"},
    {oids::timestamp, -1, "2000-01-01 0102", "2000-01-01 01:02:00"},
    {oids::timestamp, -1, "2000-01-01 01020", "22007 invalid input syntax for type timestamp: \"2000-01-01 01020\""},
    {oids::date, -1, "2000-01-01 h 5 m 6 s 7.5", "2000-01-01"},
    {oids::timestamp, -1, "2000-01-01 t 5:00", "2000-01-01 05:00:00"},
    {oids::date, -1, "t 5:00", "22007 invalid input syntax for type date: \"t 5:00\""},
    {oids::date, -1, "2000-01-01 t", "22007 invalid input syntax for type date: \"2000-01-01 t\""},
    {oids::date, -1, "2000-01-01, 5:00", "2000-01-01"},
    {oids::timestamp, -1, "2000-01-01, 5:00", "2000-01-01 05:00:00"},
    {oids::date, -1, "\"2000-01-01\"", "2000-01-01"},
    {oids::timestamptz, -1, "2000-01-01 00:00:00 UTC+3", "2000-01-01 03:00:00+00"},
    {oids::date, -1, "Sat 01 Jan 00:00:00 2000", "2000-01-01"},
    {oids::date, -1, "january", "22007 invalid input syntax for type date: \"january\""},
    {oids::timestamp, -1, "32 jan 2000", "22007 invalid input syntax for type timestamp: \"32 jan 2000\""},
    {oids::date, -1, "2000-jan-00", "22008 date/time field value out of range: \"2000-jan-00\""},
    {oids::date, -1, "2000-00-00", "22008 date/time field value out of range: \"2000-00-00\""},
    {oids::timestamp, -1, "2000-00-00", "22008 date/time field value out of range: \"2000-00-00\""},
    {oids::timestamp, -1, "1 jan", "22007 invalid input syntax for type timestamp: \"1 jan\""},
    {oids::date, -1, "10000-01-01", "10000-01-01"},
    {oids::timestamp, -1, "2038-01-19 03:14:08", "2038-01-19 03:14:08"},
    {oids::timestamptz, -1, "2038-01-19 03:14:08", "2038-01-19 03:14:08+00"},
    {oids::timestamptz, -1, "1970-01-01", "1970-01-01 00:00:00+00"},
    {oids::timestamptz, -1, "2147483647", "22008 date/time field value out of range: \"2147483647\""},
    {oids::date, -1, "infinity 2000", "infinity"},
    {oids::timestamp, -1, "2000-01-01 12:00 zulu", "2000-01-01 12:00:00"},
    {oids::timestamp, -1, "2000-01-01 mst dst", "2000-01-01 00:00:00"},
    {oids::timestamptz, -1, "2000-01-01 mst dst", "2000-01-01 06:00:00+00"},
    {oids::timestamp, 0, "2021-01-01 12:34:56.7891235", "2021-01-01 12:34:57"},
    {oids::timestamptz, 0, "2021-01-01 12:34:56.7891235", "2021-01-01 12:34:57+00"},
    {oids::timestamp, 0, "1999-12-31 23:59:59.995", "2000-01-01 00:00:00"},
    {oids::timestamptz, 0, "1999-12-31 23:59:59.995", "2000-01-01 00:00:00+00"},
    {oids::timestamp, 0, "infinity", "infinity"},
    {oids::timestamptz, 0, "infinity", "infinity"},
    {oids::timestamp, 2, "2021-01-01 12:34:56.7891235", "2021-01-01 12:34:56.79"},
    {oids::timestamptz, 2, "2021-01-01 12:34:56.7891235", "2021-01-01 12:34:56.79+00"},
    {oids::timestamp, 2, "1999-12-31 23:59:59.995", "1999-12-31 23:59:59.99"},
    {oids::timestamptz, 2, "1999-12-31 23:59:59.995", "1999-12-31 23:59:59.99+00"},
    {oids::timestamp, 2, "infinity", "infinity"},
    {oids::timestamptz, 2, "infinity", "infinity"},
    {oids::timestamp, 6, "2021-01-01 12:34:56.7891235", "2021-01-01 12:34:56.789124"},
    {oids::timestamptz, 6, "2021-01-01 12:34:56.7891235", "2021-01-01 12:34:56.789124+00"},
    {oids::timestamp, 6, "1999-12-31 23:59:59.995", "1999-12-31 23:59:59.995"},
    {oids::timestamptz, 6, "1999-12-31 23:59:59.995", "1999-12-31 23:59:59.995+00"},
    {oids::timestamp, 6, "infinity", "infinity"},
    {oids::timestamptz, 6, "infinity", "infinity"},
  };
  IoContext context;
  expect_all(context, cases);
}

TEST(DatetimeForms, Times) {
  const Case cases[] = {
    {oids::timetz, -1, "04:05:06.789", "04:05:06.789+00"},
    {oids::timetz, -1, "04:05:06", "04:05:06+00"},
    {oids::timetz, -1, "04:05", "04:05:00+00"},
    {oids::time, -1, "0405", "04:05:00"},
    {oids::time, -1, "04:05 AM", "04:05:00"},
    {oids::timetz, -1, "04:05 AM", "04:05:00+00"},
    {oids::time, -1, "16:05 PM", "22008 date/time field value out of range: \"16:05 PM\""},
    {oids::timetz, -1, "040506-08", "04:05:06-08"},
    {oids::timetz, -1, "040506+0730", "04:05:06+07:30"},
    {oids::time, -1, "040506+07:30:00", "04:05:06"},
    {oids::timetz, -1, "040506+07:30:00", "04:05:06+07:30"},
    {oids::timetz, -1, "04:05:06 PST", "04:05:06-08"},
    {oids::timetz, -1, "2003-04-12 04:05:06 America/New_York", "04:05:06-04"},
    {oids::time, -1, "04:05:06 America/New_York", "22007 invalid input syntax for type time: \"04:05:06 America/New_York\""},
    {oids::timetz, -1, "04:05:06 America/New_York", "22007 invalid input syntax for type time with time zone: \"04:05:06 America/New_York\""},
    {oids::timetz, -1, "04:05:06 UTC", "04:05:06+00"},
    {oids::timetz, -1, "04:05:06 Etc/GMT+5", "04:05:06-05"},
    {oids::timetz, -1, "24:00", "24:00:00+00"},
    {oids::time, -1, "24:00:01", "22008 date/time field value out of range: \"24:00:01\""},
    {oids::timetz, -1, "24:00:01", "22008 date/time field value out of range: \"24:00:01\""},
    {oids::timetz, -1, "25:00", "22008 date/time field value out of range: \"25:00\""},
    {oids::timetz, -1, "00:00:60", "00:01:00+00"},
    {oids::time, -1, "23:59:60", "24:00:00"},
    {oids::timetz, -1, "23:59:59.9999999", "24:00:00+00"},
    {oids::time, -1, "allballs", "00:00:00"},
    {oids::timetz, -1, "allballs", "00:00:00+00"},
    {oids::timetz, -1, "12:34:56:78", "22007 invalid input syntax for type time with time zone: \"12:34:56:78\""},
    {oids::time, -1, "noon", "22007 invalid input syntax for type time: \"noon\""},
    {oids::time, -1, "04:05:06 foo", "22007 invalid input syntax for type time: \"04:05:06 foo\""},
    {oids::timetz, -1, "2000-01-01", "22007 invalid input syntax for type time with time zone: \"2000-01-01\""},
    {oids::time, -1, "today", "22007 invalid input syntax for type time: \"today\""},
    {oids::time, -1, "04:05:06+16", "22009 time zone displacement out of range: \"04:05:06+16\""},
    {oids::timetz, -1, "04:05:06 z", "04:05:06+00"},
    {oids::time, -1, "T040506", "04:05:06"},
    {oids::timetz, -1, "t04:05:06.5", "04:05:06.5+00"},
    {oids::time, -1, "040506.789+08", "04:05:06.789"},
    {oids::time, -1, "2001-12-27 040506.789-08", "22007 invalid input syntax for type time: \"2001-12-27 040506.789-08\""},
    {oids::timetz, -1, "2001-12-27 040506.789-08", "22007 invalid input syntax for type time with time zone: \"2001-12-27 040506.789-08\""},
    {oids::time, -1, "5.5", "22007 invalid input syntax for type time: \"5.5\""},
    {oids::time, -1, "040506.", "22007 invalid input syntax for type time: \"040506.\""},
    {oids::time, -1, "04:05:06.", "04:05:06"},
    {oids::time, -1, "h 5 m 6", "22007 invalid input syntax for type time: \"h 5 m 6\""},
    {oids::time, -1, "4:5:6", "04:05:06"},
    {oids::timetz, -1, "4:5:6", "04:05:06+00"},
    {oids::time, -1, "m 5", "22007 invalid input syntax for type time: \"m 5\""},
    {oids::timetz, -1, "04:05:06 dst", "22007 invalid input syntax for type time with time zone: \"04:05:06 dst\""},
    {oids::time, -1, "J2451187 04:05:06", "04:05:06"},
    {oids::timetz, -1, "J2451187 04:05:06", "04:05:06+00"},
    {oids::time, -1, "1999-01-08 04:05:06 bc", "04:05:06"},
    {oids::timetz, -1, "1999-01-08 04:05:06 bc", "04:05:06+00"},
  };
  IoContext context;
  expect_all(context, cases);
}

TEST(DatetimeForms, PostgresStyleInNewYork) {
  const Case cases[] = {
    {oids::timestamp, -1, "1/18/1999", "Mon Jan 18 00:00:00 1999"},
    {oids::timestamptz, -1, "1/18/1999", "Mon Jan 18 00:00:00 1999 EST"},
    {oids::timestamptz, -1, "1999-Jan-08", "Fri Jan 08 00:00:00 1999 EST"},
    {oids::timestamp, -1, "Jan-08-1999", "Fri Jan 08 00:00:00 1999"},
    {oids::date, -1, "08-Jan-1999", "01-08-1999"},
    {oids::timestamptz, -1, "08-Jan-99", "Fri Jan 08 00:00:00 1999 EST"},
    {oids::timestamp, -1, "January 8, 99 BC", "Wed Jan 08 00:00:00 0099 BC"},
    {oids::timestamptz, -1, "-infinity", "-infinity"},
    {oids::date, -1, "allballs", "22007 invalid input syntax for type date: \"allballs\""},
    {oids::timestamptz, -1, "allballs", "22007 invalid input syntax for type timestamp with time zone: \"allballs\""},
    {oids::timestamp, -1, "1999-02-29", "22008 date/time field value out of range: \"1999-02-29\""},
    {oids::date, -1, "2000-02-29", "02-29-2000"},
    {oids::timestamp, -1, "5874898-01-01", "22008 timestamp out of range: \"5874898-01-01\""},
    {oids::timestamp, -1, "2021-1-1", "Fri Jan 01 00:00:00 2021"},
    {oids::timestamp, -1, "2021-01-01T00:00:00Z", "Fri Jan 01 00:00:00 2021"},
    {oids::date, -1, "2021-01-01 23:59:60.5", "22008 date/time field value out of range: \"2021-01-01 23:59:60.5\""},
    {oids::date, -1, "2021-01-01 12:34:56 PM", "01-01-2021"},
    {oids::timestamp, -1, "2021-01-01 12:34:56 PM", "Fri Jan 01 12:34:56 2021"},
    {oids::date, -1, "2021-01-01 1:34 pm", "01-01-2021"},
    {oids::timestamp, -1, "2021-01-01 12:34:56+02", "Fri Jan 01 12:34:56 2021"},
    {oids::timestamptz, -1, "2021-01-01 12:34:56+02:30", "Fri Jan 01 05:04:56 2021 EST"},
    {oids::timestamp, -1, "2021-01-01 12:34:56 EST", "Fri Jan 01 12:34:56 2021"},
    {oids::date, -1, "2021-07-01 12:34:56 EDT", "07-01-2021"},
    {oids::timestamptz, -1, "2021-07-01 12:34:56 EST EDT", "22007 invalid input syntax for type timestamp with time zone: \"2021-07-01 12:34:56 EST EDT\""},
    {oids::date, -1, "2021-07-01 12:34:56 America/New_York", "07-01-2021"},
    {oids::date, -1, "1900-01-01 00:00:00 Europe/Amsterdam", "01-01-1900"},
    {oids::timestamp, -1, "1900-01-01 00:00:00 Europe/Amsterdam", "Mon Jan 01 00:00:00 1900"},
    {oids::date, -1, "Dec 17 07:37:16 1997", "12-17-1997"},
    {oids::date, -1, "1997.041 17:32:01 UTC", "02-10-1997"},
    {oids::timestamp, -1, "1997.041 17:32:01 UTC", "Mon Feb 10 17:32:01 1997"},
    {oids::timestamptz, -1, "1997.041 17:32:01 UTC", "Mon Feb 10 12:32:01 1997 EST"},
    {oids::timestamp, -1, "97FEB10 5:32:01PM UTC", "22007 invalid input syntax for type timestamp: \"97FEB10 5:32:01PM UTC\""},
    {oids::timestamp, -1, "97/02/10 17:32:01 UTC", "22008 date/time field value out of range: \"97/02/10 17:32:01 UTC\""},
    {oids::date, -1, "Feb 16 17:32:01 0097 BC", "02-16-0097 BC"},
    {oids::date, -1, "Feb 10 17:32:01 1997 -0800 foo", "22007 invalid input syntax for type date: \"Feb 10 17:32:01 1997 -0800 foo\""},
    {oids::timestamp, -1, "4714-11-24 00:00:00 BC", "Mon Nov 24 00:00:00 4714 BC"},
    {oids::date, -1, "20011227 040506.789-08", "12-27-2001"},
    {oids::date, -1, "20011227T040506-08", "12-27-2001"},
    {oids::date, -1, "X", "22007 invalid input syntax for type date: \"X\""},
    {oids::timestamp, -1, "XX-01-01", "22007 invalid input syntax for type timestamp: \"XX-01-01\""},
    {oids::date, -1, "", "22007 invalid input syntax for type date: \"\""},
    {oids::timestamptz, -1, "1", "22007 invalid input syntax for type timestamp with time zone: \"1\""},
    {oids::date, -1, "2001-02-03 04", "22007 invalid input syntax for type date: \"2001-02-03 04\""},
    {oids::timestamptz, -1, "2001-02", "22007 invalid input syntax for type timestamp with time zone: \"2001-02\""},
    {oids::date, -1, "2001.2.3", "02-03-2001"},
    {oids::timestamp, -1, "3-2-2001", "Fri Mar 02 00:00:00 2001"},
    {oids::timestamp, -1, "2001-01-01 1e5", "22007 invalid input syntax for type timestamp: \"2001-01-01 1e5\""},
    {oids::date, -1, "2000-366", "12-31-2000"},
    {oids::date, -1, "2000-01-01 00:00:00.1.2", "22007 invalid input syntax for type date: \"2000-01-01 00:00:00.1.2\""},
    {oids::timestamptz, -1, "2000-01-01 12:30 PM +02", "Sat Jan 01 05:30:00 2000 EST"},
    {oids::timestamptz, -1, "01:02:03 2000-01-01", "22007 invalid input syntax for type timestamp with time zone: \"01:02:03 2000-01-01\""},
    {oids::timestamptz, -1, "2000-01-01 010203", "Sat Jan 01 01:02:03 2000 EST"},
    {oids::timestamp, -1, "2000-01-01 010203.123", "Sat Jan 01 01:02:03.123 2000"},
    {oids::timestamptz, -1, "y 2000 m 1 d 2 h 3 m 4 s 5.678", "Sun Jan 02 03:04:05.678 2000 EST"},
    {oids::date, -1, "2000-01-01 (foo)", "22007 invalid input syntax for type date: \"2000-01-01 (foo)\""},
    {oids::timestamptz, -1, "january", "22007 invalid input syntax for type timestamp with time zone: \"january\""},
    {oids::timestamp, -1, "2000-jan-00", "22008 date/time field value out of range: \"2000-jan-00\""},
    {oids::date, -1, "99999-01-01", "01-01-99999"},
    {oids::timestamptz, -1, "2038-01-19 03:14:08", "Tue Jan 19 03:14:08 2038 EST"},
    {oids::timestamp, -1, "2147483647", "22008 date/time field value out of range: \"2147483647\""},
  };
  IoContext context;
  context.time_zone = "America/New_York";
  context.date_style = DateStyle::postgres;
  expect_all(context, cases);
}

TEST(DatetimeForms, SqlStyleInParis) {
  const Case cases[] = {
    {oids::timestamp, -1, "1/8/1999", "01/08/1999 00:00:00"},
    {oids::timestamp, -1, "1999-Jan-08", "08/01/1999 00:00:00"},
    {oids::timestamptz, -1, "990108", "08/01/1999 00:00:00 CET"},
    {oids::timestamp, -1, "January 8, 99 BC", "08/01/0099 00:00:00 BC"},
    {oids::timestamptz, -1, "0001-01-01 BC", "01/01/0001 00:00:00 LMT BC"},
    {oids::date, -1, "-infinity", "-infinity"},
    {oids::timestamp, -1, "allballs", "22007 invalid input syntax for type timestamp: \"allballs\""},
    {oids::date, -1, "13/13/1999", "22008 date/time field value out of range: \"13/13/1999\""},
    {oids::timestamp, -1, "5874897-12-31", "22008 timestamp out of range: \"5874897-12-31\""},
    {oids::timestamptz, -1, "5874897-12-31", "22008 timestamp out of range: \"5874897-12-31\""},
    {oids::date, -1, "2021-01-01 23:59:60", "01/01/2021"},
    {oids::timestamptz, -1, "2021-01-01 23:59:60", "02/01/2021 00:00:00 CET"},
    {oids::date, -1, "2021-01-01 12:34:56.9999999", "01/01/2021"},
    {oids::date, -1, "2021-01-01 12:34:56+02:30", "01/01/2021"},
    {oids::timestamp, -1, "2021-01-01 12:34:56-0830", "01/01/2021 12:34:56"},
    {oids::date, -1, "2021-01-01 12:34:56+16", "22009 time zone displacement out of range: \"2021-01-01 12:34:56+16\""},
    {oids::timestamp, -1, "2021-01-01 12:34:56+16", "22009 time zone displacement out of range: \"2021-01-01 12:34:56+16\""},
    {oids::timestamptz, -1, "2021-01-01 12:34:56 EST", "01/01/2021 18:34:56 CET"},
    {oids::date, -1, "2021-07-01 12:34:56 EST EDT", "22007 invalid input syntax for type date: \"2021-07-01 12:34:56 EST EDT\""},
    {oids::timestamp, -1, "2021-07-01 12:34:56 EST EDT", "22007 invalid input syntax for type timestamp: \"2021-07-01 12:34:56 EST EDT\""},
    {oids::timestamp, -1, "2021-11-07 01:30:00 America/New_York", "07/11/2021 01:30:00"},
    {oids::date, -1, "Wed Dec 17 07:37:16 1997 PST", "17/12/1997"},
    {oids::timestamptz, -1, "Wed Dec 17 07:37:16 1997 PST", "17/12/1997 16:37:16 CET"},
    {oids::timestamptz, -1, "17 Dec 1997 07:37:16", "17/12/1997 07:37:16 CET"},
    {oids::date, -1, "12/17/1997 07:37:16.00 PST", "22008 date/time field value out of range: \"12/17/1997 07:37:16.00 PST\""},
    {oids::timestamptz, -1, "Mon Feb 10 17:32:01 1997 -0800", "11/02/1997 02:32:01 CET"},
    {oids::timestamp, -1, "19970210 173201 -0800", "10/02/1997 17:32:01"},
    {oids::timestamp, -1, "97/02/10 17:32:01 UTC", "22008 date/time field value out of range: \"97/02/10 17:32:01 UTC\""},
    {oids::timestamp, -1, "Feb 10 17:32:01 1997 -0800 foo", "22007 invalid input syntax for type timestamp: \"Feb 10 17:32:01 1997 -0800 foo\""},
    {oids::timestamptz, -1, "y2001m02d04", "04/02/2001 00:00:00 CET"},
    {oids::timestamp, -1, "J2452271+08", "27/12/2001 00:00:00"},
    {oids::timestamptz, -1, "20011227T040506.789+08", "26/12/2001 21:05:06.789 CET"},
    {oids::date, -1, "X", "22007 invalid input syntax for type date: \"X\""},
    {oids::timestamp, -1, "12", "22007 invalid input syntax for type timestamp: \"12\""},
    {oids::timestamptz, -1, "12", "22007 invalid input syntax for type timestamp with time zone: \"12\""},
    {oids::date, -1, "12:30", "22007 invalid input syntax for type date: \"12:30\""},
    {oids::date, -1, "3-2-2001", "03/02/2001"},
    {oids::timestamptz, -1, "1-1-99999999999", "22008 date/time field value out of range: \"1-1-99999999999\""},
    {oids::date, -1, "2001-01-01 00:60:00", "22008 date/time field value out of range: \"2001-01-01 00:60:00\""},
    {oids::timestamptz, -1, "2001-01-01 +a", "22007 invalid input syntax for type timestamp with time zone: \"2001-01-01 +a\""},
    {oids::timestamptz, -1, "monday", "22007 invalid input syntax for type timestamp with time zone: \"monday\""},
    {oids::timestamptz, -1, "2001-01-01 monday monday", "22007 invalid input syntax for type timestamp with time zone: \"2001-01-01 monday monday\""},
    {oids::date, -1, "jan 1 2001 at 5:00", "01/01/2001"},
    {oids::timestamp, -1, "2001-366", "01/01/2002 00:00:00"},
    {oids::timestamptz, -1, "2000-366", "31/12/2000 00:00:00 CET"},
    {oids::timestamptz, -1, "2001 366", "01/01/2002 00:00:00 CET"},
    {oids::timestamptz, -1, "2000-01-01 bc bc", "22007 invalid input syntax for type timestamp with time zone: \"2000-01-01 bc bc\""},
    {oids::date, -1, "1-1-1", "01/01/2001"},
    {oids::timestamp, -1, "2000-1-1 1:1:1", "01/01/2000 01:01:01"},
    {oids::timestamp, -1, "2000-01-01 010203", "01/01/2000 01:02:03"},
    {oids::timestamp, -1, "2000-01-01, 5:00", "01/01/2000 05:00:00"},
    {oids::timestamp, -1, "2000-01-01 00:00:00+24", "22009 time zone displacement out of range: \"2000-01-01 00:00:00+24\""},
    {oids::timestamptz, -1, "january", "22007 invalid input syntax for type timestamp with time zone: \"january\""},
    {oids::timestamptz, -1, "2000-jan-00", "22008 date/time field value out of range: \"2000-jan-00\""},
    {oids::timestamptz, -1, "1 jan", "22007 invalid input syntax for type timestamp with time zone: \"1 jan\""},
    {oids::timestamp, -1, "1970-01-01", "01/01/1970 00:00:00"},
    {oids::timestamp, -1, "2147483647", "22008 date/time field value out of range: \"2147483647\""},
    {oids::timestamptz, -1, "2147483647", "22008 date/time field value out of range: \"2147483647\""},
    {oids::timestamptz, -1, "2000-01-01 12:00 zulu", "01/01/2000 13:00:00 CET"},
    {oids::timestamp, -1, "2000-01-01 mst dst", "01/01/2000 00:00:00"},
  };
  IoContext context;
  context.time_zone = "Europe/Paris";
  context.date_style = DateStyle::sql;
  context.date_order = DateOrder::dmy;
  expect_all(context, cases);
}

TEST(DatetimeForms, GermanStyleInKolkata) {
  const Case cases[] = {
    {oids::timestamp, -1, "January 8, 1999", "08.01.1999 00:00:00"},
    {oids::date, -1, "Jan-08-1999", "08.01.1999"},
    {oids::timestamp, -1, "08-Jan-99", "22008 date/time field value out of range: \"08-Jan-99\""},
    {oids::timestamptz, -1, "2000-02-30", "22008 date/time field value out of range: \"2000-02-30\""},
    {oids::timestamp, -1, "1999-13-01", "22008 date/time field value out of range: \"1999-13-01\""},
    {oids::timestamp, -1, "2021-1-1", "01.01.2021 00:00:00"},
    {oids::date, -1, "2021-01-01 24:00:00", "01.01.2021"},
    {oids::timestamptz, -1, "2021-01-01 24:00:00", "02.01.2021 00:00:00 IST"},
    {oids::date, -1, "2021-01-01 23:59:60.5", "22008 date/time field value out of range: \"2021-01-01 23:59:60.5\""},
    {oids::timestamp, -1, "2021-01-01 12:34:56.9999999", "01.01.2021 12:34:57"},
    {oids::timestamp, -1, "2021-01-01 13:34 AM", "22008 date/time field value out of range: \"2021-01-01 13:34 AM\""},
    {oids::date, -1, "2021-01-01 12:34:56+16", "22009 time zone displacement out of range: \"2021-01-01 12:34:56+16\""},
    {oids::date, -1, "2021-07-01 12:34:56 EDT", "01.07.2021"},
    {oids::timestamptz, -1, "2021-07-01 12:34:56 foo", "22007 invalid input syntax for type timestamp with time zone: \"2021-07-01 12:34:56 foo\""},
    {oids::timestamp, -1, "2021-03-14 02:30:00 America/New_York", "14.03.2021 02:30:00"},
    {oids::timestamp, -1, "1900-01-01 00:00:00 Europe/Amsterdam", "01.01.1900 00:00:00"},
    {oids::timestamp, -1, "2500-07-01 00:00:00 Europe/Paris", "01.07.2500 00:00:00"},
    {oids::date, -1, "19970210 173201.5", "10.02.1997"},
    {oids::timestamptz, -1, "19970210 173201.5", "10.02.1997 17:32:01.5 IST"},
    {oids::timestamptz, -1, "97FEB10 5:32:01PM UTC", "10.02.1997 23:02:01 IST"},
    {oids::date, -1, "Feb 16 17:32:01 5097 BC", "22008 date out of range: \"Feb 16 17:32:01 5097 BC\""},
    {oids::timestamptz, -1, "Feb 10 17:32:01 1997 -0800 foo", "22007 invalid input syntax for type timestamp with time zone: \"Feb 10 17:32:01 1997 -0800 foo\""},
    {oids::date, -1, "4714-11-24 00:00:00 BC", "24.11.4714 BC"},
    {oids::date, -1, "y2001m02d04", "04.02.2001"},
    {oids::timestamptz, -1, "J2452271+08", "26.12.2001 21:30:00 IST"},
    {oids::date, -1, "2001-12-27 04:05:06.789-08", "27.12.2001"},
    {oids::timestamptz, -1, "20011227T040506-08", "27.12.2001 17:35:06 IST"},
    {oids::date, -1, "12", "22007 invalid input syntax for type date: \"12\""},
    {oids::date, -1, "2001-02", "22007 invalid input syntax for type date: \"2001-02\""},
    {oids::date, -1, "2001 01 01", "01.01.2001"},
    {oids::timestamp, -1, "01 01 2001", "22008 date/time field value out of range: \"01 01 2001\""},
    {oids::timestamp, -1, "2000-366", "31.12.2000 00:00:00"},
    {oids::timestamp, -1, "2000-01-01 AD", "01.01.2000 00:00:00"},
    {oids::date, -1, "01:02:03 2000-01-01", "22007 invalid input syntax for type date: \"01:02:03 2000-01-01\""},
    {oids::timestamptz, -1, "01:02:03 2000-01-01", "22007 invalid input syntax for type timestamp with time zone: \"01:02:03 2000-01-01\""},
    {oids::timestamp, -1, "2000-01-01 010203", "01.01.2000 01:02:03"},
    {oids::timestamptz, -1, "2000-01-01 010203", "01.01.2000 01:02:03 IST"},
    {oids::timestamptz, -1, "2000-01-01 01020", "22007 invalid input syntax for type timestamp with time zone: \"2000-01-01 01020\""},
    {oids::timestamp, -1, "32 jan 2000", "22008 date/time field value out of range: \"32 jan 2000\""},
    {oids::timestamp, -1, "2000-01-01 mst dst", "01.01.2000 00:00:00"},
  };
  IoContext context;
  context.time_zone = "Asia/Kolkata";
  context.date_style = DateStyle::german;
  context.date_order = DateOrder::ymd;
  expect_all(context, cases);
}

}  // namespace
}  // namespace dvecdb::server::types
