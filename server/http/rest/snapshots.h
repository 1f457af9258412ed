// What snapshots need besides their routes.
#pragma once

#include <string>

namespace dvecdb::server::http::rest {

// What a crash has left of snapshots that were being written. Before the first request.
void remove_unfinished_snapshots(const std::string& data_dir);

}  // namespace dvecdb::server::http::rest
