#include "server/catalog/snapshot_builder.h"

#include <algorithm>

#include "server/catalog/sql_functions.h"
#include "server/catalog/tables.h"

namespace dvecdb::server::catalog {

namespace {

constexpr Oid array_subscript_handler = 6179;

std::uint64_t pair_key(Oid high, std::uint32_t low) {
  return static_cast<std::uint64_t>(high) << 32 | low;
}

template <typename To>
std::vector<To> converted(const std::vector<std::int64_t>& from) {
  std::vector<To> out;
  out.reserve(from.size());
  for (const std::int64_t value : from) out.push_back(static_cast<To>(value));
  return out;
}

}  // namespace

SnapshotBuilder::SnapshotBuilder(SnapshotPtr base) : snapshot_(new Snapshot()) {
  snapshot_->base_ = std::move(base);
}

std::string SnapshotBuilder::schema_name(Oid oid) const {
  const SchemaDesc* schema = snapshot_->find_schema(oid);
  return schema == nullptr ? std::string() : schema->name;
}

void SnapshotBuilder::add_acl(const Row& row, int column, Oid object, std::int16_t attribute) {
  if (row.is_null(column)) return;
  snapshot_->acls_[pair_key(object, static_cast<std::uint16_t>(attribute))] = row.texts(column);
}

void SnapshotBuilder::add_schema(const Row& row) {
  using namespace pg_namespace;
  snapshot_->schemas_.add({row.oid(oid), row.text(nspname), row.oid(nspowner)});
  add_acl(row, nspacl, row.oid(oid));
}

void SnapshotBuilder::add_access_method(const Row& row) {
  snapshot_->access_methods_.add({row.oid(pg_am::oid), row.text(pg_am::amname)});
}

void SnapshotBuilder::add_collation(const Row& row) {
  using namespace pg_collation;
  snapshot_->collations_.add(
      {row.oid(oid), row.text(collname), schema_name(row.oid(collnamespace))});
}

void SnapshotBuilder::add_language(const Row& row) {
  languages_[row.oid(pg_language::oid)] = row.text(pg_language::lanname);
  add_acl(row, pg_language::lanacl, row.oid(pg_language::oid));
}

void SnapshotBuilder::add_proc(const Row& row) {
  using namespace pg_proc;
  ProcDesc proc;
  proc.oid = row.oid(oid);
  proc.name = row.text(proname);
  proc.schema_oid = row.oid(pronamespace);
  proc.schema = schema_name(proc.schema_oid);
  proc.symbol = row.text(prosrc);
  proc.language = languages_[row.oid(prolang)];
  proc.kind = row.character(prokind);
  proc.is_strict = row.boolean(proisstrict);
  proc.returns_set = row.boolean(proretset);
  proc.volatility = row.character(provolatile);
  proc.result = row.oid(prorettype);
  proc.arguments = converted<Oid>(row.integers(proargtypes));
  proc.variadic = row.oid(provariadic);
  proc.default_count = static_cast<int>(row.integer(pronargdefaults));
  if (proc.default_count > 0) proc.default_texts = split_expressions(row.text(proargdefaults));

  const std::vector<std::string> names = row.texts(proargnames);
  const std::vector<std::string> modes = row.texts(proargmodes);
  if (modes.empty()) {
    proc.argument_names = names;
  } else {
    const std::vector<std::int64_t> all_types = row.integers(proallargtypes);
    for (std::size_t i = 0; i < modes.size(); ++i) {
      const std::string name = i < names.size() ? names[i] : std::string();
      const bool is_output = modes[i] == "o" || modes[i] == "b" || modes[i] == "t";
      if (is_output) proc.out_columns.push_back({name, static_cast<Oid>(all_types[i])});
      if ((!is_output || modes[i] == "b") && !names.empty()) proc.argument_names.push_back(name);
    }
  }
  if (proc.language == "sql" && proc.oid < first_user_oid) give_native_symbol(proc);
  add_acl(row, proacl, proc.oid);
  snapshot_->procs_.add(std::move(proc));
}

void SnapshotBuilder::add_aggregate(const Row& row) {
  ProcDesc* proc = snapshot_->procs_.find(row.oid(pg_aggregate::aggfnoid));
  if (proc == nullptr) return;
  proc->aggregate_kind = row.character(pg_aggregate::aggkind);
  proc->aggregate_direct_arguments = static_cast<int>(row.integer(pg_aggregate::aggnumdirectargs));
}

void SnapshotBuilder::add_type(const Row& row) {
  using namespace pg_type;
  TypeDesc type;
  type.oid = row.oid(oid);
  type.name = row.text(typname);
  type.schema_oid = row.oid(typnamespace);
  type.schema = schema_name(type.schema_oid);
  type.kind = static_cast<types::TypeKind>(row.character(typtype));
  type.category = row.character(typcategory);
  type.is_preferred = row.boolean(typispreferred);
  type.length = static_cast<std::int16_t>(row.integer(typlen));
  type.delimiter = row.character(typdelim);
  type.element = row.oid(typelem);
  type.is_array = type.element != 0 && row.oid(typsubscript) == array_subscript_handler;
  type.array = row.oid(typarray);
  type.relation = row.oid(typrelid);
  type.base = {row.oid(typbasetype), static_cast<std::int32_t>(row.integer(typtypmod))};
  type.domain_not_null = type.kind == types::TypeKind::domain && row.boolean(typnotnull);
  type.collation = row.oid(typcollation);
  const ProcDesc* input = snapshot_->find_proc(row.oid(typinput));
  if (input != nullptr) type.input_function = input->name;
  add_acl(row, typacl, type.oid);
  snapshot_->types_.add(std::move(type));
}

void SnapshotBuilder::add_enum_label(const Row& row) {
  using namespace pg_enum;
  TypeDesc* type = snapshot_->types_.find(row.oid(enumtypid));
  if (type == nullptr) return;
  type->labels.push_back({row.oid(oid), row.text(enumlabel), row.real(enumsortorder)});
}

void SnapshotBuilder::add_operator(const Row& row) {
  using namespace pg_operator;
  OperatorDesc op;
  op.oid = row.oid(oid);
  op.name = row.text(oprname);
  op.schema_oid = row.oid(oprnamespace);
  op.schema = schema_name(op.schema_oid);
  op.kind = row.character(oprkind);
  op.left = row.oid(oprleft);
  op.right = row.oid(oprright);
  op.result = row.oid(oprresult);
  op.function = row.oid(oprcode);
  op.commutator = row.oid(oprcom);
  op.negator = row.oid(oprnegate);
  snapshot_->operators_.add(std::move(op));
}

void SnapshotBuilder::add_cast(const Row& row) {
  using namespace pg_cast;
  const Oid source = row.oid(castsource);
  const Oid target = row.oid(casttarget);
  snapshot_->casts_[pair_key(source, target)] = {
      source, target, row.oid(castfunc), row.character(castcontext), row.character(castmethod)};
}

void SnapshotBuilder::add_operator_class(const Row& row) {
  using namespace pg_opclass;
  OperatorClassDesc desc;
  desc.oid = row.oid(oid);
  desc.name = row.text(opcname);
  desc.schema = schema_name(row.oid(opcnamespace));
  const AccessMethodDesc* method = snapshot_->find_access_method(row.oid(opcmethod));
  if (method != nullptr) desc.method = method->name;
  desc.type = row.oid(opcintype);
  desc.is_default = row.boolean(opcdefault);
  class_families_[desc.oid] = row.oid(opcfamily);
  snapshot_->operator_classes_.add(std::move(desc));
}

void SnapshotBuilder::add_operator_family_member(const Row& row) {
  using namespace pg_amop;
  if (row.character(amoppurpose) != 'o') return;
  const OperatorDesc* op = snapshot_->find_operator(row.oid(amopopr));
  if (op == nullptr) return;
  for (OperatorClassDesc& desc : snapshot_->operator_classes_.items()) {
    if (class_families_[desc.oid] == row.oid(amopfamily)) desc.order_operator = op->name;
  }
}

void SnapshotBuilder::add_relation(const Row& row) {
  using namespace pg_class;
  RelationDesc relation;
  relation.oid = row.oid(oid);
  relation.name = row.text(relname);
  relation.schema_oid = row.oid(relnamespace);
  relation.schema = schema_name(relation.schema_oid);
  relation.owner = row.oid(relowner);
  relation.row_type = row.oid(reltype);
  relation.kind = row.character(relkind);
  relation.persistence = row.character(relpersistence);
  relation.estimated_rows = row.real(reltuples);
  if (relation.kind == 'r' || relation.kind == 'S') {
    relation.store_name = row.boolean(relisshared) ? "global.t" : "t";
    relation.store_name += std::to_string(relation.oid);
  }
  add_acl(row, relacl, relation.oid);
  snapshot_->relations_.add(std::move(relation));
}

void SnapshotBuilder::add_column(const Row& row) {
  using namespace pg_attribute;
  const auto number = static_cast<std::int16_t>(row.integer(attnum));
  RelationDesc* relation = snapshot_->relations_.find(row.oid(attrelid));
  if (relation == nullptr || number < 1) return;
  query::ColumnDesc column;
  column.number = number;
  column.name = row.text(attname);
  column.type = {row.oid(atttypid), static_cast<std::int32_t>(row.integer(atttypmod))};
  column.collation = row.oid(attcollation);
  column.not_null = row.boolean(attnotnull);
  column.is_dropped = row.boolean(attisdropped);
  column.identity = row.character(attidentity);
  column.generated = row.character(attgenerated);
  column.store_name = "c" + std::to_string(number);
  add_acl(row, attacl, relation->oid, number);
  relation->columns.push_back(std::move(column));
}

void SnapshotBuilder::add_default(const Row& row) {
  using namespace pg_attrdef;
  RelationDesc* relation = snapshot_->relations_.find(row.oid(adrelid));
  if (relation == nullptr) return;
  for (query::ColumnDesc& column : relation->columns) {
    if (column.number == row.integer(adnum)) column.default_text = row.text(adbin);
  }
}

void SnapshotBuilder::add_dependency(const Row& row) {
  using namespace pg_depend;
  const bool is_identity = row.oid(classid) == pg_class::table.oid &&
                           row.oid(refclassid) == pg_class::table.oid &&
                           row.integer(refobjsubid) > 0 && row.character(deptype) == 'i';
  if (!is_identity) return;
  RelationDesc* relation = snapshot_->relations_.find(row.oid(refobjid));
  const RelationDesc* sequence = snapshot_->relations_.find(row.oid(objid));
  if (relation == nullptr || sequence == nullptr || sequence->kind != 'S') return;
  for (query::ColumnDesc& column : relation->columns) {
    if (column.number == row.integer(refobjsubid)) column.identity_sequence = sequence->oid;
  }
}

void SnapshotBuilder::add_index(const Row& row) {
  using namespace pg_index;
  IndexDesc index;
  index.oid = row.oid(indexrelid);
  const RelationDesc* relation = snapshot_->find_relation(index.oid);
  if (relation == nullptr) return;
  index.name = relation->name;
  index.table = row.oid(indrelid);
  index.is_unique = row.boolean(indisunique);
  index.is_primary = row.boolean(indisprimary);
  index.nulls_not_distinct = row.boolean(indnullsnotdistinct);
  index.is_valid = row.boolean(indisvalid);
  index.predicate_text = row.text(indpred);
  const auto columns = converted<std::int16_t>(row.integers(indkey));
  const auto classes = converted<Oid>(row.integers(indclass));
  const auto options = row.integers(indoption);
  const std::vector<std::string> expressions = split_expressions(row.text(indexprs));
  std::size_t next_expression = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i >= static_cast<std::size_t>(row.integer(indnkeyatts))) {
      index.included.push_back(columns[i]);
      continue;
    }
    IndexDesc::Key key;
    key.column = columns[i];
    key.operator_class = i < classes.size() ? classes[i] : types::invalid_oid;
    key.descending = i < options.size() && (options[i] & 1) != 0;
    key.nulls_first = i < options.size() && (options[i] & 2) != 0;
    if (i < relation->columns.size()) key.type = relation->columns[i].type;
    if (key.column == 0 && next_expression < expressions.size()) {
      key.expression_text = expressions[next_expression++];
    }
    index.keys.push_back(std::move(key));
  }
  snapshot_->indexes_.add(std::move(index));
}

