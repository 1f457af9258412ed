// Room for open files, made before there are threads.
#pragma once

namespace dvecdb::server::app {

// Raises the process's limit of open files as far as it may, up to what `connections` clients and
// their readers need, and makes the kernel's table that large at once: when it grows later, every
// thread that opens or accepts anything waits some tens of milliseconds for it, the ones that
// answer probes too. Logs a warning when the limit stays too low.
void reserve_file_descriptors(int connections);

}  // namespace dvecdb::server::app
