#include "extension/am/new_shape.h"

#include "dvecdb/code_space.h"
#include "dvecdb/neighbor_codes.h"
#include "extension/am/codes/value.h"
#include "extension/am/operator_class.h"
#include "extension/am/options.h"
#include "extension/am/pages/layout.h"

extern "C" {
#include <utils/lsyscache.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// Up to so many dimensions elements as they are take no more than 8 bits each of a rotated vector,
/// which has a multiple of 64.
constexpr std::uint32_t kPlainDims = 18;

[[noreturn]] void raise_unknown(Relation index, const char* name) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                  errmsg("the operator class of index \"%s\" is not one of hnsw: \"%s\"",
                         RelationGetRelationName(index), name == nullptr ? "" : name)));
}

ElementKind element_of(Relation index) {
  const char* name = type_name(index->rd_opcintype[0]);
  ElementKind kind;
  if (!find_element(name, &kind)) raise_unknown(index, name);
  return kind;
}

DistanceKind distance_of(Relation index, ElementKind element) {
  const Oid type = index->rd_opcintype[0];
  const Oid operation = get_opfamily_member(index->rd_opfamily[0], type, type, kOrderingStrategy);
  const char* name = OidIsValid(operation) ? get_opname(operation) : nullptr;
  DistanceKind kind;
  if (!find_distance(name, element, &kind)) raise_unknown(index, name);
  return kind;
}

std::uint32_t dims_of(Relation index) {
  const int dims = TupleDescAttr(RelationGetDescr(index), 0)->atttypmod;
  if (dims < 1) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("column does not have dimensions")));
  }
  return static_cast<std::uint32_t>(dims);
}

/// The finest grid whose codes fit into a page beside a node's links.
core::CodeKind finest_grid(const IndexShape& shape) {
  constexpr int kBits[] = {8, 6, 4, 3, 2};
  for (const int bits : kBits) {
    const std::size_t bytes = (shape.dims + 63) / 64 * 8 * static_cast<std::size_t>(bits) + 8;
    if (Layout(shape, bytes, 0, 0).code_in_node()) return core::CodeSpace::grid_kind(bits);
  }
  return core::CodeKind::int1;
}

core::CodeKind plain_kind(const IndexShape& shape) {
  return shape.element == ElementKind::half ? core::CodeKind::half : core::CodeKind::single;
}

core::CodeKind automatic_kind(const IndexShape& shape) {
  if (shape.dims <= kPlainDims) return plain_kind(shape);
  if (shape.distance == DistanceKind::l1) return core::CodeKind::half;
  return finest_grid(shape);
}

core::CodeKind code_of(const IndexShape& shape, const HnswOptions& options) {
  switch (options.quantizer) {
    case Quantizer::automatic:
      return automatic_kind(shape);
    case Quantizer::none:
      return plain_kind(shape);
    case Quantizer::half:
      return core::CodeKind::half;
    case Quantizer::sq8:
      return core::CodeKind::int8;
    case Quantizer::rabitq:
      break;
  }
  return options.quantizer_bits > 0 ? core::CodeSpace::grid_kind(options.quantizer_bits)
                                    : finest_grid(shape);
}

void check_quantizer(const IndexShape& shape, const HnswOptions& options) {
  const bool is_grid =
      options.quantizer == Quantizer::sq8 || options.quantizer == Quantizer::rabitq;
  const bool is_plain =
      options.quantizer == Quantizer::automatic || options.quantizer == Quantizer::none;
  if (!is_dense(shape) && !is_plain) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("sparsevec and bit are indexed without a quantizer"),
                    errhint("Leave the quantizer out, or set it to \"none\".")));
  }
  if (is_grid && shape.distance == DistanceKind::l1) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("an index for L1 distances takes quantizer \"half\" or \"none\""),
                    errdetail("The others rotate vectors, which does not keep L1 distances.")));
  }
}

}  // namespace

IndexShape new_shape(Relation index) {
  const HnswOptions options = options_of(index);
  IndexShape shape{};
  if (!pg_strong_random(&shape.build_id, sizeof shape.build_id)) {
    ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not get random numbers")));
  }
  shape.dims = dims_of(index);
  shape.m = static_cast<std::uint16_t>(options.m);
  shape.ef_construction = static_cast<std::uint16_t>(options.ef_construction);
  shape.element = element_of(index);
  shape.distance = distance_of(index, shape.element);
  ItemPointerSetInvalid(&shape.learned);
  check_quantizer(shape, options);
  if (!is_dense(shape)) return shape;

  const core::CodeKind code = code_of(shape, options);
  const bool is_grid = core::CodeSpace::is_rotated(code);
  shape.code = static_cast<std::uint8_t>(code);
  if (is_grid && options.layout == CodeLayout::fused) {
    shape.neighbor_bits = static_cast<std::uint8_t>(core::NeighborCodes::choose_bits(shape.dims));
  }
  const bool is_exact = code == plain_kind(shape);
  shape.has_vectors = options.rerank_source == RerankSource::index && !is_exact;
  return shape;
}

}  // namespace dvecdb::extension
