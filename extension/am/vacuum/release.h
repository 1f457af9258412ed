#pragma once

#include "extension/am/vacuum/survey.h"

namespace dvecdb::extension {

struct Released {
  std::uint32_t first_group;  ///< with a free slot; Survey::groups if there is none
  std::uint32_t empty_groups;
  NodeSet live;  ///< nodes, those inserted since the survey, too
};

/// Frees the dead nodes of a survey, to which no list leads any more, and their items. To the
/// survey they are free then.
Released release_dead(const IndexVacuumInfo* info, const Index& index, Survey& survey);

}  // namespace dvecdb::extension
