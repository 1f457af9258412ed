#pragma once

#include <vector>

#include "dvecdb/candidate_pool.h"
#include "extension/am/pages/page_patch.h"
#include "extension/am/vacuum/list_repair.h"
#include "extension/am/vacuum/reach.h"

namespace dvecdb::extension {

/// Has lists lead again to live nodes that the entry does not lead to: a node near to such a one,
/// and that is reached, takes a link to it, in a free place or in that of a link whose node other
/// lists lead to as well.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows what it is made of.
class Relink {
 public:
  Relink(NodeReader& reader, ListRepair& lists, Reach& reach, Survey& survey)
      : reader_(reader), lists_(lists), reach_(reach), survey_(survey) {}

  /// The group of the node whose list has changed for that; kNoGroup if none has.
  std::uint32_t relink(NodeId node);

  static constexpr std::uint32_t kNoGroup = 0xffffffffu;

 private:
  enum class Place { free, any };
  bool add_link(NodeId from, NodeId to, Place wanted);
  bool is_alone(NodeId node);
  std::size_t replaceable_place();

  NodeReader& reader_;
  ListRepair& lists_;
  Reach& reach_;
  Survey& survey_;
  NodeQuery query_;  // the node that is to lead there
  NodeView view_;
  PagePatch patch_;
  std::vector<core::Candidate> near_;
};

}  // namespace dvecdb::extension
