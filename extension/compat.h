// What differs between the versions of PostgreSQL, 15 to 18: the only place that asks for them.
// Included by extension/postgres.h.
#pragma once

extern "C" {
#if PG_VERSION_NUM >= 160000
#include <varatt.h>
#endif
}

#if PG_VERSION_NUM < 150000
#error "PostgreSQL 15 or newer is needed"
#endif

// Until PostgreSQL 16 this is empty, and the module's symbols are hidden unless they say otherwise.
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

// What ReadRecentBuffer calls a relation by.
#if PG_VERSION_NUM < 160000
#define DVECDB_LOCATOR(relation) ((relation)->rd_node)
#define DVECDB_LOCATOR_NUMBER(relation) ((relation)->rd_node.relNode)
#define DVECDB_TAG_NUMBER(tag) ((tag).rnode.relNode)
#else
#define DVECDB_LOCATOR(relation) ((relation)->rd_locator)
#define DVECDB_LOCATOR_NUMBER(relation) ((relation)->rd_locator.relNumber)
#define DVECDB_TAG_NUMBER(tag) ((tag).relNumber)
#endif

// Since 18 the planner compares costs only among paths that nothing forbids.
#if PG_VERSION_NUM >= 180000
#define DVECDB_DISABLE_PATH(path) ((path).disabled_nodes = 2)
#else
#define DVECDB_DISABLE_PATH(path) static_cast<void>(path)
#endif

// Since 18 an index scan is told where to count for EXPLAIN.
#if PG_VERSION_NUM >= 180000
#define DVECDB_INDEX_BEGINSCAN(table, index, snapshot, keys, order_bys) \
  index_beginscan(table, index, snapshot, nullptr, keys, order_bys)
#else
#define DVECDB_INDEX_BEGINSCAN index_beginscan
#endif

// Vacuum's pauses; to be called with commands/vacuum.h included.
#if PG_VERSION_NUM >= 180000
#define DVECDB_VACUUM_DELAY() vacuum_delay_point(false)
#else
#define DVECDB_VACUUM_DELAY() vacuum_delay_point()
#endif

// What tells a transaction of this process from another.
#if PG_VERSION_NUM < 170000
#define DVECDB_LOCAL_TRANSACTION (MyProc->lxid)
#else
#define DVECDB_LOCAL_TRANSACTION (MyProc->vxid.lxid)
#endif

// What the length of a piece of a WAL record is given as.
#if PG_VERSION_NUM < 160000
#define DVECDB_WAL_LENGTH(size) static_cast<int>(size)
#else
#define DVECDB_WAL_LENGTH(size) static_cast<uint32>(size)
#endif

// Whether a sort key goes from the least to the greatest.
#if PG_VERSION_NUM < 180000
#define DVECDB_IS_ASCENDING(key) ((key)->pk_strategy == BTLessStrategyNumber)
#else
#define DVECDB_IS_ASCENDING(key) ((key)->pk_cmptype == COMPARE_LT)
#endif

// A path that is as unwanted as another; before 18 that is in its costs.
#if PG_VERSION_NUM >= 180000
#define DVECDB_DISABLE_LIKE(path, other) ((path).disabled_nodes = (other).disabled_nodes)
#else
#define DVECDB_DISABLE_LIKE(path, other) static_cast<void>(path)
#endif

// Since 18 EXPLAIN tells how often an index was searched.
#if PG_VERSION_NUM >= 180000
#define DVECDB_COUNT_SEARCH(scan) \
  if ((scan)->instrument != nullptr) ++(scan)->instrument->nsearches
#else
#define DVECDB_COUNT_SEARCH(scan) static_cast<void>(scan)
#endif

// Until 16 a page may have lost rows that an old snapshot should see.
#if PG_VERSION_NUM < 170000
#define DVECDB_TEST_FOR_OLD_SNAPSHOT(snapshot, table, page) \
  TestForOldSnapshot(snapshot, table, page)
#else
#define DVECDB_TEST_FOR_OLD_SNAPSHOT(snapshot, table, page) static_cast<void>(page)
#endif

namespace dvecdb::extension {

// Adds at most so many blocks of zeros to a relation that nobody else changes; since 16 all by one
// call of the system. They are pinned, in order; how many there are, at least one.
inline uint32 add_blocks(Relation relation, ForkNumber fork, uint32 most, Buffer* added) {
#if PG_VERSION_NUM >= 160000
  BufferManagerRelation where{};
  where.rel = relation;
  uint32 count = 0;
  ExtendBufferedRelBy(where, fork, nullptr, EB_SKIP_EXTENSION_LOCK, most, added, &count);
  return count;
#else
  static_cast<void>(most);
  *added = ReadBufferExtended(relation, fork, P_NEW, RBM_NORMAL, nullptr);
  return 1;
#endif
}

}  // namespace dvecdb::extension
