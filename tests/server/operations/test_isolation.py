"""A long statement is nobody else's problem."""

import os
import subprocess
import time

LONG = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b"


def test_long_statements_delay_neither_sessions_nor_health(server):
    server.psql("CREATE TABLE t (x int)", check=True)
    # More of them than there are cores, so that no worker is left by chance.
    count = 2 * (os.cpu_count() or 1)
    running = [subprocess.Popen(
        ["psql", "-X", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-c", LONG,
         "postgres"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(count)]
    try:
        deadline = time.monotonic() + 30
        busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '% b'"
        while server.query(busy) != [(str(count),)]:
            assert time.monotonic() < deadline
        assert server.get("/health/live")[0] == 200
        assert server.get("/ready")[0] == 200
        server.psql("INSERT INTO t VALUES (1)", check=True)
        assert server.query("SELECT x FROM t") == [("1",)]
        assert all(process.poll() is None for process in running)
    finally:
        server.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
                     "WHERE state = 'active' AND query LIKE '% b'")
        for process in running:
            process.wait(timeout=30)
