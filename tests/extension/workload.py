"""A table of vectors, clients that change and search it, and what must hold afterwards."""

import random
import threading

import psycopg

DIMENSIONS = 24
LEAST_RECALL = 0.95
# Rows are compared exactly where the usual error of codes leaves their order open: seldom, two whose
# distances are nearly equal come in the wrong order.
ORDER = 0.98


def vector_of(number):
    """The same vector for the same number, near those of its cluster."""
    source = random.Random(number)
    center = random.Random(number % 40)
    return str([round(center.gauss(0, 1) + source.gauss(0, 0.3), 4) for _ in range(DIMENSIONS)])


def make_table(cluster, name, rows, index="USING hnsw (v vector_l2_ops) WITH (m = 8)"):
    """rows with id and v, and the index <name>_v_idx unless `index` is None."""
    cluster.execute(f"CREATE TABLE {name} (id integer PRIMARY KEY, v vector({DIMENSIONS}))")
    fill(cluster, name, range(rows))
    if index:
        cluster.execute(f"CREATE INDEX {name}_v_idx ON {name} {index}")


def fill(cluster, name, ids):
    with cluster.connect() as connection, connection.cursor() as cursor:
        with cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for row in ids:
                copy.write_row((row, vector_of(row)))


def nearest(connection, name, number, by_index):
    connection.execute(f"SET enable_seqscan = {'off' if by_index else 'on'}")
    connection.execute(f"SET enable_indexscan = {'on' if by_index else 'off'}")
    rows = connection.execute(
        f"SELECT id FROM {name} ORDER BY v <-> %s::vector LIMIT 10", [vector_of(number)])
    return [row[0] for row in rows]


def recall(cluster, name, queries=40):
    """Recall@10 of the index against a scan."""
    right = wanted = 0
    with cluster.connect() as connection:
        connection.execute("SET hnsw.ef_search = 100")
        for number in range(10_000_000, 10_000_000 + queries):
            exact = nearest(connection, name, number, by_index=False)
            right += len(set(exact) & set(nearest(connection, name, number, by_index=True)))
            wanted += len(exact)
    return right / wanted


def check(cluster, name, index=None):
    """The index's structure is sound, holds every row once, and finds what a scan finds."""
    cluster.execute("SELECT dvecdb_index_check(%s::regclass, true)", [index or f"{name}_v_idx"])
    found = recall(cluster, name)
    assert found >= LEAST_RECALL, found


class Client(threading.Thread):
    """Does `step(connection, random)` again and again, until it is told to end or the server dies.
    Any error but the server's end is kept in `error`. `expected` are errors that may happen."""

    def __init__(self, cluster, step, seed, expected=()):
        super().__init__(daemon=True)
        self.cluster, self.step, self.random = cluster, step, random.Random(seed)
        self.expected = expected
        self.ending = threading.Event()
        self.steps = 0
        self.error = None

    def run(self):
        try:
            with self.cluster.connect() as connection:
                while not self.ending.is_set():
                    try:
                        self.step(connection, self.random)
                    except self.expected:
                        pass
                    self.steps += 1
        except psycopg.OperationalError as error:
            self.error = None if self.cluster.was_killed else error
        except Exception as error:  # reported by the thread that started this one
            self.error = error

    def end(self):
        self.ending.set()
        self.join(timeout=120)
        assert not self.is_alive(), "a client hangs"
        if self.error:
            raise self.error
        assert self.steps > 0


def inserter(name, first_id):
    """A step that inserts one row after the other, from an id on that no other client uses."""
    ids = iter(range(first_id, first_id + 10_000_000))

    def step(connection, _random):
        row = next(ids)
        connection.execute(f"INSERT INTO {name} VALUES (%s, %s)", [row, vector_of(row)])
    return step


def updater(name, rows):
    def step(connection, source):
        connection.execute(f"UPDATE {name} SET v = %s WHERE id = %s",
                           [vector_of(source.randrange(1_000_000)), source.randrange(rows)])
    return step


def deleter(name, rows):
    def step(connection, source):
        connection.execute(f"DELETE FROM {name} WHERE id = %s", [source.randrange(rows)])
    return step


def searcher(name):
    """Searches by the index: ten rows, each once, by rising distance."""
    def step(connection, source):
        connection.execute("SET enable_seqscan = off; SET hnsw.iterative_scan = strict_order")
        query = vector_of(source.randrange(1_000_000))
        rows = connection.execute(
            f"SELECT id, v <-> %s::vector FROM {name} ORDER BY v <-> %s::vector LIMIT 10",
            [query, query]).fetchall()
        distances = [row[1] for row in rows]
        assert len({row[0] for row in rows}) == 10, rows
        pairs = zip(distances, distances[1:])
        assert all(after >= ORDER * before for before, after in pairs), rows
    return step


def vacuumer(name):
    def step(connection, _random):
        connection.execute(f"VACUUM {name}")
    return step


def run_clients(cluster, steps, seconds, expected=()):
    """Each step in a connection of its own, all at once, for so long."""
    clients = [Client(cluster, step, seed, expected) for seed, step in enumerate(steps)]
    for one in clients:
        one.start()
    threading.Event().wait(seconds)
    for one in clients:
        one.ending.set()
    for one in clients:
        one.end()


def lift_timeout(connection):
    """Ends a statement_timeout, which may be so short that it cancels this very statement."""
    while True:
        try:
            connection.execute("SET statement_timeout = 0")
            return
        except psycopg.errors.QueryCanceled:
            pass
