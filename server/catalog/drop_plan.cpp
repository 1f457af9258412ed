#include "server/catalog/drop_plan.h"

#include <algorithm>
#include <optional>
#include <set>

#include "server/catalog/table.h"

namespace dvecdb::server::catalog {

namespace {

struct Link {
  ObjectAddress dependent;
  char type;
};

class Planner {
 public:
  explicit Planner(storage::Connection& connection) : connection_(connection) {}

  DropPlan plan(const std::vector<ObjectAddress>& objects) {
    for (const ObjectAddress& object : objects) {
      if (const auto whole = whole_of(object); whole && !is_among(objects, *whole)) {
        plan_.part = object;
        plan_.whole = *whole;
        return std::move(plan_);
      }
    }
    for (const ObjectAddress& object : objects) take_with_parts(object);
    // Each pass may find objects whose own dependents the next one sees.
    for (std::size_t at = 0; at < plan_.objects.size(); ++at) {
      const ObjectAddress referenced = plan_.objects[at];
      for (const Link& link : dependents_of(referenced)) {
        const ObjectAddress dependent = whole_of(link.dependent).value_or(link.dependent);
        if (is_taken(dependent) || is_taken(link.dependent)) continue;
        plan_.dependents.push_back({dependent, referenced});
        take_with_parts(dependent);
      }
    }
    // What was taken later depends on what was taken before.
    std::reverse(plan_.objects.begin(), plan_.objects.end());
    return std::move(plan_);
  }

 private:
  static bool is_among(const std::vector<ObjectAddress>& objects, const ObjectAddress& object) {
    return std::find(objects.begin(), objects.end(), object) != objects.end();
  }

  // A column of a taken relation is taken with it.
  bool is_taken(const ObjectAddress& object) const {
    return taken_.contains(object) || taken_.contains({object.catalog, object.object, 0});
  }

  // The object and all that goes with it without asking.
  void take_with_parts(const ObjectAddress& first) {
    if (is_taken(first)) return;
    std::size_t at = plan_.objects.size();
    take(first);
    for (; at < plan_.objects.size(); ++at) {
      const ObjectAddress referenced = plan_.objects[at];
      for (const Link& link : dependents_of(referenced)) {
        if (link.type != 'n' && !is_taken(link.dependent)) take(link.dependent);
      }
    }
  }

  void take(const ObjectAddress& object) {
    taken_.insert(object);
    plan_.objects.push_back(object);
  }

  std::vector<Link> dependents_of(const ObjectAddress& object) {
    using namespace pg_depend;
    ColumnValues equal = {{refclassid, oid_value(object.catalog)},
                          {refobjid, oid_value(object.object)}};
    if (object.column != 0) equal.push_back({refobjsubid, Value::integer(object.column)});
    std::vector<Link> links;
    for (const StoreRow& row : find_rows(connection_, table, equal)) {
      const ObjectAddress dependent = {row.oid(classid), row.oid(objid),
                                       static_cast<std::int32_t>(row.integer(objsubid))};
      links.push_back({dependent, row.character(deptype)});
    }
    return links;
  }

  // The object of which this one is an internal part (an extension of which it is a member).
  std::optional<ObjectAddress> whole_of(const ObjectAddress& object) {
    using namespace pg_depend;
    for (const StoreRow& row :
         find_rows(connection_, table,
                   {{classid, oid_value(object.catalog)}, {objid, oid_value(object.object)}})) {
      const char type = row.character(deptype);
      const bool is_same_part = row.integer(objsubid) == object.column;
      if (!is_same_part || (type != 'i' && type != 'e')) continue;
      return ObjectAddress{row.oid(refclassid), row.oid(refobjid),
                           static_cast<std::int32_t>(row.integer(refobjsubid))};
    }
    return std::nullopt;
  }

  storage::Connection& connection_;
  DropPlan plan_;
  std::set<ObjectAddress> taken_;
};

}  // namespace

DropPlan plan_drop(storage::Connection& connection, const std::vector<ObjectAddress>& objects) {
  return Planner(connection).plan(objects);
}

}  // namespace dvecdb::server::catalog
