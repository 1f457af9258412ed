// Errors as a PostgreSQL client sees them.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace dvecdb::server::types {

// Five-character SQLSTATE codes under PostgreSQL's names (Appendix A of its manual).
namespace sqlstate {
inline constexpr std::string_view successful_completion = "00000";
inline constexpr std::string_view warning = "01000";
inline constexpr std::string_view connection_failure = "08006";
inline constexpr std::string_view protocol_violation = "08P01";
inline constexpr std::string_view feature_not_supported = "0A000";
inline constexpr std::string_view cardinality_violation = "21000";
inline constexpr std::string_view data_exception = "22000";
inline constexpr std::string_view string_data_right_truncation = "22001";
inline constexpr std::string_view null_value_not_allowed = "22004";
inline constexpr std::string_view numeric_value_out_of_range = "22003";
inline constexpr std::string_view invalid_datetime_format = "22007";
inline constexpr std::string_view datetime_field_overflow = "22008";
inline constexpr std::string_view invalid_time_zone_displacement_value = "22009";
inline constexpr std::string_view interval_field_overflow = "22015";
inline constexpr std::string_view substring_error = "22011";
inline constexpr std::string_view division_by_zero = "22012";
inline constexpr std::string_view invalid_argument_for_width_bucket = "2201G";
inline constexpr std::string_view invalid_argument_for_logarithm = "2201E";
inline constexpr std::string_view invalid_argument_for_power_function = "2201F";
inline constexpr std::string_view invalid_row_count_in_limit_clause = "2201W";
inline constexpr std::string_view invalid_row_count_in_result_offset_clause = "2201X";
inline constexpr std::string_view invalid_regular_expression = "2201B";
inline constexpr std::string_view character_not_in_repertoire = "22021";
inline constexpr std::string_view invalid_parameter_value = "22023";
inline constexpr std::string_view invalid_escape_sequence = "22025";
inline constexpr std::string_view string_data_length_mismatch = "22026";
inline constexpr std::string_view array_subscript_error = "2202E";
inline constexpr std::string_view invalid_text_representation = "22P02";
inline constexpr std::string_view invalid_binary_representation = "22P03";
inline constexpr std::string_view bad_copy_file_format = "22P04";
inline constexpr std::string_view untranslatable_character = "22P05";
inline constexpr std::string_view program_limit_exceeded = "54000";
inline constexpr std::string_view statement_too_complex = "54001";
inline constexpr std::string_view too_many_columns = "54011";
inline constexpr std::string_view too_many_arguments = "54023";
inline constexpr std::string_view integrity_constraint_violation = "23000";
inline constexpr std::string_view not_null_violation = "23502";
inline constexpr std::string_view foreign_key_violation = "23503";
inline constexpr std::string_view unique_violation = "23505";
inline constexpr std::string_view check_violation = "23514";
inline constexpr std::string_view invalid_cursor_state = "24000";
inline constexpr std::string_view active_sql_transaction = "25001";
inline constexpr std::string_view read_only_sql_transaction = "25006";
inline constexpr std::string_view no_active_sql_transaction = "25P01";
inline constexpr std::string_view in_failed_sql_transaction = "25P02";
inline constexpr std::string_view idle_in_transaction_session_timeout = "25P03";
inline constexpr std::string_view invalid_sql_statement_name = "26000";
inline constexpr std::string_view invalid_authorization_specification = "28000";
inline constexpr std::string_view invalid_password = "28P01";
inline constexpr std::string_view dependent_objects_still_exist = "2BP01";
inline constexpr std::string_view invalid_cursor_name = "34000";
inline constexpr std::string_view invalid_savepoint_specification = "3B001";
inline constexpr std::string_view invalid_catalog_name = "3D000";
inline constexpr std::string_view invalid_schema_name = "3F000";
inline constexpr std::string_view serialization_failure = "40001";
inline constexpr std::string_view syntax_error_or_access_rule_violation = "42000";
inline constexpr std::string_view syntax_error = "42601";
inline constexpr std::string_view insufficient_privilege = "42501";
inline constexpr std::string_view cannot_coerce = "42846";
inline constexpr std::string_view grouping_error = "42803";
inline constexpr std::string_view windowing_error = "42P20";
inline constexpr std::string_view invalid_recursion = "42P19";
inline constexpr std::string_view invalid_foreign_key = "42830";
inline constexpr std::string_view invalid_name = "42602";
inline constexpr std::string_view name_too_long = "42622";
inline constexpr std::string_view reserved_name = "42939";
inline constexpr std::string_view datatype_mismatch = "42804";
inline constexpr std::string_view indeterminate_datatype = "42P18";
inline constexpr std::string_view collation_mismatch = "42P21";
inline constexpr std::string_view wrong_object_type = "42809";
inline constexpr std::string_view generated_always = "428C9";
inline constexpr std::string_view undefined_column = "42703";
inline constexpr std::string_view undefined_function = "42883";
inline constexpr std::string_view undefined_table = "42P01";
inline constexpr std::string_view undefined_parameter = "42P02";
inline constexpr std::string_view undefined_object = "42704";
inline constexpr std::string_view duplicate_column = "42701";
inline constexpr std::string_view duplicate_cursor = "42P03";
inline constexpr std::string_view duplicate_database = "42P04";
inline constexpr std::string_view duplicate_function = "42723";
inline constexpr std::string_view duplicate_prepared_statement = "42P05";
inline constexpr std::string_view duplicate_schema = "42P06";
inline constexpr std::string_view duplicate_table = "42P07";
inline constexpr std::string_view duplicate_alias = "42712";
inline constexpr std::string_view duplicate_object = "42710";
inline constexpr std::string_view ambiguous_column = "42702";
inline constexpr std::string_view ambiguous_function = "42725";
inline constexpr std::string_view ambiguous_alias = "42P09";
inline constexpr std::string_view invalid_column_reference = "42P10";
inline constexpr std::string_view invalid_cursor_definition = "42P11";
inline constexpr std::string_view invalid_database_definition = "42P12";
inline constexpr std::string_view invalid_function_definition = "42P13";
inline constexpr std::string_view invalid_prepared_statement_definition = "42P14";
inline constexpr std::string_view invalid_schema_definition = "42P15";
inline constexpr std::string_view invalid_table_definition = "42P16";
inline constexpr std::string_view invalid_object_definition = "42P17";
inline constexpr std::string_view with_check_option_violation = "44000";
inline constexpr std::string_view disk_full = "53100";
inline constexpr std::string_view out_of_memory = "53200";
inline constexpr std::string_view too_many_connections = "53300";
inline constexpr std::string_view configuration_limit_exceeded = "53400";
inline constexpr std::string_view object_not_in_prerequisite_state = "55000";
inline constexpr std::string_view object_in_use = "55006";
inline constexpr std::string_view cant_change_runtime_param = "55P02";
inline constexpr std::string_view lock_not_available = "55P03";
inline constexpr std::string_view query_canceled = "57014";
inline constexpr std::string_view admin_shutdown = "57P01";
inline constexpr std::string_view cannot_connect_now = "57P03";
inline constexpr std::string_view io_error = "58030";
inline constexpr std::string_view internal_error = "XX000";
inline constexpr std::string_view data_corrupted = "XX001";
inline constexpr std::string_view index_corrupted = "XX002";
}  // namespace sqlstate

