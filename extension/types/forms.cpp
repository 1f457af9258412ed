// Text and binary forms, and type modifiers.
#include <algorithm>
#include <string_view>

#include "extension/memory.h"
#include "extension/types/checks.h"
#include "extension/types/functions.h"

extern "C" {
#include <libpq/pqformat.h>
}

namespace dvecdb::extension {
namespace {

template <class Value>
struct Forms;

template <class T>
struct Forms<DenseValue<T>> {
  using Value = DenseValue<T>;

  static Value* parse(std::string_view text, std::int32_t typmod) {
    T* elements = allocate<T>(core::elements_at_most(text));
    const std::int32_t dimensions =
        accepted([&] { return core::parse_dense(text, typmod, elements); });
    Value* value = new_dense<T>(dimensions);
    std::copy_n(elements, dimensions, value->elements());
    pfree(elements);
    return value;
  }

  static Value* receive(std::string_view& message, std::int32_t typmod) {
    Value* value =
        new_dense<T>(accepted([&] { return core::receive_dense_head<T>(message, typmod); }));
    accepted([&] { core::receive_dense_elements(message, value->dimensions, value->elements()); });
    return value;
  }

  static std::size_t text_room(const Value& value) { return core::dense_text_room(value.count()); }
  static char* print(const Value& value, char* out) {
    return core::print_dense(value.elements(), value.count(), out);
  }
  static std::size_t message_size(const Value& value) {
    return core::dense_message_size<T>(value.count());
  }
  static void send(const Value& value, char* out) {
    core::send_dense(value.elements(), value.count(), out);
  }
};

template <>
struct Forms<Sparsevec> {
  static Sparsevec* parse(std::string_view text, std::int32_t typmod) {
    auto* elements = allocate<core::SparseElement>(core::elements_at_most(text));
    const core::SparseShape shape =
        accepted([&] { return core::parse_sparse(text, typmod, elements); });
    Sparsevec* value = new_sparse(shape.dimensions, shape.count);
    for (std::int32_t i = 0; i < shape.count; ++i) {
      value->indices()[i] = elements[i].index;
      value->values()[i] = elements[i].value;
    }
    pfree(elements);
    return value;
  }

  static Sparsevec* receive(std::string_view& message, std::int32_t typmod) {
    const core::SparseShape shape =
        accepted([&] { return core::receive_sparse_head(message, typmod); });
    Sparsevec* value = new_sparse(shape.dimensions, shape.count);
    accepted(
        [&] { core::receive_sparse_elements(message, shape, value->indices(), value->values()); });
    return value;
  }

  static std::size_t text_room(const Sparsevec& value) {
    return core::sparse_text_room(value.count());
  }
  static char* print(const Sparsevec& value, char* out) {
    return core::print_sparse(value.view(), value.dimensions, out);
  }
  static std::size_t message_size(const Sparsevec& value) {
    return core::sparse_message_size(value.count());
  }
  static void send(const Sparsevec& value, char* out) {
    core::send_sparse(value.view(), value.dimensions, out);
  }
};

template <class Value>
Datum input(FunctionCallInfo fcinfo) {
  return PointerGetDatum(Forms<Value>::parse(PG_GETARG_CSTRING(0), PG_GETARG_INT32(2)));
}

template <class Value>
Datum output(FunctionCallInfo fcinfo) {
  const auto* value = value_of<Value>(PG_GETARG_DATUM(0));
  char* text = allocate<char>(Forms<Value>::text_room(*value) + 1);
  *Forms<Value>::print(*value, text) = '\0';
  return CStringGetDatum(text);
}

// Whoever called finds what is left in the message, and refuses it if anything is.
template <class Value>
Datum receive(FunctionCallInfo fcinfo) {
  auto* buffer = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  std::string_view message(buffer->data + buffer->cursor,
                           static_cast<std::size_t>(buffer->len - buffer->cursor));
  Value* value = Forms<Value>::receive(message, PG_GETARG_INT32(2));
  buffer->cursor = buffer->len - static_cast<int>(message.size());
  return PointerGetDatum(value);
}

template <class Value>
Datum send(FunctionCallInfo fcinfo) {
  const auto* value = value_of<Value>(PG_GETARG_DATUM(0));
  const std::size_t size = VARHDRSZ + Forms<Value>::message_size(*value);
  auto* message = static_cast<bytea*>(palloc(size));
  SET_VARSIZE(message, size);
  Forms<Value>::send(*value, VARDATA(message));
  return PointerGetDatum(message);
}

template <class Value>
Datum typmod_in(FunctionCallInfo fcinfo) {
  int count = 0;
  const int32* given = ArrayGetIntegerTypmods(PG_GETARG_ARRAYTYPE_P(0), &count);
  if (count != 1) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid type modifier")));
  }
  return Int32GetDatum(accepted([&] { return core::check_typmod(Value::type, *given); }));
}

}  // namespace
}  // namespace dvecdb::extension

DVECDB_VALUE_FUNCTION(in, input)
DVECDB_VALUE_FUNCTION(out, output)
DVECDB_VALUE_FUNCTION(recv, receive)
DVECDB_VALUE_FUNCTION(send, send)
DVECDB_VALUE_FUNCTION(typmod_in, typmod_in)
