#include <gtest/gtest.h>

#include "server/catalog/session_catalog.h"
#include "server/query/analyze.h"
#include "server/query/deparse.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {
namespace {

// "column type, ..." of a query's results.
std::string columns_of(const query::Query& query, const query::Catalog& catalog) {
  std::string out;
  for (const query::TargetEntry& target : query.targets) {
    if (target.is_junk) continue;
    out += target.name + " " + query::format_type(catalog, target.expr->type) + ", ";
  }
  return out;
}

std::string columns_of(const RelationDesc& view, const query::Catalog& catalog) {
  std::string out;
  for (const query::ColumnDesc& column : view.columns) {
    out += column.name + " " + query::format_type(catalog, column.type) + ", ";
  }
  return out;
}

TEST(BuiltinViews, HaveTheColumnsThatTheCatalogTells) {
  const SessionCatalog catalog(Snapshot::builtin(), {"pg_catalog", "public"});
  const types::IoContext io{.types = &catalog};
  int views = 0;
  for (const RelationDesc* view : catalog.relations()) {
    if (view->kind != 'v') continue;
    ++views;
    ASSERT_FALSE(view->view_text.empty()) << view->name;
    const query::AnalyzeContext context{
        catalog, io, {"pg_catalog", "public"}, "postgres", view->view_text};
    query::ParamTypes no_params;
    try {
      const query::QueryPtr query =
          query::analyze(context, query::parse(view->view_text).at(0), no_params);
      EXPECT_EQ(columns_of(*query, catalog), columns_of(*view, catalog))
          << view->schema << "." << view->name;
    } catch (const types::SqlError& error) {
      ADD_FAILURE() << view->schema << "." << view->name << ": " << error.what() << "\n"
                    << view->view_text.substr(0, 2000);
    }
  }
  EXPECT_EQ(views, 140);
}

}  // namespace
}  // namespace dvecdb::server::catalog