void SnapshotBuilder::add_index_details(const Row& row) {
  using namespace pg_class;
  IndexDesc* index = snapshot_->indexes_.find(row.oid(oid));
  if (index == nullptr) return;
  const AccessMethodDesc* method = snapshot_->find_access_method(row.oid(relam));
  if (method != nullptr) index->method = method->name;
  if (query::has_store_index(index->method)) index->store_name = "i" + std::to_string(index->oid);
  for (const std::string& option : row.texts(reloptions)) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos) continue;
    index->options.emplace_back(option.substr(0, equals), option.substr(equals + 1));
  }
}

void SnapshotBuilder::add_constraint(const Row& row) {
  using namespace pg_constraint;
  ConstraintDesc constraint;
  constraint.oid = row.oid(oid);
  constraint.name = row.text(conname);
  constraint.type = row.character(contype);
  constraint.columns = converted<std::int16_t>(row.integers(conkey));
  constraint.check_text = row.text(conbin);
  constraint.index = row.oid(conindid);
  constraint.foreign_table = row.oid(confrelid);
  constraint.foreign_columns = converted<std::int16_t>(row.integers(confkey));
  if (constraint.type == 'f') {
    constraint.on_update = row.character(confupdtype);
    constraint.on_delete = row.character(confdeltype);
  }
  constraint.is_deferrable = row.boolean(condeferrable);
  constraint.is_deferred = row.boolean(condeferred);
  snapshot_->constraint_owners_[constraint.oid] = {row.oid(conrelid), row.oid(contypid)};
  snapshot_->constraints_.add(std::move(constraint));
}

