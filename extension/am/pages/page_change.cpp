#include "extension/am/pages/page_change.h"

extern "C" {
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

Oid built_unlogged = InvalidOid;

}  // namespace

UnloggedBuild::UnloggedBuild(Oid index) {
  built_unlogged = index;
}

UnloggedBuild::~UnloggedBuild() {
  built_unlogged = InvalidOid;
}

bool is_built_unlogged(Relation relation) {
  return built_unlogged == RelationGetRelid(relation);
}

}  // namespace dvecdb::extension
