#include "extension/guard.h"

#include <cstring>
#include <new>
#include <stdexcept>

#include "dvecdb/errors.h"

namespace dvecdb::extension {
namespace {

void keep(CaughtError& error, int sqlstate, const char* message) noexcept {
  error.sqlstate = sqlstate;
  strlcpy(error.message, message, sizeof(error.message));
}

}  // namespace

void describe_current_exception(CaughtError& error) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    keep(error, ERRCODE_OUT_OF_MEMORY, "out of memory");
  } catch (const core::CorruptFile& caught) {
    keep(error, ERRCODE_DATA_CORRUPTED, caught.what());
  } catch (const core::FileError& caught) {
    keep(error, ERRCODE_IO_ERROR, caught.what());
  } catch (const std::logic_error& caught) {
    keep(error, ERRCODE_INVALID_PARAMETER_VALUE, caught.what());
  } catch (const std::exception& caught) {
    keep(error, ERRCODE_INTERNAL_ERROR, caught.what());
  } catch (...) {
    keep(error, ERRCODE_INTERNAL_ERROR, "unknown exception");
  }
}

void raise(const CaughtError& error) {
  ereport(ERROR, (errcode(error.sqlstate), errmsg("%s", error.message)));
}

}  // namespace dvecdb::extension
