// Makes the functions over the catalog known to functions::Registry. Call once, before the first
// session.
#pragma once

namespace dvecdb::server::catalog {

void register_functions();

}  // namespace dvecdb::server::catalog
