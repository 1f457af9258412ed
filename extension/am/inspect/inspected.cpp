#include "extension/am/inspect/inspected.h"

#include <cstdarg>

#include "extension/am/options.h"

extern "C" {
#include <access/genam.h>
#include <access/table.h>
#include <catalog/index.h>
#include <catalog/pg_class.h>
#include <lib/stringinfo.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

void require_hnsw(Relation index) {
  if (!is_hnsw(index)) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                    errmsg("index \"%s\" is not an hnsw index", RelationGetRelationName(index))));
  }
  if (RELATION_IS_OTHER_TEMP(index)) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("index \"%s\" is a temporary one of another session",
                           RelationGetRelationName(index))));
  }
}

void require_right_to_read(Relation table) {
  const AclResult answer = pg_class_aclcheck(RelationGetRelid(table), GetUserId(), ACL_SELECT);
  if (answer != ACLCHECK_OK) {
    aclcheck_error(answer, get_relkind_objtype(table->rd_rel->relkind),
                   RelationGetRelationName(table));
  }
}

[[noreturn]] void raise_not_an_index(Oid oid) {
  const char* name = get_rel_name(oid);
  if (name == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("there is no index %u", oid)));
  }
  ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not an index", name),
                  errhint("The parts of a partitioned index are indexes.")));
}

}  // namespace

Inspected open_inspected(Oid index, LOCKMODE lock) {
  const bool is_index = get_rel_relkind(index) == RELKIND_INDEX;
  // The table before its index, as everybody does.
  const Oid table = is_index ? IndexGetRelation(index, true) : InvalidOid;
  if (!OidIsValid(table)) {
    raise_not_an_index(index);
  }
  Inspected inspected;
  inspected.lock = lock;
  inspected.table = table_open(table, lock);
  inspected.index = index_open(index, lock);
  require_hnsw(inspected.index);
  require_right_to_read(inspected.table);
  return inspected;
}

void require_valid(const Inspected& inspected) {
  if (!inspected.index->rd_index->indisvalid) {
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("index \"%s\" is not valid", RelationGetRelationName(inspected.index)),
                    errhint("An interrupted CREATE INDEX CONCURRENTLY leaves such an index: "
                            "drop it, or REINDEX it.")));
  }
}

void close_inspected(const Inspected& inspected) {
  index_close(inspected.index, inspected.lock);
  table_close(inspected.table, inspected.lock);
}

void raise_damaged(Relation index, const char* format, ...) {
  StringInfoData detail;
  initStringInfo(&detail);
  for (;;) {
    va_list arguments;
    va_start(arguments, format);
    const int missing = appendStringInfoVA(&detail, format, arguments);
    va_end(arguments);
    if (missing == 0) {
      break;
    }
    enlargeStringInfo(&detail, missing);
  }
  ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
                  errmsg("index \"%s\" is damaged", RelationGetRelationName(index)),
                  errdetail_internal("%s", detail.data), errhint("REINDEX the index.")));
}

}  // namespace dvecdb::extension
