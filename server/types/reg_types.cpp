// Object identifiers that read and print as names: the catalog knows the names.
#include <charconv>

#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/scan.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {

namespace {

Value reg_input(const IoContext& context, TypeRef type, std::string_view text) {
  if (text == "-") return Value::integer(0);
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (is_number) return input_text(context, {oids::oid, -1}, text);
  const auto found =
      context.types == nullptr ? std::nullopt : context.types->resolve_reg(type.oid, text);
  if (!found) {
    throw SqlError(sqlstate::undefined_object,
                   type_name(context, type.oid) + " \"" + std::string(text) + "\" does not exist");
  }
  return Value::integer(*found);
}

void reg_output(const IoContext& context, TypeRef type, const Value& value, std::string& out) {
  const auto oid = static_cast<Oid>(value.as_integer());
  if (oid == invalid_oid) {
    const bool shows_zero = type.oid == oids::regoper || type.oid == oids::regoperator;
    out.push_back(shows_zero ? '0' : '-');
    return;
  }
  const std::string name = context.types == nullptr ? "" : context.types->reg_name(type.oid, oid);
  out += name.empty() ? std::to_string(oid) : name;
}

Value reg_receive(const IoContext&, TypeRef, std::string_view bytes) {
  BinaryReader reader(bytes);
  const std::uint32_t v = reader.u32();
  reader.finish();
  return Value::integer(v);
}

void reg_send(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_u32(out, static_cast<std::uint32_t>(value.as_integer()));
}

constexpr TypeHandler reg_handler(Oid oid) {
  return {.oid = oid,
          .input = reg_input,
          .output = reg_output,
          .receive = reg_receive,
          .send = reg_send};
}

constexpr TypeHandler handlers[] = {
    reg_handler(oids::regproc),      reg_handler(oids::regprocedure),
    reg_handler(oids::regoper),      reg_handler(oids::regoperator),
    reg_handler(oids::regclass),     reg_handler(oids::regtype),
    reg_handler(oids::regconfig),    reg_handler(oids::regdictionary),
    reg_handler(oids::regnamespace), reg_handler(oids::regrole),
    reg_handler(oids::regcollation),
};

}  // namespace

TypeHandlers reg_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
