// For threads that answer probes on a busy machine.
#pragma once

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace dvecdb::server::http {

// Asks the scheduler to give the calling thread short turns and to give them soon, instead of long
// ones when all others have had theirs; kernels before 6.12 do not listen to that. Where the
// process may, the thread also goes ahead of others. It needs the processor for moments only.
inline void take_short_turns() {
  struct Attributes {  // as the kernel has it; not in every C library's headers
    std::uint32_t size;
    std::uint32_t policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t turn_nanoseconds;
    std::uint64_t deadline;
    std::uint64_t period;
  };
  Attributes attributes{};
  attributes.size = sizeof attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  attributes.turn_nanoseconds = 100'000;
  const std::int32_t usual = attributes.nice;
  attributes.nice = -10;
  if (syscall(SYS_sched_setattr, 0, &attributes, 0) == 0) return;
  attributes.nice = usual;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace dvecdb::server::http
