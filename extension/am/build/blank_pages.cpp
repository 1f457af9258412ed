#include "extension/am/build/blank_pages.h"

#include "extension/am/pages/index.h"

namespace dvecdb::extension {

const BlankPages* make_blank_pages() {
  auto* blank = static_cast<BlankPages*>(palloc(sizeof(BlankPages)));
  init_page(blank->node.data, PageKind::node);
  init_page(blank->row.data, PageKind::row);
  init_page(blank->vector.data, PageKind::vector);
  init_page(blank->item.data, PageKind::item);
  return blank;
}

}  // namespace dvecdb::extension
