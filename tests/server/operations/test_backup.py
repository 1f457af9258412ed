"""Backups: of one moment, whole or refused, restored to what was there."""

import os
import random
import re
import subprocess
import threading
import time

import psycopg
import pytest

from conftest import BUILD, Server

FORMAT = "dvecdb data 1\n"


def dvecdb(*arguments, check=False):
    done = subprocess.run([str(BUILD / "bin" / "dvecdb"), *map(str, arguments)],
                          capture_output=True, text=True, timeout=120)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def url_of(server):
    return f"postgresql://postgres@127.0.0.1:{server.port}/postgres"


def back_up(server, output, *flags):
    return dvecdb("backup", "--url", url_of(server), "--output", output, *flags, check=True)


@pytest.fixture
def restored(tmp_path):
    """Restores a backup and starts a server on it."""
    started = []

    def start(archive):
        folder = tmp_path / f"restored{len(started)}"
        dvecdb("restore", "--input", archive, "--data-dir", folder, check=True)
        started.append(Server(folder).start())
        return started[-1]

    yield start
    for server in started:
        assert server.stop() == 0, server.log()


CONTENT = """
CREATE ROLE reader LOGIN PASSWORD 'geheim';
CREATE TABLE items (id bigserial PRIMARY KEY, name text UNIQUE, e vector(4));
INSERT INTO items (name, e) SELECT 'n' || g, ARRAY[g, 1, 2, 3]::vector FROM generate_series(1, 2000) g;
CREATE INDEX items_e ON items USING hnsw (e vector_l2_ops);
DELETE FROM items WHERE id % 10 = 0;
UPDATE items SET e = '[0,0,0,0]' WHERE id = 7;
CREATE VIEW few AS SELECT id FROM items WHERE id < 5;
GRANT SELECT ON few TO reader;
"""
QUESTIONS = [
    "SELECT id, name, e FROM items ORDER BY id",
    "SELECT id FROM items ORDER BY e <-> '[500,1,2,3]', id LIMIT 20",
    "SELECT count(*) FROM items",
    "SELECT * FROM few",
    "SELECT rolname FROM pg_roles WHERE rolname = 'reader'",
    "SELECT has_table_privilege('reader', 'few', 'SELECT')",
    "SELECT datname FROM pg_database ORDER BY datname",
]


def test_a_restored_server_answers_the_same(new_server, restored, tmp_path):
    new_server.start()
    new_server.psql(CONTENT, check=True)
    new_server.psql("CREATE DATABASE other", check=True)
    new_server.psql("CREATE TABLE o (x int); INSERT INTO o VALUES (42)", database="other",
                    check=True)
    done = back_up(new_server, tmp_path / "b.tar")
    assert done.stdout.startswith(f"{tmp_path}/b.tar: ")
    answers = [new_server.query(question) for question in QUESTIONS]
    assert len(answers[0]) == 1800

    copy = restored(tmp_path / "b.tar")
    # A start after a restore, and any start, adds nothing and brings nothing back.
    for _ in range(2):
        assert [copy.query(question) for question in QUESTIONS] == answers
        assert copy.query("SELECT x FROM o", database="other") == [("42",)]
        assert copy.stop() == 0
        copy.start()
    assert copy.query("INSERT INTO items (name, e) VALUES ('new', '[1,1,1,1]') RETURNING id") == \
        [("2001",)]


def test_psql_alone_can_take_a_backup(new_server, restored, tmp_path):
    new_server.start()
    new_server.psql("CREATE TABLE t (x int); INSERT INTO t VALUES (1)", check=True)
    with open(tmp_path / "p.tar", "wb") as out:
        subprocess.run(["psql", "-X", "-c", "CALL dvecdb_backup()", url_of(new_server)],
                       stdout=out, check=True, timeout=60)
    assert restored(tmp_path / "p.tar").query("SELECT x FROM t") == [("1",)]


def test_the_folder_of_a_stopped_server(new_server, restored, tmp_path):
    new_server.start()
    new_server.psql("CREATE TABLE t (x int); INSERT INTO t VALUES (1)", check=True)
    refused = dvecdb("backup", "--data-dir", new_server.data_dir, "--output", tmp_path / "x.tar")
    assert refused.returncode == 1
    assert "in use" in refused.stderr and "--url" in refused.stderr
    assert new_server.stop() == 0
    dvecdb("backup", "--data-dir", new_server.data_dir, "--output", tmp_path / "s.tar", check=True)
    assert restored(tmp_path / "s.tar").query("SELECT x FROM t") == [("1",)]
    nothing = dvecdb("backup", "--data-dir", tmp_path, "--output", tmp_path / "x.tar")
    assert nothing.returncode == 2
    assert "no data folder" in nothing.stderr
    assert not (tmp_path / "x.tar").exists()


ACCOUNTS = 20


