#include "tests/unit/types/test_catalog.h"

#include <map>

#include "server/types/oids.h"

namespace dvecdb::server::types::testing {
namespace {

class TestCatalog : public TypeCatalog {
 public:
  TestCatalog() {
    const struct {
      Oid element;
      Oid array;
      const char* name;
    } arrays[] = {
        {oids::boolean, oids::bool_array, "bool"},
        {oids::bytea, oids::bytea_array, "bytea"},
        {oids::name, oids::name_array, "name"},
        {oids::int8, oids::int8_array, "int8"},
        {oids::int2, oids::int2_array, "int2"},
        {oids::int4, oids::int4_array, "int4"},
        {oids::text, oids::text_array, "text"},
        {oids::oid, oids::oid_array, "oid"},
        {oids::json, oids::json_array, "json"},
        {oids::jsonb, oids::jsonb_array, "jsonb"},
        {oids::float4, oids::float4_array, "float4"},
        {oids::float8, oids::float8_array, "float8"},
        {oids::bpchar, oids::bpchar_array, "bpchar"},
        {oids::varchar, oids::varchar_array, "varchar"},
        {oids::numeric, oids::numeric_array, "numeric"},
        {oids::uuid, oids::uuid_array, "uuid"},
        {oids::date, oids::date_array, "date"},
        {oids::timestamp, oids::timestamp_array, "timestamp"},
        {oids::vector, oids::vector_array, "vector"},
        {oids::record, oids::record_array, "record"},
        {mood, mood_array, "mood"},
    };
    for (const auto& entry : arrays) {
      add(entry.element, entry.name).array = entry.array;
      add_array(entry.array, std::string("_") + entry.name, entry.element);
    }
    add_array(oids::oidvector, "oidvector", oids::oid);
    add_array(oids::int2vector, "int2vector", oids::int2);
    TypeDesc& enumeration = add(mood, "mood");
    enumeration.kind = TypeKind::enumeration;
    enumeration.array = mood_array;
    enumeration.labels = {{1, "sad", 1}, {2, "ok", 2}, {3, "happy", 3}};
    TypeDesc& composite = add(pair, "pair");
    composite.kind = TypeKind::composite;
    composite.columns = {{"a", {oids::int4, -1}}, {"b", {oids::text, -1}}};
    TypeDesc& domain = add(short_text, "short_text");
    domain.kind = TypeKind::domain;
    domain.base = {oids::varchar, 7};
  }

  const TypeDesc* find_type(Oid oid) const override {
    auto at = types_.find(oid);
    return at == types_.end() ? nullptr : &at->second;
  }

 private:
  TypeDesc& add(Oid oid, std::string name) {
    TypeDesc& desc = types_[oid];
    desc.oid = oid;
    desc.name = std::move(name);
    return desc;
  }

  void add_array(Oid oid, std::string name, Oid element) {
    TypeDesc& desc = add(oid, std::move(name));
    desc.category = 'A';
    desc.element = element;
    desc.is_array = true;
  }

  std::map<Oid, TypeDesc> types_;
};

}  // namespace

const TypeCatalog& test_catalog() {
  static const TestCatalog catalog;
  return catalog;
}

}  // namespace dvecdb::server::types::testing