void SnapshotBuilder::set_view_text(Oid view, std::string text) {
  RelationDesc* relation = snapshot_->relations_.find(view);
  if (relation != nullptr) relation->view_text = std::move(text);
}

void SnapshotBuilder::add_rewrite_rule(const Row& row) {
  using namespace pg_rewrite;
  if (!row.is_null(ev_action)) set_view_text(row.oid(ev_class), row.text(ev_action));
}

void SnapshotBuilder::add_role(const Row& row) {
  using namespace pg_authid;
  RoleDesc role;
  role.oid = row.oid(oid);
  role.name = row.text(rolname);
  role.is_superuser = row.boolean(rolsuper);
  role.inherits = row.boolean(rolinherit);
  role.can_create_role = row.boolean(rolcreaterole);
  role.can_create_database = row.boolean(rolcreatedb);
  role.can_login = row.boolean(rolcanlogin);
  role.can_replicate = row.boolean(rolreplication);
  role.bypasses_rls = row.boolean(rolbypassrls);
  role.connection_limit = static_cast<int>(row.integer(rolconnlimit));
  role.verifier = row.text(rolpassword);
  if (!row.is_null(rolvaliduntil)) role.valid_until = row.integer(rolvaliduntil);
  snapshot_->roles_.add(std::move(role));
}

