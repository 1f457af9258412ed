// pgJDBC: connect, create, insert (batches and COPY), nearest neighbours, introspection.
import java.io.StringReader;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PGobject;

public class PgJdbc {
  static void check(boolean condition, String what) {
    if (!condition) throw new AssertionError(what);
  }

  static PGobject vector(String text) throws SQLException {
    PGobject value = new PGobject();
    value.setType("vector");
    value.setValue(text);
    return value;
  }

  static void createAndInsert(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE EXTENSION IF NOT EXISTS vector");
      statement.execute("DROP TABLE IF EXISTS items");
      statement.execute("CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3),"
          + " title text NOT NULL, price numeric(8,2))");
    }
    try (PreparedStatement insert = connection.prepareStatement(
        "INSERT INTO items (embedding, title, price) VALUES (?, ?, ?)",
        Statement.RETURN_GENERATED_KEYS)) {
      for (int i = 0; i < 20; i++) {
        insert.setObject(1, vector("[" + i + ",0,0]"));
        insert.setString(2, "n" + i);
        insert.setBigDecimal(3, new java.math.BigDecimal("1.50"));
        insert.addBatch();
      }
      check(insert.executeBatch().length == 20, "batch");
      ResultSet keys = insert.getGeneratedKeys();
      check(keys.next() && keys.getLong(1) == 1, "generated keys");
    }
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    long copied = copy.copyIn("COPY items (embedding, title) FROM STDIN (FORMAT csv)",
        new StringReader("\"[100,0,0]\",copied\n"));
    check(copied == 1, "copy");
  }

  static void search(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)");
    }
    try (PreparedStatement near = connection.prepareStatement(
        "SELECT id, embedding, title FROM items ORDER BY embedding <-> ? LIMIT 3")) {
      // More runs than the driver's threshold, after which it prepares on the server, in binary.
      for (int run = 0; run < 10; run++) {
        near.setObject(1, vector("[7.2,0,0]"));
        List<String> titles = new ArrayList<>();
        try (ResultSet rows = near.executeQuery()) {
          while (rows.next()) titles.add(rows.getString("title"));
        }
        check(titles.equals(List.of("n7", "n8", "n6")), "neighbours " + titles);
      }
    }
  }

  static void introspect(Connection connection) throws Exception {
    DatabaseMetaData meta = connection.getMetaData();
    check(meta.getDatabaseProductName().equals("PostgreSQL"), "product");
    try (ResultSet columns = meta.getColumns(null, "public", "items", null)) {
      List<String> types = new ArrayList<>();
      while (columns.next()) types.add(columns.getString("TYPE_NAME"));
      check(types.equals(List.of("bigserial", "vector", "text", "numeric")), "columns " + types);
    }
    try (ResultSet keys = meta.getPrimaryKeys(null, "public", "items")) {
      check(keys.next() && keys.getString("COLUMN_NAME").equals("id"), "primary key");
    }
    try (ResultSet tables = meta.getTables(null, "public", "items", new String[] {"TABLE"})) {
      check(tables.next(), "tables");
    }
    try (ResultSet indexes = meta.getIndexInfo(null, "public", "items", true, false)) {
      check(indexes.next() && indexes.getString("INDEX_NAME").equals("items_pkey"), "indexes");
    }
  }

  static void transactionsAndErrors(Connection connection) throws Exception {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(5);
      int rows = 0;
      try (ResultSet result = statement.executeQuery("SELECT id FROM items ORDER BY id")) {
        while (result.next()) rows++;
      }
      check(rows == 21, "fetch size " + rows);
      statement.executeUpdate("DELETE FROM items");
      connection.rollback();
      try {
        statement.executeQuery("SELECT * FROM nowhere");
        check(false, "no error");
      } catch (SQLException error) {
        check(error.getSQLState().equals("42P01"), error.getSQLState());
      }
      connection.rollback();
      ResultSet count = statement.executeQuery("SELECT count(*) FROM items");
      check(count.next() && count.getLong(1) == 21, "count");
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  public static void main(String[] arguments) throws Exception {
    try (Connection connection = DriverManager.getConnection(arguments[0], "postgres", "")) {
      createAndInsert(connection);
      search(connection);
      introspect(connection);
      transactionsAndErrors(connection);
    }
  }
}
