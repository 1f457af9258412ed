// The tables of implemented functions, one a family, in the .cpp file named after it.
// Internal to the room: others ask Registry.
#pragma once

#include <span>

#include "server/functions/function.h"

namespace dvecdb::server::functions {

using ScalarTable = std::span<const ScalarEntry>;
using AggregateTable = std::span<const AggregateEntry>;
using SetTable = std::span<const SetEntry>;

// Numbers, dates and times.
ScalarTable comparison_functions();
ScalarTable integer_functions();
ScalarTable float_functions();
ScalarTable numeric_functions();
ScalarTable number_cast_functions();
ScalarTable hash_functions();
ScalarTable math_functions();
ScalarTable datetime_functions();
ScalarTable datetime_field_functions();
ScalarTable datetime_truncation_functions();
ScalarTable datetime_cast_functions();
ScalarTable interval_functions();
ScalarTable clock_functions();
ScalarTable date_printing_functions();
ScalarTable date_reading_functions();
ScalarTable number_picture_functions();
AggregateTable number_aggregates();
AggregateTable statistics_aggregates();
AggregateTable ordered_set_aggregates();
SetTable series_sets();

// Text, bytes, documents, collections and vectors.
ScalarTable text_functions();
ScalarTable regex_functions();
ScalarTable bytea_functions();
ScalarTable array_functions();
ScalarTable record_functions();
ScalarTable json_functions();
ScalarTable vector_functions();
ScalarTable bit_functions();
ScalarTable network_functions();
ScalarTable uuid_functions();
ScalarTable enum_functions();
AggregateTable text_aggregates();
AggregateTable array_aggregates();
AggregateTable json_aggregates();
AggregateTable vector_aggregates();
SetTable text_sets();
SetTable array_sets();
SetTable json_sets();

}  // namespace dvecdb::server::functions
