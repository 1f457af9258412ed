#include "extension/failure_point.h"

#ifdef DVECDB_FAILURE_POINTS

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <stdexcept>

#include "extension/postgres.h"

extern "C" {
#include <access/xlog.h>
#include <fmgr.h>
#include <utils/fmgrprotos.h>
}

namespace dvecdb::extension {
namespace {

enum class Kind { oom, error, cancel, crash, pause };
constexpr const char* kKinds[] = {"oom", "error", "cancel", "crash", "pause"};

struct Wanted {
  char name[64];
  long passings;
  Kind kind;
};

constexpr std::int64_t kPauseKey = 1;

char* setting;
Wanted wanted;                // changed while no threads run
std::atomic<long> left{0};    // passings until it fails; 0: none will
std::atomic<bool> of_memory;  // the point is `allocation`

bool parse(const char* text, Wanted* out) {
  char kind[16];
  const int found = std::sscanf(text, "%63[^:]:%ld:%15s", out->name, &out->passings, kind);
  if (found != 3 || out->passings < 1) return false;
  for (std::size_t i = 0; i < std::size(kKinds); ++i) {
    if (std::strcmp(kKinds[i], kind) != 0) continue;
    out->kind = static_cast<Kind>(i);
    return true;
  }
  return false;
}

bool check_setting(char** value, void**, GucSource) {
  Wanted parsed;
  if (**value == '\0' || parse(*value, &parsed)) return true;
  GUC_check_errdetail(
      "A failure point is set as name:n:kind, kind being oom, error, cancel, "
      "crash or pause.");
  return false;
}

void assign_setting(const char* value, void*) {
  left = 0;
  of_memory = false;
  if (*value == '\0' || !parse(value, &wanted)) return;
  left = wanted.passings;
  of_memory = std::strcmp(wanted.name, "allocation") == 0;
}

const char* show_setting() {
  static char text[128];
  text[0] = '\0';
  if (left > 0) {
    std::snprintf(text, sizeof text, "%s:%ld:%s", wanted.name, left.load(),
                  kKinds[static_cast<int>(wanted.kind)]);
  }
  return text;
}

/// Whether this passing is the one that fails.
bool is_next() {
  return left > 0 && left.fetch_sub(1) == 1;
}

bool is_at(const char* name) {
  return left > 0 && std::strcmp(wanted.name, name) == 0 && is_next();
}

void pause() {
  const Datum key = Int64GetDatum(kPauseKey);
  DirectFunctionCall1(pg_advisory_lock_int8, key);
  DirectFunctionCall1(pg_advisory_unlock_int8, key);
}

[[noreturn]] void crash() {
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

}  // namespace

void failure_point(const char* name) {
  if (!is_at(name)) return;
  switch (wanted.kind) {
    case Kind::oom:
      ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
                      errdetail("Failure point \"%s\".", name)));
    case Kind::error:
      ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("failure point \"%s\"", name)));
    case Kind::cancel:
      QueryCancelPending = true;
      InterruptPending = true;
      CHECK_FOR_INTERRUPTS();  // if a page is locked, it is the next one that does it
      return;
    case Kind::crash:
      if (!XLogRecPtrIsInvalid(XactLastRecEnd)) XLogFlush(XactLastRecEnd);
      crash();
    case Kind::pause:
      pause();
      return;
  }
}

void failure_point_in_core(const char* name) {
  if (!is_at(name)) return;
  switch (wanted.kind) {
    case Kind::oom:
      throw std::bad_alloc();
    case Kind::error:
      throw std::runtime_error("a failure point");
    case Kind::cancel:
      kill(getpid(), SIGINT);
      return;
    case Kind::crash:
      crash();
    case Kind::pause:
      return;
  }
}

void register_failure_points() {
  DefineCustomStringVariable("dvecdb.failure_point", "Where this process is to fail, for tests",
                             nullptr, &setting, "", PGC_SUSET, 0, check_setting, assign_setting,
                             show_setting);
}

}  // namespace dvecdb::extension

// The module's own allocations, of the core, too, which is linked into it.
void* operator new(std::size_t size) {
  using namespace dvecdb::extension;
  const bool fails = of_memory && is_next();
  void* memory = fails ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

#endif