void SnapshotBuilder::add_role_membership(const Row& row) {
  RoleDesc* member = snapshot_->roles_.find(row.oid(pg_auth_members::member));
  if (member != nullptr) member->member_of.push_back(row.oid(pg_auth_members::roleid));
}

void SnapshotBuilder::add_database(const Row& row) {
  using namespace pg_database;
  DatabaseDesc database;
  database.oid = row.oid(oid);
  database.name = row.text(datname);
  database.owner = row.oid(datdba);
  database.is_template = row.boolean(datistemplate);
  database.allows_connections = row.boolean(datallowconn);
  database.connection_limit = static_cast<int>(row.integer(datconnlimit));
  database.has_acl = !row.is_null(datacl);
  database.acl = row.texts(datacl);
  snapshot_->databases_.add(std::move(database));
}

void SnapshotBuilder::add_role_setting(const Row& row) {
  using namespace pg_db_role_setting;
  snapshot_->role_settings_.push_back(
      {row.oid(setdatabase), row.oid(setrole), row.texts(setconfig)});
}

void SnapshotBuilder::add_extension(const Row& row) {
  using namespace pg_extension;
  snapshot_->extensions_.add(
      {row.oid(oid), row.text(extname), row.text(extversion), row.oid(extnamespace)});
}

void SnapshotBuilder::link_relations() {
  for (IndexDesc& index : snapshot_->indexes_.items()) {
    RelationDesc* table = snapshot_->relations_.find(index.table);
    if (table != nullptr) table->indexes.push_back(&index);
  }
  for (const ConstraintDesc& constraint : snapshot_->constraints_.items()) {
    const Oid owner = snapshot_->constraint_owners_[constraint.oid].relation;
    RelationDesc* table = snapshot_->relations_.find(owner);
    if (table != nullptr) table->constraints.push_back(&constraint);
    RelationDesc* foreign = snapshot_->relations_.find(constraint.foreign_table);
    if (foreign != nullptr) foreign->referencing.push_back(&constraint);
  }
  // Checks run in the order of their names.
  for (RelationDesc& relation : snapshot_->relations_.items()) {
    std::sort(relation.constraints.begin(), relation.constraints.end(),
              [](const ConstraintDesc* a, const ConstraintDesc* b) { return a->name < b->name; });
  }
}

void SnapshotBuilder::fill_types() {
  for (TypeDesc& type : snapshot_->types_.items()) {
    std::sort(type.labels.begin(), type.labels.end(),
              [](const types::EnumLabel& a, const types::EnumLabel& b) {
                return a.sort_order < b.sort_order;
              });
    const RelationDesc* relation = snapshot_->relations_.find(type.relation);
    if (relation == nullptr) continue;
    for (const query::ColumnDesc& column : relation->columns) {
      if (!column.is_dropped) type.columns.push_back({column.name, column.type});
    }
  }
}

SnapshotPtr SnapshotBuilder::finish(std::uint64_t version) {
  link_relations();
  fill_types();
  snapshot_->version_ = version;
  return std::move(snapshot_);
}

}  // namespace dvecdb::server::catalog