// Everything that an ErrorResponse or NoticeResponse can say. Empty fields are not sent.
// `position` is 1-based in characters of the statement text, 0 when there is none.
struct ErrorFields {
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  std::string where;
  int position = 0;
  std::string schema;
  std::string table;
  std::string column;
  std::string datatype;
  std::string constraint;
};

// Thrown for every problem that the client caused or must hear of. Setters chain:
//   throw SqlError(sqlstate::undefined_table, "relation \"x\" does not exist").at(15);
class SqlError : public std::exception {
 public:
  SqlError(std::string_view sqlstate, std::string message) {
    fields_.sqlstate = sqlstate;
    fields_.message = std::move(message);
  }

  SqlError& detail(std::string text) { return set(fields_.detail, std::move(text)); }
  SqlError& hint(std::string text) { return set(fields_.hint, std::move(text)); }
  SqlError& where(std::string text) { return set(fields_.where, std::move(text)); }
  SqlError& schema(std::string name) { return set(fields_.schema, std::move(name)); }
  SqlError& table(std::string name) { return set(fields_.table, std::move(name)); }
  SqlError& column(std::string name) { return set(fields_.column, std::move(name)); }
  SqlError& datatype(std::string name) { return set(fields_.datatype, std::move(name)); }
  SqlError& constraint(std::string name) { return set(fields_.constraint, std::move(name)); }
  SqlError& at(int position) {
    fields_.position = position;
    return *this;
  }

  const ErrorFields& fields() const { return fields_; }
  const std::string& sqlstate() const { return fields_.sqlstate; }
  const char* what() const noexcept override { return fields_.message.c_str(); }

 private:
  SqlError& set(std::string& field, std::string text) {
    field = std::move(text);
    return *this;
  }

  ErrorFields fields_;
};

}  // namespace dvecdb::server::types
