#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__x86_64__)
#include <cpuid.h>
#endif

#include <atomic>
#include <stdexcept>
#include <string>

#include "core/distance/kernel_table.h"

namespace dvecdb::core {
namespace {

bool machine_has(Isa isa) {
  switch (isa) {
    case Isa::scalar:
      return true;
#if defined(__x86_64__)
    case Isa::avx2:
      // Every processor with AVX2 converts half precision too (F16C came a generation earlier).
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("popcnt");
    case Isa::avx512:
      return machine_has(Isa::avx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni") &&
             __builtin_cpu_supports("bmi2");
#elif defined(__aarch64__)
    case Isa::neon:
      return true;
#endif
    default:
      return false;
  }
}

#if defined(__x86_64__)
/// Zen 4 widens sixteen halves in one instruction at little more than half the rate of two
/// instructions for eight each.
bool widens_narrow_registers_faster() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!__builtin_cpu_is("amd") || __get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return false;
  const unsigned family = (eax >> 8 & 0xf) + (eax >> 20 & 0xff);
  return family == 0x19;
}

KernelTable best_of_avx512() {
  KernelTable best =
      __builtin_cpu_supports("avx512vpopcntdq") ? kAvx512PopcntKernels : kAvx512Kernels;
  if (widens_narrow_registers_faster()) {
    best.halves = kAvx2Kernels.halves;
    best.to_float = kAvx2Kernels.to_float;
  }
  return best;
}
#endif

/// The set's common part, or what the machine has beyond it.
const KernelTable* table_for(Isa isa) {
  switch (isa) {
#if defined(__x86_64__)
    case Isa::avx2:
      return &kAvx2Kernels;
    case Isa::avx512: {
      static const KernelTable best = best_of_avx512();
      return &best;
    }
#elif defined(__aarch64__)
    case Isa::neon: {
      static const bool dotprod = (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
      return dotprod ? &kNeonDotprodKernels : &kNeonKernels;
    }
#endif
    default:
      return &kScalarKernels;
  }
}

std::atomic<Isa>& choice() {
  static std::atomic<Isa> isa = supported_isas().back();
  return isa;
}

void require(Isa isa) {
  if (!machine_has(isa)) {
    throw std::invalid_argument(std::string("this machine has no ") + isa_name(isa));
  }
}

}  // namespace

std::vector<Isa> supported_isas() {
  std::vector<Isa> found;
  for (Isa isa : {Isa::scalar, Isa::neon, Isa::avx2, Isa::avx512}) {
    if (machine_has(isa)) found.push_back(isa);
  }
  return found;
}

Isa active_isa() {
  return choice().load(std::memory_order_relaxed);
}

void override_isa(Isa isa) {
  require(isa);
  choice().store(isa, std::memory_order_relaxed);
}

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::scalar:
      return "scalar";
    case Isa::neon:
      return "neon";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
  }
  return "unknown";
}

const KernelTable& active_kernels() {
  return *table_for(active_isa());
}

const KernelTable& kernels_of(Isa isa) {
  require(isa);
  return *table_for(isa);
}

template <>
const DistanceKernels<float>& distance_kernels<float>() {
  return active_kernels().floats;
}
template <>
const DistanceKernels<Half>& distance_kernels<Half>() {
  return active_kernels().halves;
}
template <>
const DistanceKernels<std::int8_t>& distance_kernels<std::int8_t>() {
  return active_kernels().bytes;
}
const BitKernels& bit_kernels() {
  return active_kernels().bits;
}

template <>
const DistanceKernels<float>& distance_kernels<float>(Isa isa) {
  return kernels_of(isa).floats;
}
template <>
const DistanceKernels<Half>& distance_kernels<Half>(Isa isa) {
  return kernels_of(isa).halves;
}
template <>
const DistanceKernels<std::int8_t>& distance_kernels<std::int8_t>(Isa isa) {
  return kernels_of(isa).bytes;
}
const BitKernels& bit_kernels(Isa isa) {
  return kernels_of(isa).bits;
}

}  // namespace dvecdb::core
