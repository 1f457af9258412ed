// The collations under which the store compares types whose order is not that of their bytes.
#include "server/exec/store_functions_call.h"
#include "server/types/type_io.h"

namespace dvecdb::server::exec {

namespace {

struct CollationBinding {
  std::string_view name;
};
constexpr CollationBinding collations[] = {{"numeric"}, {"bpchar"}, {"jsonb"}};

int collate(void* data, int a_size, const void* a, int b_size, const void* b) {
  // Must not throw: SQLite calls it from deep inside. Values of these types are well formed.
  const auto text = [](const void* bytes, int size) {
    return std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  };
  try {
    return types::collate(static_cast<const CollationBinding*>(data)->name, text(a, a_size),
                          text(b, b_size));
  } catch (const std::exception&) {
    return text(a, a_size).compare(text(b, b_size));
  }
}

}  // namespace

void register_collations(StoreContext& store) {
  for (const CollationBinding& binding : collations) {
    check_registered(
        store.connection(),
        sqlite3_create_collation_v2(store.connection().handle(), binding.name.data(), SQLITE_UTF8,
                                    const_cast<CollationBinding*>(&binding), collate, nullptr));
  }
}

}  // namespace dvecdb::server::exec
