#pragma once

#include <cstddef>
#include <cstdint>

namespace dvecdb::core {

/// CRC-32C (Castagnoli) of `bytes` bytes, going on from `crc`, the result of the bytes before.
/// By the processor's instruction where it has one.
std::uint32_t crc32c(const void* data, std::size_t bytes, std::uint32_t crc = 0);

/// The same by table, for machines without the instruction; for tests.
std::uint32_t crc32c_by_table(const void* data, std::size_t bytes, std::uint32_t crc = 0);

}  // namespace dvecdb::core
