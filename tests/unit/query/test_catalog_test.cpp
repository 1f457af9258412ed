#include "tests/unit/query/test_catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "server/types/oids.h"

namespace dvecdb::server::query {

namespace oids = types::oids;

namespace {

constexpr Oid catalog_schema = 11;
constexpr Oid public_schema = 2200;

using Row = std::vector<std::string>;

std::vector<Row> read_rows(const std::string& file) {
  std::ifstream in(std::string(DVECDB_SOURCE_DIR) + "/server/catalog/data/" + file);
  std::vector<Row> rows;
  std::string line;
  while (std::getline(in, line)) {
    Row row;
    std::stringstream cells(line);
    std::string cell;
    while (std::getline(cells, cell, '\t')) row.push_back(cell == "\\N" ? "" : cell);
    if (line.back() == '\t') row.emplace_back();
    rows.push_back(std::move(row));
  }
  return rows;
}

Oid oid_of(const std::string& text) {
  return static_cast<Oid>(std::strtoul(text.c_str(), nullptr, 10));
}

std::vector<std::string> split(std::string text, char separator) {
  if (text.size() >= 2 && text.front() == '{') text = text.substr(1, text.size() - 2);
  std::vector<std::string> parts;
  std::stringstream in(text);
  std::string part;
  while (std::getline(in, part, separator)) parts.push_back(part == "\"\"" ? "" : part);
  return parts;
}

std::string schema_name(const std::string& oid) {
  return oid_of(oid) == catalog_schema ? "pg_catalog" : "public";
}

}  // namespace

const TestCatalog& TestCatalog::instance() {
  static const TestCatalog catalog;
  return catalog;
}

TestCatalog::TestCatalog() {
  schemas_.push_back({catalog_schema, "pg_catalog", 10});
  schemas_.push_back({public_schema, "public", 10});
  schemas_.push_back({99, "other", 10});
  for (const std::string prefix : {"pg_", "vector_"}) {
    load_types(prefix + "type.tsv");
    load_procs(prefix + "proc.tsv");
    load_operators(prefix + "operator.tsv");
    load_casts(prefix + "cast.tsv");
    load_classes(prefix + "opclass.tsv");
    load_aggregates(prefix + "aggregate.tsv");
  }
  for (auto& [oid, proc] : procs_) procs_by_name_.emplace(proc.name, &proc);
  for (auto& [oid, op] : operators_) operators_by_name_.emplace(op.name, &op);
  add_user_types();
  add_tables();
}

void TestCatalog::load_types(const std::string& file) {
  for (const Row& row : read_rows(file)) {
    TypeDesc type;
    type.oid = oid_of(row[0]);
    type.name = row[1];
    type.schema = schema_name(row[2]);
    type.schema_oid = oid_of(row[2]);
    type.length = static_cast<std::int16_t>(std::stoi(row[4]));
    type.kind = static_cast<types::TypeKind>(row[6][0]);
    type.category = row[7][0];
    type.is_preferred = row[8] == "t";
    type.delimiter = row[10][0];
    type.element = oid_of(row[13]);
    type.array = oid_of(row[14]);
    type.is_array = row[12] == "6179" || row[12] == "array_subscript_handler";
    type.base = {oid_of(row[25]), -1};
    type.collation = oid_of(row[28]);
    types_[type.oid] = type;
  }
}

void TestCatalog::load_procs(const std::string& file) {
  for (const Row& row : read_rows(file)) {
    ProcDesc proc;
    proc.oid = oid_of(row[0]);
    proc.name = row[1];
    proc.schema = schema_name(row[2]);
    proc.schema_oid = oid_of(row[2]);
    proc.language = row[4] == "14" ? "internal" : "c";
    proc.variadic = oid_of(row[7]);
    proc.kind = row[9][0];
    proc.is_strict = row[12] == "t";
    proc.returns_set = row[13] == "t";
    proc.volatility = row[14][0];
    proc.default_count = std::stoi(row[17]);
    proc.result = oid_of(row[18]);
    for (const std::string& type : split(row[19], ' ')) proc.arguments.push_back(oid_of(type));
    const auto all = split(row[20], ',');
    const auto modes = split(row[21], ',');
    const auto names = split(row[22], ',');
    for (std::size_t i = 0; i < modes.size(); ++i) {
      const std::string name = i < names.size() ? names[i] : "";
      if (modes[i] == "o" || modes[i] == "t" || modes[i] == "b") {
        proc.out_columns.push_back({name, oid_of(all[i])});
      }
      if (modes[i] != "o" && modes[i] != "t") proc.argument_names.push_back(name);
    }
    if (modes.empty()) proc.argument_names = names;
    if (proc.default_count > 0) proc.default_texts = split(row[23], ',');
    proc.symbol = row[25];
    procs_[proc.oid] = proc;
  }
}

void TestCatalog::load_aggregates(const std::string& file) {
  for (const Row& row : read_rows(file)) {
    const auto at = procs_.find(oid_of(row[0]));
    if (at == procs_.end()) continue;
    at->second.aggregate_kind = row[1][0];
    at->second.aggregate_direct_arguments = std::stoi(row[2]);
  }
}

// A function by oid, or by name and its first argument.
Oid TestCatalog::find_function(const std::string& text, Oid first_argument) const {
  if (const Oid oid = oid_of(text)) return oid;
  for (const auto& [oid, proc] : procs_) {
    if (proc.name == text && !proc.arguments.empty() && proc.arguments[0] == first_argument) {
      return oid;
    }
  }
  return 0;
}

void TestCatalog::load_operators(const std::string& file) {
  for (const Row& row : read_rows(file)) {
    OperatorDesc op;
    op.oid = oid_of(row[0]);
    op.name = row[1];
    op.schema = schema_name(row[2]);
    op.schema_oid = oid_of(row[2]);
    op.kind = row[4][0];
    op.left = oid_of(row[7]);
    op.right = oid_of(row[8]);
    op.result = oid_of(row[9]);
    op.function = find_function(row[12], op.left);
    operators_[op.oid] = op;
  }
}

void TestCatalog::load_casts(const std::string& file) {
  for (const Row& row : read_rows(file)) {
    CastDesc cast;
    cast.source = oid_of(row[1]);
    cast.target = oid_of(row[2]);
    cast.function = find_function(row[3], cast.source);
    cast.context = row[4][0];
    cast.method = row[5][0];
    casts_[{cast.source, cast.target}] = cast;
  }
}

void TestCatalog::load_classes(const std::string& file) {
  for (const Row& row : read_rows(file)) {
    OperatorClassDesc op_class;
    op_class.oid = oid_of(row[0]);
    op_class.method = row[1] == "403" ? "btree" : row[1] == "405" ? "hash" : row[1];
    op_class.name = row[2];
    op_class.type = oid_of(row[6]);
    op_class.is_default = row[7] == "t";
    classes_.push_back(op_class);
  }
}

void TestCatalog::add_user_types() {
  const auto add = [&](Oid oid, std::string name, types::TypeKind kind, char category) {
    TypeDesc type;
    type.oid = oid;
    type.name = name;
    type.schema = "public";
    type.schema_oid = public_schema;
    type.kind = kind;
    type.category = category;
    type.array = oid + 1;
    TypeDesc array;
    array.oid = oid + 1;
    array.name = "_" + name;
    array.schema = "public";
    array.category = 'A';
    array.element = oid;
    array.is_array = true;
    types_[array.oid] = array;
    return &(types_[oid] = type);
  };
  TypeDesc* mood = add(17000, "mood", types::TypeKind::enumeration, 'E');
  mood->labels = {{17001, "sad", 1}, {17002, "ok", 2}, {17003, "happy", 3}};
  TypeDesc* posint = add(17010, "posint", types::TypeKind::domain, 'N');
  posint->base = {oids::int4, -1};
  TypeDesc* shortname = add(17020, "shortname", types::TypeKind::domain, 'S');
  shortname->base = {oids::varchar, 9};
}

RelationDesc& TestCatalog::add_relation(char kind, std::string name,
                                        std::vector<TestColumn> columns) {
  RelationDesc table;
  table.oid = next_oid_++;
  table.name = name;
  table.schema = "public";
  table.schema_oid = public_schema;
  table.kind = kind;
  table.store_name = name;
  TypeDesc row_type;
  row_type.oid = table.row_type = next_oid_++;
  row_type.name = name;
  row_type.schema = "public";
  row_type.kind = types::TypeKind::composite;
  row_type.category = 'C';
  row_type.relation = table.oid;
  for (TestColumn& column : columns) {
    ColumnDesc desc;
    desc.number = static_cast<std::int16_t>(table.columns.size() + 1);
    desc.name = desc.store_name = column.name;
    desc.type = column.type;
    desc.not_null = column.not_null;
    desc.default_text = column.default_text;
    desc.identity = column.identity;
    desc.generated = column.generated;
    table.columns.push_back(desc);
    row_type.columns.push_back({column.name, column.type});
  }
  types_[row_type.oid] = row_type;
  relations_.push_back(std::move(table));
  return relations_.back();
}

void TestCatalog::add_index(RelationDesc& table, std::string name,
                            std::vector<std::int16_t> columns, bool is_primary) {
  IndexDesc index;
  index.oid = next_oid_++;
  index.name = name;
  index.table = table.oid;
  index.method = "btree";
  index.is_unique = true;
  index.is_primary = is_primary;
  ConstraintDesc constraint;
  constraint.name = name;
  constraint.type = is_primary ? 'p' : 'u';
  constraint.index = index.oid;
  constraint.columns = columns;
  for (const std::int16_t column : columns) {
    IndexDesc::Key key;
    key.column = column;
    index.keys.push_back(key);
  }
  indexes_.push_back(index);
  constraints_.push_back(constraint);
  table.indexes.push_back(&indexes_.back());
  table.constraints.push_back(&constraints_.back());
}

void TestCatalog::add_tables() {
  const auto t = [](Oid oid, std::int32_t typmod = -1) { return TypeRef{oid, typmod}; };
  add_relation('S', "items_id_seq", {{"last_value", t(oids::int8)}});
  RelationDesc& items =
      add_relation('r', "items",
                   {{"id", t(oids::int8), true, "nextval('items_id_seq'::regclass)"},
                    {"embedding", t(oids::vector, 3)},
                    {"title", t(oids::text), true},
                    {"tags", t(oids::text_array)},
                    {"price", t(oids::numeric)},
                    {"created_at", t(oids::timestamptz), false, "now()"},
                    {"meta", t(oids::jsonb)}});
  add_index(items, "items_pkey", {1}, true);
  add_index(items, "items_title_key", {3}, false);
  add_relation('r', "a", {{"x", t(oids::int4)}, {"y", t(oids::text)}});
  add_relation('r', "b", {{"x", t(oids::int4)}, {"z", t(oids::float8)}});
  add_relation('r', "c",
               {{"x", t(oids::int8)},
                {"m", t(17000)},
                {"p", t(17010)},
                {"s", t(17020)},
                {"v", t(oids::varchar, 14)},
                {"n", t(oids::numeric, 655366)}});
  RelationDesc& gen = add_relation('r', "gen",
                                   {{"id", t(oids::int4), true, "", 'a'},
                                    {"v", t(oids::int4)},
                                    {"twice", t(oids::int4), false, "(v * 2)", '\0', 's'},
                                    {"other", t(oids::int4), true, "", 'd'}});
  add_index(gen, "gen_pkey", {1}, true);
  add_relation('S', "gen_id_seq", {{"last_value", t(oids::int8)}});
  add_relation('S', "gen_other_seq", {{"last_value", t(oids::int8)}});
  RelationDesc& view = add_relation('v', "av", {{"x", t(oids::int4)}, {"len", t(oids::int4)}});
  view.view_text = "SELECT a.x, length(a.y) AS len FROM public.a WHERE (a.x > 0)";
}

const SchemaDesc* TestCatalog::find_schema(std::string_view name) const {
  for (const SchemaDesc& schema : schemas_) {
    if (schema.name == name) return &schema;
  }
  return nullptr;
}

const SchemaDesc* TestCatalog::find_schema(Oid oid) const {
  for (const SchemaDesc& schema : schemas_) {
    if (schema.oid == oid) return &schema;
  }
  return nullptr;
}

const RelationDesc* TestCatalog::find_relation(std::string_view schema,
                                               std::string_view name) const {
  for (const RelationDesc& relation : relations_) {
    if (relation.schema == schema && relation.name == name) return &relation;
  }
  return nullptr;
}

const RelationDesc* TestCatalog::find_relation(Oid oid) const {
  for (const RelationDesc& relation : relations_) {
    if (relation.oid == oid) return &relation;
  }
  return nullptr;
}

const IndexDesc* TestCatalog::find_index(Oid oid) const {
  for (const IndexDesc& index : indexes_) {
    if (index.oid == oid) return &index;
  }
  return nullptr;
}

const TypeDesc* TestCatalog::find_type(Oid oid) const {
  const auto at = types_.find(oid);
  return at == types_.end() ? nullptr : &at->second;
}

const TypeDesc* TestCatalog::find_type(std::string_view schema, std::string_view name) const {
  for (const auto& [oid, type] : types_) {
    if (type.name == name && type.schema == schema) return &type;
  }
  return nullptr;
}

std::vector<const ProcDesc*> TestCatalog::find_procs(std::string_view name) const {
  std::vector<const ProcDesc*> found;
  const auto [first, last] = procs_by_name_.equal_range(name);
  for (auto at = first; at != last; ++at) found.push_back(at->second);
  return found;
}

const ProcDesc* TestCatalog::find_proc(Oid oid) const {
  const auto at = procs_.find(oid);
  return at == procs_.end() ? nullptr : &at->second;
}

std::vector<const OperatorDesc*> TestCatalog::find_operators(std::string_view name) const {
  std::vector<const OperatorDesc*> found;
  const auto [first, last] = operators_by_name_.equal_range(name);
  for (auto at = first; at != last; ++at) found.push_back(at->second);
  return found;
}

const OperatorDesc* TestCatalog::find_operator(Oid oid) const {
  const auto at = operators_.find(oid);
  return at == operators_.end() ? nullptr : &at->second;
}

const CastDesc* TestCatalog::find_cast(Oid source, Oid target) const {
  const auto at = casts_.find({source, target});
  return at == casts_.end() ? nullptr : &at->second;
}

const OperatorClassDesc* TestCatalog::find_operator_class(Oid oid) const {
  for (const OperatorClassDesc& op_class : classes_) {
    if (op_class.oid == oid) return &op_class;
  }
  return nullptr;
}

std::vector<const OperatorClassDesc*> TestCatalog::find_operator_classes(
    std::string_view method) const {
  std::vector<const OperatorClassDesc*> found;
  for (const OperatorClassDesc& op_class : classes_) {
    if (op_class.method == method) found.push_back(&op_class);
  }
  return found;
}

Oid TestCatalog::find_collation(std::string_view name) const {
  if (name == "default") return 100;
  if (name == "C") return 950;
  return name == "POSIX" ? 951 : 0;
}

std::string TestCatalog::collation_name(Oid oid) const {
  if (oid == 100) return "default";
  return oid == 950 ? "C" : "POSIX";
}

std::vector<const RelationDesc*> TestCatalog::relations() const {
  std::vector<const RelationDesc*> all;
  for (const RelationDesc& relation : relations_) all.push_back(&relation);
  return all;
}

std::optional<Oid> TestCatalog::resolve_reg(Oid reg_type, std::string_view name) const {
  if (reg_type != oids::regclass) return std::nullopt;
  const RelationDesc* relation = find_relation("public", name);
  if (relation == nullptr) return std::nullopt;
  return relation->oid;
}

std::string TestCatalog::reg_name(Oid reg_type, Oid value) const {
  const RelationDesc* relation = find_relation(value);
  return reg_type == oids::regclass && relation != nullptr ? relation->name : "";
}

TEST(TestCatalogTest, KnowsBuiltInsAndTables) {
  const TestCatalog& catalog = TestCatalog::instance();
  EXPECT_EQ(catalog.find_type(23)->name, "int4");
  EXPECT_FALSE(catalog.find_procs("lower").empty());
  EXPECT_FALSE(catalog.find_operators("<->").empty());
  EXPECT_NE(catalog.find_relation("public", "items"), nullptr);
}

}  // namespace dvecdb::server::query
