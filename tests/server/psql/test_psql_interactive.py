"""What psql does that a script's output cannot show: timing, repetition, interruption."""

import os
import pty
import re
import signal
import subprocess
import time


def start_psql(server, script):
    process = subprocess.Popen(
        ["psql", "-X", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "postgres"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PAGER": "cat"})
    process.stdin.write(script)
    process.stdin.flush()
    return process


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running_statements(server, text):
    rows = server.query(
        f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '{text}%'")
    return int(rows[0][0])


def test_timing(server):
    done = server.psql("\\timing on\nSELECT 1;\n")
    assert re.search(r"Time: \d+\.\d+ ms", done.stdout)


def test_lists_of_databases_and_roles(server):
    # Their columns differ from one psql to the next.
    assert re.search(r"^ postgres +\| postgres +\| UTF8 +\|", server.psql("\\l\n").stdout, re.M)
    assert re.search(r"^ postgres +\| Superuser, Create role, Create DB",
                     server.psql("\\du\n").stdout, re.M)


def test_gexec_runs_each_cell(server):
    done = server.psql(
        "SELECT format('CREATE TABLE g%s (x int)', n) FROM generate_series(1, 3) n \\gexec\n"
        "SELECT count(*) FROM pg_tables WHERE tablename ~ '^g[123]$';\n", "-A", "-t")
    assert done.stdout.splitlines() == ["CREATE TABLE"] * 3 + ["3"]
    assert done.stderr == ""


def test_watch_repeats_until_interrupted(server):
    process = start_psql(server, "SELECT 'again' AS word \\watch 0.1\n")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate("\\q\n", timeout=20)
    assert output.count("again") >= 3


def test_control_c_cancels_the_statement_only(server):
    # Only a psql at a terminal goes on after an interruption.
    terminal, psql_side = pty.openpty()
    process = subprocess.Popen(
        ["psql", "-X", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "postgres"],
        stdin=psql_side, stdout=psql_side, stderr=psql_side, env={**os.environ, "PAGER": "cat"})
    os.close(psql_side)
    os.write(terminal, b"SELECT pg_sleep(60);\n")
    wait_until(lambda: running_statements(server, "SELECT pg_sleep(60)") == 1)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    os.write(terminal, b"SELECT 'still ' || 'here';\n\\q\n")
    process.wait(20)
    assert time.monotonic() - began < 10
    output = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert "canceling statement due to user request" in output
    assert "still here" in output


def test_cancel_of_a_long_computation(server):
    statement = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b"
    process = start_psql(server, statement + ";\n")
    wait_until(lambda: running_statements(server, "SELECT count(*) FROM generate_series(1, 1") == 1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate("", timeout=20)
    assert "canceling statement due to user request" in output


def test_databases_and_roles(server):
    server.psql("CREATE DATABASE shop; CREATE ROLE clerk LOGIN;", check=True)
    assert server.query("SELECT current_database()", database="shop") == [("shop",)]
    server.psql("CREATE TABLE only_here (x int); INSERT INTO only_here VALUES (1);",
                database="shop", check=True)
    assert server.query("SELECT to_regclass('only_here') IS NULL") == [("t",)]
    done = subprocess.run(["psql", "-X", "-At", "-h", "127.0.0.1", "-p", str(server.port), "-U",
                           "clerk", "-c", "SELECT current_user", "shop"],
                          capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "clerk", done.stderr
    server.psql("DROP DATABASE shop;", check=True)
    gone = server.psql("SELECT 1", database="shop")
    assert 'database "shop" does not exist' in gone.stderr
    nobody = subprocess.run(["psql", "-X", "-h", "127.0.0.1", "-p", str(server.port), "-U",
                             "nobody", "-c", "SELECT 1", "postgres"],
                            capture_output=True, text=True, timeout=60)
    assert 'role "nobody" does not exist' in nobody.stderr
