#pragma once

#include "extension/am/vacuum/survey.h"

namespace dvecdb::extension {

/// Frees the dead nodes of a survey, to which no list leads any more, and their items.
struct Released {
  std::uint32_t first_group;  ///< with a free slot; Survey::groups if there is none
  std::uint32_t empty_groups;
};
Released release_dead(const IndexVacuumInfo* info, const Index& index, const Survey& survey);

}  // namespace dvecdb::extension
