#include "extension/types/argument.h"

extern "C" {
#include <access/detoast.h>
}

#include <cstring>

namespace dvecdb::extension {
const void* ArgumentReader::read(Datum datum, MemoryContext context) {
  const void* stored = DatumGetPointer(datum);
  if (VARATT_IS_EXTENDED(stored)) [[unlikely]]
    return fetch(datum, context);
  return stored;
}

const void* ArgumentReader::fetch(Datum datum, MemoryContext context) {
  const auto* stored = reinterpret_cast<const char*>(DatumGetPointer(datum));
  if (VARATT_IS_SHORT(stored) && !VARATT_IS_EXTERNAL(stored)) {
    const std::size_t size = VARSIZE_SHORT(stored) - VARHDRSZ_SHORT;
    char* out = room_for(size + VARHDRSZ, context);
    SET_VARSIZE(out, size + VARHDRSZ);
    std::memcpy(VARDATA(out), VARDATA_SHORT(stored), size);
    return out;
  }
  if (!VARATT_IS_EXTERNAL_ONDISK(stored)) return PG_DETOAST_DATUM(datum);
  varatt_external pointer;
  VARATT_EXTERNAL_GET_POINTER(pointer, stored);
  if (is_fetched_ && std::memcmp(&pointer, &pointer_, sizeof(pointer)) == 0) return unpacked_;
  const auto size = static_cast<std::size_t>(pointer.va_rawsize);
  char* out = room_for(size, context);
  if (VARATT_EXTERNAL_IS_COMPRESSED(pointer) || !cursor_.fetch(pointer, out)) {
    // Kept too, in case it comes again.
    auto* fetched = PG_DETOAST_DATUM(datum);
    std::memcpy(out, fetched, size);
    pfree(fetched);
  }
  pointer_ = pointer;
  is_fetched_ = true;
  return out;
}

// What was there is lost.
char* ArgumentReader::room_for(std::size_t size, MemoryContext context) {
  is_fetched_ = false;
  if (size <= room_) return unpacked_;
  if (unpacked_ != nullptr) pfree(unpacked_);
  unpacked_ = nullptr;
  room_ = 0;
  unpacked_ = static_cast<char*>(MemoryContextAlloc(context, size));
  room_ = size;
  return unpacked_;
}

}  // namespace dvecdb::extension
