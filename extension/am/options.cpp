#include "extension/am/options.h"

extern "C" {
#include <access/amapi.h>
#include <access/reloptions.h>
#include <utils/rel.h>
}

#include <cstddef>
#include <iterator>

namespace dvecdb::extension {
namespace {

/// HnswOptions as PostgreSQL keeps it in Relation::rd_options.
struct StoredOptions {
  int32 vl_len_;
  HnswOptions options;
};

relopt_kind hnsw_options;

// PostgreSQL keeps pointers into these.
relopt_enum_elt_def quantizers[] = {
    {"auto", static_cast<int>(Quantizer::automatic)}, {"none", static_cast<int>(Quantizer::none)},
    {"half", static_cast<int>(Quantizer::half)},      {"sq8", static_cast<int>(Quantizer::sq8)},
    {"rabitq", static_cast<int>(Quantizer::rabitq)},  {nullptr, 0},
};
relopt_enum_elt_def layouts[] = {
    {"fused", static_cast<int>(CodeLayout::fused)},
    {"compact", static_cast<int>(CodeLayout::compact)},
    {nullptr, 0},
};
relopt_enum_elt_def rerank_sources[] = {
    {"heap", static_cast<int>(RerankSource::heap)},
    {"index", static_cast<int>(RerankSource::index)},
    {nullptr, 0},
};

// Member by member: there are more of them since PostgreSQL 18.
constexpr relopt_parse_elt field(const char* name, relopt_type type, std::size_t offset) {
  relopt_parse_elt result = {};
  result.optname = name;
  result.opttype = type;
  result.offset = static_cast<int>(offsetof(StoredOptions, options) + offset);
  return result;
}

const relopt_parse_elt fields[] = {
    field("m", RELOPT_TYPE_INT, offsetof(HnswOptions, m)),
    field("ef_construction", RELOPT_TYPE_INT, offsetof(HnswOptions, ef_construction)),
    field("quantizer", RELOPT_TYPE_ENUM, offsetof(HnswOptions, quantizer)),
    field("quantizer_bits", RELOPT_TYPE_INT, offsetof(HnswOptions, quantizer_bits)),
    field("layout", RELOPT_TYPE_ENUM, offsetof(HnswOptions, layout)),
    field("rerank_source", RELOPT_TYPE_ENUM, offsetof(HnswOptions, rerank_source)),
};

void check_together(const HnswOptions& options) {
  if (options.ef_construction < 2 * options.m) {
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("ef_construction must be greater than or equal to 2 * m"),
            errdetail("ef_construction is %d, m is %d.", options.ef_construction, options.m));
  }
  if (options.quantizer_bits != 0 && options.quantizer != Quantizer::rabitq) {
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("quantizer_bits needs quantizer = rabitq"),
            errdetail("The other quantizers have a fixed number of bits an element."));
  }
}

}  // namespace

void register_options() {
  const HnswOptions usual;
  // What is set reaches an index when it is built again; a scan or an insertion never looks here.
  const LOCKMODE lock = AccessExclusiveLock;
  hnsw_options = add_reloption_kind();
  add_int_reloption(hnsw_options, "m", "Max number of connections", usual.m, 2, 100, lock);
  add_int_reloption(hnsw_options, "ef_construction",
                    "Size of the dynamic candidate list for construction", usual.ef_construction, 4,
                    1000, lock);
  add_enum_reloption(hnsw_options, "quantizer", "How the index codes the vectors that it compares",
                     quantizers, static_cast<int>(usual.quantizer),
                     "Valid values are \"auto\", \"none\", \"half\", \"sq8\" and \"rabitq\".",
                     lock);
  add_int_reloption(hnsw_options, "quantizer_bits", "Bits an element of rabitq codes",
                    usual.quantizer_bits, 1, 8, lock);
  add_enum_reloption(hnsw_options, "layout", "Whether neighbors' codes lie beside the links",
                     layouts, static_cast<int>(usual.layout),
                     "Valid values are \"fused\" and \"compact\".", lock);
  add_enum_reloption(hnsw_options, "rerank_source",
                     "Where full vectors are read for the final order", rerank_sources,
                     static_cast<int>(usual.rerank_source),
                     "Valid values are \"heap\" and \"index\".", lock);
}

bytea* parse_options(Datum reloptions, bool validate) {
  void* parsed = build_reloptions(reloptions, validate, hnsw_options, sizeof(StoredOptions), fields,
                                  static_cast<int>(std::size(fields)));
  if (validate && parsed != nullptr) {
    check_together(static_cast<StoredOptions*>(parsed)->options);
  }
  return static_cast<bytea*>(parsed);
}

HnswOptions options_of(Relation index) {
  if (index->rd_options == nullptr) {
    return HnswOptions();
  }
  return reinterpret_cast<const StoredOptions*>(index->rd_options)->options;
}

bool is_hnsw(Relation index) {
  return index->rd_rel->relkind == RELKIND_INDEX && index->rd_indam->amoptions == parse_options;
}

}  // namespace dvecdb::extension
