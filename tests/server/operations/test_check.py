"""dvecdb check finds what is damaged, of a folder and of a serving server, and repairs nothing."""

import hashlib
import random
import sqlite3
import subprocess
import threading

import psycopg
import pytest

from conftest import BUILD

ROWS = 3000


def check(*arguments):
    return subprocess.run([str(BUILD / "bin" / "dvecdb"), "check", *map(str, arguments)],
                          capture_output=True, text=True, timeout=120)


def digest(folder):
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".db-shm"}


@pytest.fixture
def filled(new_server):
    new_server.start()
    new_server.psql(
        "CREATE TABLE items (id int PRIMARY KEY, e vector(8));"
        "INSERT INTO items SELECT g, ARRAY[g, g % 7, g % 11, 0, 0, 0, 0, 1]::vector "
        f"FROM generate_series(1, {ROWS}) g;"
        "CREATE INDEX items_e ON items USING hnsw (e vector_l2_ops);"
        "CREATE INDEX items_h ON items USING hnsw ((e::halfvec(8)) halfvec_cosine_ops) "
        "WHERE id <= 100;", check=True)
    return new_server


def test_a_whole_folder_and_server(filled):
    url = f"postgresql://postgres@127.0.0.1:{filled.port}/postgres"
    # Freshly changed rows are in the change log or in the file: never missing.
    filled.psql("INSERT INTO items VALUES (0, '[0,0,0,0,0,0,0,0]'); DELETE FROM items WHERE id = 5;"
                "UPDATE items SET e = '[9,9,9,9,9,9,9,9]' WHERE id = 6;", check=True)
    done = check("--url", url)
    assert done.returncode == 0, done.stdout
    assert "ok      postgres | rows.db | integrity check passed\n" in done.stdout
    assert "index public.items_e | " in done.stdout
    assert done.stdout.endswith("\nno damage\n")
    refused = check("--data-dir", filled.data_dir)
    assert refused.returncode == 1 and "in use" in refused.stderr

    assert filled.stop() == 0
    done = check("--data-dir", filled.data_dir)
    assert done.returncode == 0, done.stdout
    assert f"ok      postgres | index public.items_e | {ROWS} vectors equal their rows, recall " in \
        done.stdout
    assert "index public.items_h | 100 vectors equal their rows" in done.stdout
    filled.start()


def test_a_damaged_index_file(filled):
    assert filled.stop() == 0
    file = max(filled.data_dir.glob("base/5/index/*.hnsw"), key=lambda path: path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)
    before = digest(filled.data_dir)
    done = check("--data-dir", filled.data_dir)
    assert done.returncode == 1
    assert "damage  postgres | index public.items_e | " in done.stdout
    assert done.stdout.endswith("\ndamaged: 1\n")
    assert digest(filled.data_dir) == before, "the check has changed something"
    # What the page on operations says: the next start builds the index from its rows.
    file.unlink()
    filled.start()
    assert filled.query("SELECT id FROM items ORDER BY e <-> '[1000,6,10,0,0,0,0,1]' LIMIT 1") == \
        [("1000",)]
    assert filled.stop() == 0
    assert check("--data-dir", filled.data_dir).returncode == 0
    filled.start()


def change_behind_the_log(data_dir, change):
    """As a fault in the server would: rows change, and the change log does not tell."""
    with sqlite3.connect(data_dir / "base" / "5" / "rows.db") as rows:
        table, = rows.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND "
                              "sql LIKE '%dv_changes%'").fetchone()
        triggers = rows.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND "
                                "tbl_name = ?", (table,)).fetchall()
        for name, _ in triggers:
            rows.execute(f'DROP TRIGGER "{name}"')
        rows.execute(change.format(table=f'"{table}"'))
        for _, sql in triggers:
            rows.execute(sql)
    rows.close()


@pytest.mark.parametrize("change, says", [
    ("DELETE FROM {table} WHERE rowid IN (11, 12)", "2 vectors in the index have no row (row ids "),
    ("UPDATE {table} SET rowid = 100000 WHERE rowid = 11", "1 rows are missing in the index"),
])
def test_an_index_that_differs_from_its_rows(filled, change, says):
    assert filled.stop() == 0
    change_behind_the_log(filled.data_dir, change)
    done = check("--data-dir", filled.data_dir)
    assert done.returncode == 1
    assert says in done.stdout, done.stdout
    filled.start()


def test_damaged_rows(filled):
    assert filled.stop() == 0
    file = filled.data_dir / "base" / "5" / "rows.db"
    content = bytearray(file.read_bytes())
    content[-16384:-12000] = b"\xff" * (16384 - 12000)
    file.write_bytes(content)
    done = check("--data-dir", filled.data_dir)
    assert done.returncode == 1
    assert "damage  postgres | rows.db | " in done.stdout


def test_what_is_no_folder_and_who_may(filled, tmp_path):
    done = check("--data-dir", tmp_path / "nothing")
    assert done.returncode == 1
    assert "is no data folder" in done.stderr
    assert not (tmp_path / "nothing").exists()
    assert check().returncode == 2
    filled.psql("CREATE ROLE ada LOGIN", check=True)
    done = check("--url", f"postgresql://ada@127.0.0.1:{filled.port}/postgres")
    assert done.returncode == 1
    assert "must be superuser" in done.stderr


def test_work_under_way_is_not_mistaken_for_damage(filled, tmp_path):
    url = f"postgresql://postgres@127.0.0.1:{filled.port}/postgres"
    is_stopping = threading.Event()

    def write(number):
        choose = random.Random(number)
        with psycopg.connect(filled.dsn, autocommit=True) as connection:
            while not is_stopping.is_set():
                key = choose.randint(1, ROWS + 500)
                vector = str([choose.random() for _ in range(8)])
                statement, values = choose.choice([
                    ("UPDATE items SET e = %s::vector WHERE id = %s", (vector, key)),
                    ("DELETE FROM items WHERE id = %s", (key,)),
                    ("INSERT INTO items VALUES (%s, %s::vector) ON CONFLICT DO NOTHING",
                     (key, vector))])
                connection.execute(statement, values)

    def make_databases():
        number = 0
        with psycopg.connect(filled.dsn, autocommit=True) as connection:
            while not is_stopping.is_set():
                number += 1
                connection.execute(f"CREATE DATABASE d{number}")
                if number > 1:
                    connection.execute(f"DROP DATABASE d{number - 1}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    threads.append(threading.Thread(target=make_databases))
    for thread in threads:
        thread.start()
    try:
        for round_number in range(3):
            done = check("--url", url)
            assert done.returncode == 0, done.stdout + done.stderr
            folder = tmp_path / str(round_number)
            for command in (["backup", "--url", url, "--output", f"{folder}.tar"],
                            ["restore", "--input", f"{folder}.tar", "--data-dir", folder]):
                subprocess.run([str(BUILD / "bin" / "dvecdb"), *map(str, command)], check=True,
                               stdout=subprocess.DEVNULL, timeout=60)
            done = check("--data-dir", folder)
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        is_stopping.set()
        for thread in threads:
            thread.join(60)
