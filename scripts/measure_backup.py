"""Measures a backup of a server under load, and how long a restore takes with and without index files.

  PYTHONPATH=tests:scripts build/python/bin/python scripts/measure_backup.py [table]

A table is <type>:<dimensions>:<rows>.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import psycopg

import measure_capacity
from conftest import BUILD, Server


class Committer(threading.Thread):
    """Commits one row after another and notes how long the longest took."""

    def __init__(self, dsn, number):
        super().__init__()
        self.dsn, self.number = dsn, number
        self.count, self.longest = 0, 0.0
        self.is_stopping = threading.Event()

    def run(self):
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            while not self.is_stopping.is_set():
                began = time.monotonic()
                connection.execute("INSERT INTO log VALUES (%s)", (self.number,))
                self.longest = max(self.longest, time.monotonic() - began)
                self.count += 1


def commits(dsn, meanwhile):
    """Commits a second of four clients and the longest one's milliseconds, while that runs."""
    clients = [Committer(dsn, number) for number in range(4)]
    began = time.monotonic()
    for client in clients:
        client.start()
    meanwhile()
    for client in clients:
        client.is_stopping.set()
    for client in clients:
        client.join()
    seconds = time.monotonic() - began
    return (sum(client.count for client in clients) / seconds,
            1000 * max(client.longest for client in clients))


def dvecdb(*arguments):
    began = time.monotonic()
    subprocess.run([str(BUILD / "bin" / "dvecdb"), *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def seconds_to_ready(folder):
    began = time.monotonic()
    server = Server(folder).start()
    seconds = time.monotonic() - began
    server.stop()
    return seconds


def main():
    kind, dimensions, rows = (sys.argv[1:] or ["vector:768:50000"])[0].split(":")
    with tempfile.TemporaryDirectory(prefix="dvecdb-backup-") as name:
        folder = pathlib.Path(name)
        server = Server(folder / "data").start()
        measure_capacity.load(server, kind, int(dimensions), int(rows))
        server.psql("CREATE TABLE log (number int); CHECKPOINT", check=True)
        url = f"postgresql://postgres@127.0.0.1:{server.port}/postgres"
        seconds = []
        for what, meanwhile in (
                ("alone", lambda: time.sleep(2)),
                ("during backups", lambda: seconds.extend(
                    dvecdb("backup", "--url", url, "--output", folder / "b.tar")
                    for _ in range(3)))):
            rate, longest = commits(server.dsn, meanwhile)
            print(f"commits {what}: {rate:.0f} a second, the longest {longest:.0f} ms", flush=True)
        size = (folder / "b.tar").stat().st_size
        print(f"backup: {size / 1e6:.0f} MB in {max(seconds):.1f} s")
        server.stop()
        shutil.rmtree(folder / "data")
        for what in ("with", "without"):
            took = dvecdb("restore", "--input", folder / "b.tar", "--data-dir", folder / what)
            if what == "without":
                shutil.rmtree(folder / what / "base" / "5" / "index")
            print(f"restore: {took:.1f} s, ready {seconds_to_ready(folder / what):.1f} s after the "
                  f"start {what} index files", flush=True)
            shutil.rmtree(folder / what)


if __name__ == "__main__":
    main()
