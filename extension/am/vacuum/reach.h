#pragma once

#include <vector>

#include "extension/am/vacuum/list_repair.h"
#include "extension/am/vacuum/survey.h"

namespace dvecdb::extension {

/// Which live nodes the entry leads to on the lowest level. Most of it is found page after page,
/// since neighbors lie close to each other; what remains, link by link.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows what it is made of.
class Reach {
 public:
  Reach(const IndexVacuumInfo* info, const Layout& layout) : info_(info), layout_(layout) {}

  /// Begins anew, from the entry, for the nodes below `count`.
  void begin(NodeId entry, NodeId count);

  NodeId entry() const { return entry_; }
  bool has(NodeId node) const { return reached_.has(node); }

  /// Adds a node and all that it leads to.
  void spread(NodeId node);

 private:
  bool pass();
  void expand(NodePages& pages);
  bool copy_links(NodeId node);

  const IndexVacuumInfo* info_;
  const Layout& layout_;
  NodeId entry_ = kNoNode;
  NodeSet reached_;
  NodeSet expanded_;
  std::vector<NodeId> waiting_;
  LinkList list_;
  bool has_found_ = false;
};

}  // namespace dvecdb::extension
