"""Measures what tables of vectors take on disk and in memory, beside the formula of docs/operations.md.

  PYTHONPATH=tests build/python/bin/python scripts/measure_capacity.py [table ...]

A table is <type>:<dimensions>:<rows>, such as vector:128:100000; without any, the four of the page.
"""

import pathlib
import random
import re
import struct
import sys
import tempfile
import time

import psycopg

from conftest import Server

TABLES = ["vector:128:100000", "vector:768:50000", "halfvec:768:50000", "vector:1536:20000"]
M = 16
PAGE = 16384


def round_up(number, to):
    return -(-number // to) * to


def code_bytes(dimensions):
    """The compact code that a search walks on."""
    if dimensions <= 32:
        return 4 * dimensions
    bits = 6 if dimensions <= 64 else 3
    return round_up(dimensions, 64) * bits // 8 + 8


def index_bytes(dimensions):
    """On disk and in memory: full vector, code with links, labels."""
    record = round_up(code_bytes(dimensions) + 8 * M, 64)
    return 4 * dimensions + record + 40


def predicted(kind, dimensions, rows):
    """Bytes of the rows' file, of the index's file, and of memory."""
    row = (2 if kind == "halfvec" else 4) * dimensions + 24
    if row > PAGE - 40:
        row = round_up(row, PAGE)
        rows_file = rows * row
    else:
        rows_file = round_up(rows, PAGE // row) // (PAGE // row) * PAGE
    index = index_bytes(dimensions)
    return rows_file, rows * index, rows * (index + 60)


def load(server, kind, dimensions, rows):
    choose = random.Random(1)
    centers = [[choose.gauss(0, 1) for _ in range(dimensions)] for _ in range(50)]
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE t (id int PRIMARY KEY, e {kind}({dimensions}))")
        with connection.cursor().copy("COPY t FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            for number in range(rows):
                copy.write(row_bytes(kind, number, choose, centers))
            copy.write(b"\xff\xff")
        connection.execute(f"CREATE INDEX ON t USING hnsw (e {kind}_l2_ops)")


def row_bytes(kind, number, choose, centers):
    center = centers[number % len(centers)]
    noise = choose.random()
    elements = [value + noise * ((number * 7919 + i * 104729) % 1000 / 1000 - 0.5)
                for i, value in enumerate(center)]
    form = "e" if kind == "halfvec" else "f"
    vector = struct.pack(f">hh{len(elements)}{form}", len(elements), 0, *elements)
    return struct.pack(">hiii", 2, 4, number, len(vector)) + vector


def own_memory(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status).group(1)) * 1024


def settle(server):
    """Memory once the index has been read in after a start."""
    seen = 0
    while True:
        time.sleep(1)
        now = own_memory(server.process)
        if abs(now - seen) < 1 << 20:
            return now
        seen = now


def measured(kind, dimensions, rows):
    with tempfile.TemporaryDirectory(prefix="dvecdb-capacity-") as folder:
        server = Server(pathlib.Path(folder) / "data").start()
        empty = own_memory(server.process)
        load(server, kind, dimensions, rows)
        server.stop()
        server.start()
        memory = settle(server) - empty
        server.stop()
        base = server.data_dir / "base" / "5"
        index = sum(path.stat().st_size for path in base.glob("index/*.hnsw"))
        catalogs = 4 << 20
        return (base / "rows.db").stat().st_size - catalogs, index, memory


def main():
    print("| table | rows' file, MB | index file, MB | memory, MB |")
    print("|---|---:|---:|---:|")
    for table in sys.argv[1:] or TABLES:
        kind, dimensions, rows = table.split(":")
        cells = [f"{stated / 1e6:.0f} / {seen / 1e6:.0f}"
                 for stated, seen in zip(predicted(kind, int(dimensions), int(rows)),
                                         measured(kind, int(dimensions), int(rows)))]
        print(f"| {int(rows):,} x {kind}({dimensions}) | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
