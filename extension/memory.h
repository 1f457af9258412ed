// C++ objects whose life is that of a PostgreSQL memory context.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include "extension/guard.h"
#include "extension/postgres.h"

namespace dvecdb::extension {

// An object of type T inside `context`: it is destroyed when the context is reset or deleted, also
// when an error ended the statement. The destructor must not throw and must not call PostgreSQL.
// An exception of the constructor becomes PostgreSQL's ERROR.
template <class T, class... Args>
T* make_owned(MemoryContext context, Args&&... args) {
  struct Owner {
    MemoryContextCallback callback;
    alignas(T) std::byte storage[sizeof(T)];
  };
  static_assert(alignof(Owner) <= MAXIMUM_ALIGNOF);
  auto* owner = static_cast<Owner*>(MemoryContextAlloc(context, sizeof(Owner)));
  T* object = guarded([&] { return ::new (owner->storage) T(std::forward<Args>(args)...); });
  owner->callback.func = [](void* owned) { static_cast<T*>(owned)->~T(); };
  owner->callback.arg = object;
  MemoryContextRegisterResetCallback(context, &owner->callback);
  return object;
}

// Room for `count` elements in the current context; refused by palloc above 1 GB.
template <class T>
T* allocate(std::size_t count) {
  static_assert(std::is_trivially_destructible_v<T>);
  return static_cast<T*>(palloc(sizeof(T) * count));
}

}  // namespace dvecdb::extension