class Transfers(threading.Thread):
    """Moves amounts between accounts, and notes each acknowledged commit's number."""

    def __init__(self, dsn, number):
        super().__init__()
        self.dsn, self.number, self.acknowledged = dsn, number, 0
        self.is_stopping = threading.Event()

    def run(self):
        choose = random.Random(self.number)
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            while not self.is_stopping.is_set():
                source, target = choose.sample(range(ACCOUNTS), 2)
                amount = choose.randint(1, 9)
                with connection.transaction():
                    for account, change in ((source, -amount), (target, amount)):
                        connection.execute(
                            "UPDATE accounts SET balance = balance + %s, e = ARRAY[balance, id]"
                            "::vector WHERE id = %s", (change, account))
                    connection.execute("INSERT INTO log VALUES (%s, %s)",
                                       (self.number, self.acknowledged + 1))
                self.acknowledged += 1


def test_a_backup_under_load_is_of_one_moment(new_server, restored, tmp_path):
    new_server.start()
    new_server.psql("CREATE DATABASE second", check=True)
    setup = (f"CREATE TABLE accounts (id int PRIMARY KEY, balance int, e vector(2));"
             f"INSERT INTO accounts SELECT g, 100, ARRAY[100, g]::vector "
             f"FROM generate_series(0, {ACCOUNTS - 1}) g;"
             "CREATE INDEX ON accounts USING hnsw (e vector_l2_ops);"
             "CREATE TABLE log (writer int, number int, PRIMARY KEY (writer, number))")
    databases = ("postgres", "second")
    for database in databases:
        new_server.psql(setup, database=database, check=True)
    dsn = new_server.dsn.replace("dbname=postgres", "dbname={}")
    writers = {database: [Transfers(dsn.format(database), n) for n in range(2)]
               for database in databases}
    everybody = [writer for group in writers.values() for writer in group]
    for writer in everybody:
        writer.start()
    archives, known = [], []
    try:
        for number in range(3):
            time.sleep(0.3)
            known.append({database: [writer.acknowledged for writer in group]
                          for database, group in writers.items()})
            archives.append(tmp_path / f"{number}.tar")
            back_up(new_server, archives[-1])
    finally:
        for writer in everybody:
            writer.is_stopping.set()
        for writer in everybody:
            writer.join(60)
    for archive, acknowledged in zip(archives, known):
        copy = restored(archive)
        for database in databases:
            assert copy.query("SELECT sum(balance) FROM accounts", database=database) == \
                [(str(100 * ACCOUNTS),)]
            logged = copy.query("SELECT writer, count(*), max(number) FROM log GROUP BY 1 ORDER BY 1",
                                database=database)
            for (_, count, last), before in zip(logged, acknowledged[database]):
                assert count == last, "a commit is missing between others"
                assert int(last) >= before, "an acknowledged commit is missing"
            assert copy.query("SELECT count(*) FROM (SELECT id FROM accounts ORDER BY e <-> "
                              "'[100,1]' LIMIT 100) s", database=database) == [(str(ACCOUNTS),)]


def fill(server, rows):
    server.psql(f"CREATE TABLE big (id int PRIMARY KEY, t text); INSERT INTO big SELECT g, "
                f"repeat(md5(g::text), 60) FROM generate_series(1, {rows}) g", check=True)


