#include "extension/types/checks.h"

namespace dvecdb::extension {
namespace {

int sqlstate_of(core::Refusal refusal) {
  switch (refusal) {
    case core::Refusal::invalid_text_representation:
      return ERRCODE_INVALID_TEXT_REPRESENTATION;
    case core::Refusal::numeric_value_out_of_range:
      return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
    case core::Refusal::data_exception:
      return ERRCODE_DATA_EXCEPTION;
    case core::Refusal::program_limit_exceeded:
      return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
    case core::Refusal::invalid_parameter_value:
      return ERRCODE_INVALID_PARAMETER_VALUE;
    case core::Refusal::protocol_violation:
      return ERRCODE_PROTOCOL_VIOLATION;
  }
  return ERRCODE_INTERNAL_ERROR;
}

}  // namespace

void raise(const core::InputFault& fault) {
  const bool has_quote = fault.quoted.data() != nullptr;
  const char* mark = has_quote ? "\"" : "";
  ereport(ERROR, (errcode(sqlstate_of(fault.refusal)),
                  errmsg("%s%s%.*s%s%s", fault.lead, mark, static_cast<int>(fault.quoted.size()),
                         has_quote ? fault.quoted.data() : "", mark, fault.tail),
                  fault.detail == nullptr ? 0 : errdetail("%s", fault.detail)));
}

}  // namespace dvecdb::extension
