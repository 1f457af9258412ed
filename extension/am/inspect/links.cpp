#include "extension/am/inspect/links.h"

#include <algorithm>

#include "extension/am/inspect/inspected.h"
#include "extension/am/pages/items.h"
#include "extension/guard.h"

namespace dvecdb::extension {
namespace {

/// Above these an index is not only waiting for VACUUM.
constexpr double kStrayShare = 0.05;
constexpr std::uint64_t kStrayLinks = 100;

class LinkCheck {
 public:
  LinkCheck(PageReader& reader, const Layout& layout, const IndexSurvey& survey)
      : reader_(reader), layout_(layout), survey_(survey) {}

  void run() {
    for (std::uint32_t group = 0; group < survey_.groups; ++group) {
      if (survey_.is_node(layout_.node_of(group, 0))) {
        const Page page = reader_.read(layout_.first_block(group));
        for_each_slot(page, layout_, group,
                      [&](NodeId node, NodeHeader* header) { check(node, header); });
      }
    }
    if (stray_ > kStrayLinks && static_cast<double>(stray_) > kStrayShare * links_) {
      raise_damaged(reader_.index(), UINT64_FORMAT " of %.0f links lead astray.", stray_, links_);
    }
  }

 private:
  void check(NodeId node, NodeHeader* header) {
    if (header->state != NodeState::live) {
      return;
    }
    check_list(node, 0, layout_.links(header),
               std::min<std::uint32_t>(header->link_count, layout_.max_links()));
    if (header->level > 0) {
      check_upper(node, *header);
    }
  }

  void check_upper(NodeId node, const NodeHeader& header) {
    const std::uint32_t m = layout_.max_links() / 2;
    std::size_t size;
    std::uint8_t* bytes = read_items(reader_.index(), header.upper, node, ItemKind::links, &size);
    if (size != header.level * m * sizeof(NodeId)) {
      raise_damaged(reader_.index(), "The links of node %u above the lowest level take %zu bytes.",
                    node, size);
    }
    auto* links = reinterpret_cast<NodeId*>(bytes);
    for (std::uint32_t level = 1; level <= header.level; ++level, links += m) {
      const auto count = static_cast<std::uint32_t>(std::find(links, links + m, kNoNode) - links);
      check_list(node, level, links, count);
    }
    pfree(bytes);
  }

  /// Sorts the list.
  void check_list(NodeId node, std::uint32_t level, NodeId* links, std::uint32_t count) {
    std::sort(links, links + count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const NodeId link = links[i];
      if (!survey_.is_node(link)) {
        raise_damaged(reader_.index(), "Node %u has a link on level %u to what is no node, %u.",
                      node, level, link);
      }
      const bool is_new = link != node && (i == 0 || link != links[i - 1]);
      const bool is_there = survey_.state(link) != NodeState::free && survey_.levels[link] >= level;
      stray_ += is_new && is_there ? 0 : 1;
    }
    links_ += count;
  }

  PageReader& reader_;
  const Layout& layout_;
  const IndexSurvey& survey_;
  std::uint64_t stray_ = 0;
  double links_ = 0;
};

}  // namespace

void check_links(PageReader& reader, const Layout& layout, const IndexSurvey& survey) {
  LinkCheck(reader, layout, survey).run();
}

}  // namespace dvecdb::extension
