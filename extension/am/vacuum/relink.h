#pragma once

#include <vector>

#include "dvecdb/candidate_pool.h"
#include "extension/am/pages/page_patch.h"
#include "extension/am/vacuum/survey.h"
#include "extension/am/walk/node_reader.h"

namespace dvecdb::extension {

/// Has lists lead again to live nodes to which none does: neighbors of such a node take a link to
/// it, in a free place or in that of a link whose node other lists lead to as well.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows what it is made of.
class Relink {
 public:
  Relink(NodeReader& reader, Survey& survey) : reader_(reader), survey_(survey) {}

  /// The group of the node whose list has changed for that; kNoGroup if none has.
  std::uint32_t relink(NodeId node);

  static constexpr std::uint32_t kNoGroup = 0xffffffffu;

 private:
  bool load(NodeId node);
  bool add_link(NodeId from, NodeId to);
  std::size_t replaceable_place();

  NodeReader& reader_;
  Survey& survey_;
  NodeQuery query_;  // the node
  NodeQuery other_;  // the one that is to lead to it
  NodeView view_;
  PagePatch patch_;
  std::vector<core::Candidate> neighbors_;
};

}  // namespace dvecdb::extension
