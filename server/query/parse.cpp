#include "server/query/parse.h"

#include <pthread.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>

#include "server/query/parse_limits.h"
#include "server/query/raw_tree.h"
#include "server/types/error.h"

namespace dvecdb::server::query {

namespace sqlstate = types::sqlstate;
using types::SqlError;

namespace {

// Texts up to here nest so little that any thread's stack will do.
constexpr std::size_t harmless_bytes = 2048;
// Packing and unpacking a tree takes time by the square of its depth; this depth takes a tenth of a
// second and a small part of parse_stack_bytes.
constexpr std::size_t max_nesting = 10'000;
// Shorter texts cannot reach it: every level takes a byte at least.
constexpr std::size_t unchecked_bytes = max_nesting;

// Memory of one parse tree: freed as a whole, so that freeing does not recurse.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    for (char* block : blocks_) std::free(block);
  }

  void* allocate(std::size_t size) {
    constexpr std::size_t alignment = alignof(std::max_align_t);
    size = (size + alignment - 1) / alignment * alignment;
    if (size > left_) grow(size);
    if (size > left_) return nullptr;
    char* taken = next_;
    next_ += size;
    left_ -= size;
    return taken;
  }

 private:
  void grow(std::size_t size) {
    const std::size_t block_size = std::max(size, block_bytes);
    auto* block = static_cast<char*>(std::malloc(block_size));
    if (block == nullptr) return;
    blocks_.push_back(block);
    next_ = block;
    left_ = block_size;
  }

  static constexpr std::size_t block_bytes = 16 * 1024;
  std::vector<char*> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

void* arena_allocate(void* arena, std::size_t size) {
  return static_cast<Arena*>(arena)->allocate(size);
}
void arena_free(void* /*arena*/, void* /*pointer*/) {}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// libpg_query gives no SQLSTATE: the grammar's own complaints are syntax errors but for the
// features that it names as missing.
std::string_view state_of(std::string_view message) {
  if (ends_with(message, "not supported") || ends_with(message, "not implemented") ||
      ends_with(message, "not yet implemented")) {
    return sqlstate::feature_not_supported;
  }
  return sqlstate::syntax_error;
}

// Nor does it give the hints of the grammar.
std::string_view hint_of(std::string_view message) {
  if (message == "subquery in FROM must have an alias") {
    return "For example, FROM (SELECT ...) [AS] foo.";
  }
  if (message == "VALUES in FROM must have an alias") {
    return "For example, FROM (VALUES ...) [AS] foo.";
  }
  return {};
}

SqlError error_of(const PgQueryError& error) {
  const std::string_view message = raw::view(error.message);
  SqlError thrown(state_of(message), std::string(message));
  if (error.cursorpos > 0) thrown.at(error.cursorpos);
  if (const std::string_view hint = hint_of(message); !hint.empty()) thrown.hint(std::string(hint));
  return thrown;
}

bool is_query_node(const PgQuery__Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
    case PG_QUERY__NODE__NODE_MERGE_STMT:
      return true;
    default:
      return false;
  }
}

bool is_blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

RawStatement statement_of(const PgQuery__RawStmt& raw, std::string_view text,
                          const std::shared_ptr<const void>& owner) {
  RawStatement statement;
  statement.owner = owner;
  statement.node = raw.stmt;
  std::size_t begin = static_cast<std::size_t>(std::max(raw.stmt_location, 0));
  std::size_t end = raw.stmt_len > 0 ? begin + static_cast<std::size_t>(raw.stmt_len) : text.size();
  end = std::min(end, text.size());
  while (begin < end && is_blank(text[begin])) ++begin;
  while (end > begin && (is_blank(text[end - 1]) || text[end - 1] == ';')) --end;
  statement.begin = begin;
  statement.length = end - begin;
  statement.is_query = is_query_node(raw.stmt);
  return statement;
}

std::vector<RawStatement> parse_here(std::string_view text) {
  const std::string terminated(text);
  const PgQueryProtobufParseResult result = pg_query_parse_protobuf(terminated.c_str());
  const std::unique_ptr<const PgQueryProtobufParseResult,
                        void (*)(const PgQueryProtobufParseResult*)>
      freed(&result,
            [](const PgQueryProtobufParseResult* r) { pg_query_free_protobuf_parse_result(*r); });
  if (result.error != nullptr) throw error_of(*result.error);

  auto arena = std::make_shared<Arena>();
  ProtobufCAllocator allocator{arena_allocate, arena_free, arena.get()};
  const PgQuery__ParseResult* tree =
      pg_query__parse_result__unpack(&allocator, result.parse_tree.len,
                                     reinterpret_cast<const std::uint8_t*>(result.parse_tree.data));
  if (tree == nullptr) throw SqlError(sqlstate::out_of_memory, "out of memory");

  std::vector<RawStatement> statements;
  for (std::size_t i = 0; i < tree->n_stmts; ++i) {
    if (tree->stmts[i]->stmt == nullptr) continue;
    statements.push_back(statement_of(*tree->stmts[i], text, arena));
  }
  return statements;
}

struct Task {
  std::string_view text;
  std::vector<RawStatement> result;
  std::exception_ptr error;
};

void* run_task(void* argument) {
  auto* task = static_cast<Task*>(argument);
  try {
    task->result = parse_here(task->text);
  } catch (...) {
    task->error = std::current_exception();
  }
  return nullptr;
}

std::vector<RawStatement> parse_on_large_stack(std::string_view text) {
  Task task{text, {}, nullptr};
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, parse_stack_bytes);
  const int failed = pthread_create(&thread, &attributes, run_task, &task);
  pthread_attr_destroy(&attributes);
  if (failed != 0) throw SqlError(sqlstate::out_of_memory, "out of memory");
  pthread_join(thread, nullptr);
  if (task.error) std::rethrow_exception(task.error);
  return std::move(task.result);
}

}  // namespace

std::vector<RawStatement> parse(std::string_view text) {
  if (text.size() > max_statement_bytes) {
    throw SqlError(sqlstate::program_limit_exceeded, "statement is too long")
        .detail("A statement may have at most " + std::to_string(max_statement_bytes) + " bytes.");
  }
  if (text.size() <= harmless_bytes) return parse_here(text);
  if (text.size() > unchecked_bytes && nesting_bound(text) > max_nesting) {
    throw SqlError(sqlstate::statement_too_complex, "stack depth limit exceeded")
        .hint("The statement nests too deeply; split it.");
  }
  return parse_on_large_stack(text);
}

int character_position(std::string_view text, std::size_t byte_offset) {
  int position = 1;
  for (std::size_t i = 0; i < std::min(byte_offset, text.size()); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80u) ++position;
  }
  return position;
}

}  // namespace dvecdb::server::query
