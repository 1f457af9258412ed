#pragma once

#include <vector>

#include "extension/am/insert/insert_scratch.h"
#include "extension/am/pages/locked_pages.h"

namespace dvecdb::extension {

/// Links to the new node on the lowest level. Lists are read, changes planned, then pages are
/// locked a few at a time, in the order of their blocks, and the lists changed that are still as
/// they were read; the others are read again. What others give up the new node leads to before.
///
/// The caller holds no lock on any page of the index. Trivially destructible.
class LowestLinks {
 public:
  explicit LowestLinks(InsertScratch& scratch)
      : scratch_(scratch), layout_(scratch.index.layout()) {}

  /// Plans the links while the new node is not written and has no number (kNoNode stands for it),
  /// into scratch.planned. What others are to give up comes to its list (scratch.levels), so that
  /// this need not be changed once it is written.
  void plan_ahead(const std::vector<NewLink>& links);

  /// Once the node is written. Whether a live node leads to it by that.
  bool write_planned();

  /// Links that were not planned, of a node that is written; as write_planned().
  bool write(const NewLink* links, std::size_t count);

  /// Has the new node, which is written, lead to another; false if its list has no place for it.
  bool lead_to(NodeId node);

  /// Takes links that no longer lead to live nodes out of the new node's list, if nobody was at it.
  /// For a node that nobody leads to, so that nobody relies on them.
  void forget_gone();

 private:
  void set_links(const NewLink* links, std::size_t count);
  bool write_rest(int attempts);
  void plan_all();
  bool plan(PlannedLink& one);
  bool name_node(PlannedLink& one);
  void take_over();
  void apply_all();
  std::size_t apply_some(std::size_t first);
  std::size_t add_pages(std::size_t first);
  bool has_reasons(const ListChange& change);
  bool is_as_seen(const PlannedLink& link, NodeHeader* header) const;
  void apply(PlannedLink& one, Page page);
  void write(const ListChange& change, NodeHeader* header);

  InsertScratch& scratch_;
  const Layout& layout_;
  LockedPages pages_;
  bool is_linked_ = false;  ///< somebody leads to the new node
};

}  // namespace dvecdb::extension
