"""kill -9 while clients write: what was acknowledged is there once, what was deleted stays away.

The clients keep a ledger of what the server acknowledged. An operation under way at the kill may
have happened or not; everything else is certain.
"""

import threading
import time

import psycopg

ROUNDS = 5
WRITERS = 4
SECONDS_A_ROUND = 1.5


class Writer(threading.Thread):
    """Inserts, updates and deletes rows of its own range of ids until the server dies."""

    def __init__(self, dsn, number, start_at):
        super().__init__()
        self.dsn, self.number, self.next_id = dsn, number, start_at
        self.rows = {}       # id -> value that the server acknowledged
        self.deleted = set()
        self.unsure = set()  # ids of the operation that was under way

    def run(self):
        try:
            with psycopg.connect(self.dsn, autocommit=True) as connection:
                while True:
                    self.insert(connection)
                    if self.next_id % 5 == 0:
                        self.change(connection)
        except psycopg.OperationalError:
            pass

    def insert(self, connection):
        row_id = self.next_id * WRITERS + self.number
        self.next_id += 1
        self.unsure = {row_id}
        connection.execute("INSERT INTO ledger VALUES (%s, %s::vector)", (row_id, vector(row_id)))
        self.rows[row_id] = row_id
        self.unsure = set()

    def change(self, connection):
        ids = sorted(self.rows)
        victim, moved = ids[len(ids) // 2], ids[-1]
        self.unsure = {victim, moved}
        with connection.transaction():
            connection.execute("DELETE FROM ledger WHERE id = %s", (victim,))
            connection.execute("UPDATE ledger SET e = %s::vector WHERE id = %s",
                               (vector(moved + 0.25), moved))
        if victim != moved:
            self.rows[moved] = moved + 0.25
        else:
            del self.rows[moved]
        self.rows.pop(victim, None)
        self.deleted.add(victim)
        self.unsure = set()


def vector(value):
    return f"[{value},1,0]"


def stored_rows(server):
    return server.query("SELECT id, e FROM ledger ORDER BY id")


def test_acknowledged_rows_survive(new_server):
    new_server.start()
    new_server.psql("CREATE TABLE ledger (id bigint PRIMARY KEY, e vector(3) NOT NULL);"
                    "CREATE INDEX ledger_e ON ledger USING hnsw (e vector_l2_ops);", check=True)
    certain, next_ids = {}, [0] * WRITERS
    total = 0
    for _ in range(ROUNDS):
        writers = [Writer(new_server.dsn, n, next_ids[n]) for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(SECONDS_A_ROUND)
        new_server.kill()
        for writer in writers:
            writer.join()
        new_server.start()

        unsure, deleted = set(), set()
        for writer in writers:
            certain.update(writer.rows)
            unsure |= writer.unsure
            deleted |= writer.deleted
            total += len(writer.rows)
            next_ids[writer.number] = writer.next_id
        for row_id in deleted:
            certain.pop(row_id, None)

        rows = stored_rows(new_server)
        ids = [int(row[0]) for row in rows]
        assert len(ids) == len(set(ids)), "a row came twice"
        found = {int(i): float(e[1:].split(",")[0]) for i, e in rows}
        for row_id, value in certain.items():
            if row_id not in unsure:
                assert found.get(row_id) == value, f"row {row_id} was acknowledged"
        assert not (deleted - unsure) & set(found), "a deleted row came back"
        assert set(found) <= set(certain) | unsure
        certain = dict(found)
        check_searches(new_server, found)
    assert total > 100, "the writers hardly wrote"


def check_searches(server, rows):
    """The index answers what an exact scan answers."""
    for target in list(rows.values())[:: max(1, len(rows) // 20)]:
        nearest = server.query("SET enable_indexscan = on; SELECT id FROM ledger "
                               f"ORDER BY e <-> '{vector(target)}' LIMIT 1")
        assert rows[int(nearest[0][0])] == target
    everything = server.query("SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM ledger "
                              f"ORDER BY e <-> '{vector(0)}' LIMIT 1000000) AS s")
    assert everything == [(str(len(rows)), str(len(rows)))]
