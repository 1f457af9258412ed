"""EXPLAIN (ANALYZE) tells of vector scans also where it does not pass the library: EXECUTE, and the
first statement of a session, whose planning loads it. Before PostgreSQL 18 as a message."""

import pytest

from workload import make_table

LINE = "Vector Index Scan using t_v_idx: candidates="
SEARCH = "SELECT id FROM t ORDER BY v <-> (SELECT v FROM t WHERE id = 7) LIMIT 5"


@pytest.fixture(scope="module")
def table(cluster):
    make_table(cluster, "t", 400)
    return cluster


def said(server, *statements):
    """The messages of the last statement and its rows, in a new session."""
    messages = []
    with server.connect() as connection:
        connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        for statement in statements[:-1]:
            connection.execute(statement)
        connection.add_notice_handler(lambda notice: messages.append(
            (notice.severity, notice.message_primary)))
        rows = [str(row[0]) for row in connection.execute(statements[-1]).fetchall()]
    return messages, rows


def check_told(server, *statements):
    messages, rows = said(server, *statements)
    if server.installation.major >= 18:
        assert not messages and any("codes compared" in row.lower() for row in rows)
    else:
        assert len(messages) == 1, (messages, rows)
        severity, text = messages[0]
        assert severity == "INFO" and text.startswith(LINE) and not text.endswith("\n")
    return messages


@pytest.mark.parametrize("options", ["ANALYZE", "ANALYZE, FORMAT json", "ANALYZE, TIMING off"])
def test_first_statement(table, options):
    check_told(table, f"EXPLAIN ({options}) {SEARCH}")


def test_execute(table):
    check_told(table, "LOAD 'dvecdb'", f"PREPARE search AS {SEARCH}",
               "EXPLAIN (ANALYZE) EXECUTE search")


def test_nothing_without_analyze(table):
    for options in ("COSTS off", "BUFFERS"):
        assert said(table, f"EXPLAIN ({options}) {SEARCH}")[0] == []
    assert said(table, f"PREPARE search AS {SEARCH}", "EXPLAIN EXECUTE search")[0] == []
    assert said(table, SEARCH)[0] == []


def test_other_statements_are_explained_in_place(table):
    if table.installation.major >= 18:
        pytest.skip("EXPLAIN shows it at each node")
    messages, rows = said(table, "LOAD 'dvecdb'", f"EXPLAIN (ANALYZE) {SEARCH}")
    assert messages == [] and sum(row.startswith(LINE) for row in rows) == 1


def test_searches_of_functions_are_not_told_of(table):
    table.execute(f"CREATE FUNCTION search() RETURNS SETOF int LANGUAGE plpgsql AS "
                  f"$$BEGIN RETURN QUERY {SEARCH}; END$$")
    messages, _ = said(table, "LOAD 'dvecdb'", "PREPARE by_function AS SELECT * FROM search()",
                       "EXPLAIN (ANALYZE) EXECUTE by_function")
    assert messages == []