def test_kill_leaves_no_file_that_restore_accepts(new_server, tmp_path):
    new_server.start()
    fill(new_server, 20000)
    began = time.monotonic()
    back_up(new_server, tmp_path / "whole.tar")
    seconds = time.monotonic() - began
    # The command, at several moments of its work.
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        output = tmp_path / f"{share}.tar"
        process = subprocess.Popen([str(BUILD / "bin" / "dvecdb"), "backup", "--url",
                                    url_of(new_server), "--output", str(output)],
                                   stdout=subprocess.DEVNULL)
        time.sleep(seconds * share)
        process.kill()
        process.wait()
        for left in tmp_path.glob(f"{share}.tar*"):
            is_whole = left.stat().st_size == (tmp_path / "whole.tar").stat().st_size
            done = dvecdb("restore", "--input", left, "--data-dir", tmp_path / f"r{share}")
            assert is_whole or done.returncode == 1, left
    # The server, in the middle: the command says so and leaves nothing.
    process = subprocess.Popen([str(BUILD / "bin" / "dvecdb"), "backup", "--url",
                                url_of(new_server), "--output", str(tmp_path / "s.tar")],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(seconds * 0.4)
    new_server.kill()
    _, errors = process.communicate(timeout=60)
    if process.returncode != 0:
        assert errors.startswith("dvecdb: ")
        assert not list(tmp_path.glob("s.tar*"))
    new_server.start()
    assert not (new_server.data_dir / "backup.unfinished").exists()
    assert new_server.query("SELECT count(*) FROM big") == [("20000",)]


def test_what_is_damaged_or_in_the_way_is_refused(new_server, tmp_path):
    new_server.start()
    archive = tmp_path / "b.tar"
    back_up(new_server, archive)
    content = archive.read_bytes()

    def restore(data, folder):
        (tmp_path / "x.tar").write_bytes(data)
        return dvecdb("restore", "--input", tmp_path / "x.tar", "--data-dir", folder)

    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    for data, says in ((content[:-512], "cut short"), (content[:100000], "cut short"),
                       (bytes(flipped), "checksum of"), (b"", "cut short"),
                       (b"x" * 10000, "does not begin as a backup")):
        done = restore(data, tmp_path / "new")
        assert done.returncode == 1
        assert says in done.stderr and "HINT" in done.stderr
        assert not (tmp_path / "new").exists()

    full = tmp_path / "full"
    full.mkdir()
    (full / "precious").write_text("x")
    done = restore(content, full)
    assert done.returncode == 1
    assert f'"{full}" is not empty: it has "precious" in it' in done.stderr
    assert sorted(path.name for path in full.iterdir()) == ["precious"]


def test_half_a_restore_is_no_data_folder(new_server, tmp_path):
    new_server.start()
    new_server.psql("CREATE TABLE t (x int); INSERT INTO t VALUES (1)", check=True)
    back_up(new_server, tmp_path / "b.tar")
    # As a crash leaves it, before and after the first files have come to their place.
    folder = tmp_path / "half"
    (folder / "restore.unfinished" / "base").mkdir(parents=True)
    (folder / "global.db").write_bytes(b"")
    (folder / "format").write_text(FORMAT)
    done = dvecdb("--data-dir", folder, "--port", 0, "--http-port", 0, "--metrics-port", 0)
    assert done.returncode == 1
    assert "began and did not end" in done.stderr
    dvecdb("restore", "--input", tmp_path / "b.tar", "--data-dir", folder, check=True)
    copy = Server(folder).start()
    assert copy.query("SELECT x FROM t") == [("1",)]
    assert copy.stop() == 0


def last_backup(server):
    _, text = server.get("/metrics", port=server.metrics_port)
    return float(re.search(r"^dvecdb_last_backup_timestamp_seconds (\S+)", text, re.M).group(1))


def test_the_time_of_the_last_backup_outlives_a_restart(new_server, tmp_path):
    new_server.start()
    assert last_backup(new_server) == 0
    began = int(time.time())
    back_up(new_server, tmp_path / "b.tar")

    def wait_for_it():
        deadline = time.monotonic() + 20
        while last_backup(new_server) < began:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    wait_for_it()
    assert new_server.stop() == 0
    new_server.start()
    wait_for_it()


def test_only_the_newest_are_kept(new_server, tmp_path):
    new_server.start()
    for name in ("dvecdb-20200101T000000Z.tar", "dvecdb-20200102T000000Z.tar",
                 "dvecdb-20200103T000000Z.tar.unfinished", "dvecdb-notes.tar", "other.tar"):
        (tmp_path / name).write_text("x")
    done = back_up(new_server, tmp_path, "--keep", "2")
    assert "removed 1 older" in done.stdout
    names = sorted(path.name for path in tmp_path.glob("*.tar*"))
    assert names[0] == "dvecdb-20200102T000000Z.tar"
    assert names[2:] == ["dvecdb-notes.tar", "other.tar"]


def test_who_may(new_server, tmp_path):
    new_server.start()
    new_server.psql("CREATE ROLE ada LOGIN", check=True)
    done = dvecdb("backup", "--url", url_of(new_server).replace("postgres@", "ada@"), "--output",
                  tmp_path / "b.tar")
    assert done.returncode == 1
    assert "must be superuser to make a backup" in done.stderr
    assert not list(tmp_path.glob("b.tar*"))
    said = new_server.psql("BEGIN; CALL dvecdb_backup(); ROLLBACK; CALL nothing();").stderr
    assert "cannot run inside a transaction block" in said
    assert "procedure nothing does not exist" in said


def test_sigterm_ends_it_with_everything_durable(new_server):
    new_server.start()
    new_server.psql("CREATE TABLE t (id int PRIMARY KEY, e vector(2));"
                    "CREATE INDEX ON t USING hnsw (e vector_l2_ops);", check=True)
    with psycopg.connect(new_server.dsn, autocommit=True) as connection:
        for number in range(200):
            connection.execute("INSERT INTO t VALUES (%s, %s::vector)", (number, f"[{number},0]"))
        connection.execute("DELETE FROM t WHERE id >= 100")
        assert new_server.stop() == 0
    for _ in range(2):
        new_server.start()
        assert new_server.query("SELECT count(*), max(id) FROM t") == [("100", "99")]
        assert new_server.query("SELECT id FROM t ORDER BY e <-> '[150,0]' LIMIT 1") == [("99",)]
        assert new_server.stop() == 0
