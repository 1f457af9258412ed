// A database with its catalogs, alone in a temporary folder.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "server/catalog/bootstrap.h"
#include "server/catalog/loader.h"
#include "server/storage/database.h"
#include "tests/unit/storage/temporary_folder.h"

namespace dvecdb::server::catalog {

class CatalogFixture : public ::testing::Test {
 protected:
  explicit CatalogFixture(storage::ConnectionSetup setup = nullptr)
      : database_(folder_.path() + "/db", folder_.path() + "/global.db", {}, std::move(setup)) {
    database_.run_grouped({}, [](storage::Connection& writer) {
      create_shared_catalogs(writer);
      create_catalogs(writer);
    });
  }

  void write(const std::function<void(storage::Connection&)>& work) {
    database_.run_grouped({}, work);
  }
  SnapshotPtr load() {
    const storage::ReaderLease reader = database_.reader();
    reader.connection().execute("BEGIN");
    SnapshotPtr snapshot = loader_.load(reader.connection());
    reader.connection().execute("COMMIT");
    return snapshot;
  }
  // The first column of the first row.
  types::Value value_of(std::string_view sql) {
    const storage::ReaderLease reader = database_.reader();
    storage::Statement statement = reader.connection().prepare(sql);
    types::Value value = statement.step() ? statement.column(0) : types::Value::null();
    return value.own();
  }

  storage::TemporaryFolder folder_;
  storage::Database database_;
  Loader loader_;
};

}  // namespace dvecdb::server::catalog
