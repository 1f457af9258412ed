// Which objects a DROP takes, found through pg_depend.
#pragma once

#include <vector>

#include "server/catalog/object_address.h"
#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

struct DropPlan {
  // Everything to drop, dependents before what they depend on.
  std::vector<ObjectAddress> objects;
  // Objects that only CASCADE takes, in the order of finding, and what each depends on.
  struct Dependent {
    ObjectAddress object;
    ObjectAddress referenced;
  };
  std::vector<Dependent> dependents;
  // An asked for object that is a part of another one, which alone may be dropped (catalog 0:
  // none).
  ObjectAddress part;
  ObjectAddress whole;
};

DropPlan plan_drop(storage::Connection& connection, const std::vector<ObjectAddress>& objects);

}  // namespace dvecdb::server::catalog
