#include <algorithm>

#include "dvecdb/code_space.h"
#include "extension/am/inspect/inspected.h"
#include "extension/am/inspect/links.h"
#include "extension/am/inspect/survey.h"
#include "extension/function.h"
#include "extension/memory.h"

extern "C" {
#include <catalog/pg_type.h>
#include <funcapi.h>
#include <utils/array.h>
#include <utils/builtins.h>
}

namespace dvecdb::extension {
namespace {

const char* name_of(ElementKind kind) {
  constexpr const char* kNames[] = {"vector", "halfvec", "sparsevec", "bit"};
  return kNames[static_cast<std::size_t>(kind)];
}

const char* name_of(DistanceKind kind) {
  constexpr const char* kNames[] = {"l2", "inner_product", "cosine", "l1", "hamming", "jaccard"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// As the storage parameters quantizer and quantizer_bits would say it.
struct QuantizerName {
  const char* name;
  int bits;  ///< of an element of a node's own code; 0: not of equal size
};

QuantizerName quantizer_of(const IndexShape& shape) {
  const auto kind = static_cast<core::CodeKind>(shape.code);
  switch (kind) {
    case core::CodeKind::automatic:
      return {"none", shape.element == ElementKind::bit ? 1 : 0};
    case core::CodeKind::single:
      return {"none", 32};
    case core::CodeKind::half:
      return {shape.element == ElementKind::half ? "none" : "half", 16};
    case core::CodeKind::int8:
      return {"sq8", 8};
    default:
      return {"rabitq", core::CodeSpace::grid_bits(kind)};
  }
}

/// How many live nodes have a level as their highest, from the lowest on.
Datum levels_array(const IndexSurvey& survey) {
  std::size_t levels = kMaxLevels;
  while (levels > 1 && survey.live_by_level[levels - 1] == 0) {
    --levels;
  }
  Datum counts[kMaxLevels];
  std::transform(survey.live_by_level.begin(), survey.live_by_level.begin() + levels, counts,
                 [](std::uint64_t count) { return UInt64GetDatum(count); });
  return PointerGetDatum(construct_array(counts, static_cast<int>(levels), INT8OID, sizeof(int64),
                                         FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

Datum share(std::uint64_t part, std::uint64_t whole) {
  return Float8GetDatum(whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole));
}

/// Values in the order of the function's columns in SQL. None is null.
class Row {
 public:
  void add(Datum value) { values_[count_++] = value; }
  void add(const char* text) { add(CStringGetTextDatum(text)); }
  void add_number(std::uint64_t number) { add(UInt64GetDatum(number)); }
  void add_int(int number) { add(Int32GetDatum(number)); }

  Datum finish(TupleDesc columns) {
    if (columns->natts != count_) {
      elog(ERROR, "dvecdb_index_info has %d columns in SQL, and %d here", columns->natts, count_);
    }
    bool nulls[kMost] = {};
    return HeapTupleGetDatum(heap_form_tuple(columns, values_, nulls));
  }

 private:
  static constexpr int kMost = 32;
  Datum values_[kMost];
  int count_ = 0;
};

void add_shape(const IndexShape& shape, const Layout& layout, Row& row) {
  const QuantizerName quantizer = quantizer_of(shape);
  row.add(name_of(shape.element));
  row.add(name_of(shape.distance));
  row.add_int(static_cast<int>(shape.dims));
  row.add_int(shape.m);
  row.add_int(shape.ef_construction);
  row.add(quantizer.name);
  row.add_int(quantizer.bits);
  row.add(layout.has_rows() ? "fused" : "compact");
  row.add_int(shape.neighbor_bits);
  row.add(shape.has_vectors != 0 ? "index" : "heap");
}

void add_nodes(const IndexSurvey& survey, std::size_t unreachable, Row& row) {
  row.add_number(survey.live);
  row.add_number(survey.rows.size());
  row.add_number(survey.dead);
  row.add_number(survey.free);
  row.add(share(survey.dead, survey.live + survey.dead));
  row.add_number(unreachable);
  row.add(levels_array(survey));
  row.add(share(survey.links, survey.live));
  row.add(share(survey.fused, survey.links));
}

void add_bytes(const IndexSurvey& survey, BlockNumber blocks, Row& row) {
  row.add_number(std::uint64_t{blocks} * BLCKSZ);
  for (const PageKind kind : {PageKind::node, PageKind::row, PageKind::vector, PageKind::item}) {
    row.add_number(survey.pages[static_cast<std::size_t>(kind)] * BLCKSZ);
  }
  row.add_number(survey.pages[0] * BLCKSZ);
}

}  // namespace

/// dvecdb_index_info(regclass): one row, for what the pages say now.
DVECDB_FUNCTION(dvecdb_index_info) {
  TupleDesc columns;
  if (get_call_result_type(fcinfo, nullptr, &columns) != TYPEFUNC_COMPOSITE) {
    elog(ERROR, "dvecdb_index_info is not declared to return a row");
  }
  const Inspected inspected = open_inspected(PG_GETARG_OID(0), AccessShareLock);
  check_meta(inspected.index, read_meta(inspected.index));
  MetaData meta;
  const Layout& layout = open_index(inspected.index, &meta).layout();
  auto* survey = make_owned<IndexSurvey>(CurrentMemoryContext);
  PageReader reader(inspected.index);
  take_survey(reader, layout, Others::may_write, *survey);
  Row row;
  add_shape(meta.shape, layout, row);
  add_nodes(*survey, find_unreachable(reader, layout, meta, *survey).size(), row);
  add_bytes(*survey, reader.blocks(), row);
  close_inspected(inspected);
  PG_RETURN_DATUM(row.finish(BlessTupleDesc(columns)));
}

}  // namespace dvecdb::extension
