// What the numbers were measured on.
#pragma once

#include <string>

namespace dvecdb::bench {

// Processor, cores, memory, kernel, and how busy the machine is already: one line.
std::string describe_machine();

// The median of writing 16 kB into a file of the temporary folder's disk and waiting for it.
double sync_milliseconds();

}  // namespace dvecdb::bench
