// The raw parse tree (libpg_query's protobuf-c messages) under short names. Whatever differs
// between libpg_query 15 and later ones belongs here and nowhere else.
#pragma once

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::query::raw {

using Node = PgQuery__Node;
using NodeList = std::span<Node* const>;

// A repeated field: `list(call->n_args, call->args)`.
inline NodeList list(std::size_t count, Node* const* items) {
  return {items, items == nullptr ? 0 : count};
}

inline bool is(const Node* node, PgQuery__Node__NodeCase kind) {
  return node != nullptr && node->node_case == kind;
}

// protobuf-c gives absent strings as "" (or null for messages built by hand).
inline std::string_view view(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

// The text of a String node, "" for another.
inline std::string_view string_of(const Node* node) {
  return is(node, PG_QUERY__NODE__NODE_STRING) ? view(node->string->sval) : std::string_view();
}

std::vector<std::string> strings_of(NodeList nodes);

// Where the text of an expression begins: the leftmost location in it; -1 when unknown.
int location_of(const Node* node);

// GRANT role TO role WITH ADMIN OPTION
bool has_admin_option(const PgQuery__GrantRoleStmt& statement);

// Throws 54001 when a walk goes too deep.
void check_walk_depth(int depth);

// Calls `visit(const ProtobufCMessage&)` for the message and, where it returns true, for all
// messages below it.
template <typename Visit>
void walk(const ProtobufCMessage& message, const Visit& visit, int depth = 0) {
  if (!visit(message)) return;
  check_walk_depth(depth);
  const auto* base = reinterpret_cast<const char*>(&message);
  for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
    const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
    if (field.type != PROTOBUF_C_TYPE_MESSAGE) continue;
    const bool is_one_of = (field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    if (is_one_of &&
        *reinterpret_cast<const std::uint32_t*>(base + field.quantifier_offset) != field.id) {
      continue;
    }
    if (field.label == PROTOBUF_C_LABEL_REPEATED) {
      const auto count = *reinterpret_cast<const std::size_t*>(base + field.quantifier_offset);
      auto* const* items = *reinterpret_cast<ProtobufCMessage* const* const*>(base + field.offset);
      for (std::size_t k = 0; k < count; ++k) {
        if (items[k] != nullptr) walk(*items[k], visit, depth + 1);
      }
      continue;
    }
    const auto* child = *reinterpret_cast<const ProtobufCMessage* const*>(base + field.offset);
    if (child != nullptr) walk(*child, visit, depth + 1);
  }
}

}  // namespace dvecdb::server::query::raw
