"""Flags before environment before file; errors that help; logs; start and stop."""

import json
import os
import signal
import subprocess
import time

from conftest import BUILD


def run(*flags, env=None):
    return subprocess.run([str(BUILD / "bin" / "dvecdb"), *flags], capture_output=True, text=True,
                          timeout=30, env={**os.environ, **(env or {})})


def test_help_lists_every_key():
    done = run("--help")
    assert done.returncode == 0
    for flag in ("--data-dir", "--listen", "--port", "--http-port", "--metrics-port",
                 "--log-level", "--config"):
        assert flag in done.stdout


def test_unknown_keys_name_the_nearest(tmp_path):
    done = run("--prot", "1")
    assert done.returncode == 2
    assert 'unknown flag "--prot"; the nearest is "--port"' in done.stderr
    done = run(env={"DVECDB_DATADIR": "x"})
    assert '"DVECDB_DATADIR"; the nearest is "DVECDB_DATA_DIR"' in done.stderr
    (tmp_path / "c.toml").write_text("data_dri = 'x'\n")
    done = run("--config", str(tmp_path / "c.toml"))
    assert '"data_dri"; the nearest is "data_dir"' in done.stderr


def test_bad_values_name_value_and_range():
    done = run("--port", "70000")
    assert done.returncode == 2
    assert '--port: "70000" is not valid, it takes a whole number from 0 to 65535' in done.stderr


def test_precedence(tmp_path):
    (tmp_path / "c.toml").write_text(
        f"data_dir = '{tmp_path / 'file'}'\nlog_format = 'json'\nhttp_port = 1\nport = 1\n")
    environment = dict(os.environ, DVECDB_CONFIG=str(tmp_path / "c.toml"),
                       DVECDB_DATA_DIR=str(tmp_path / "environment"), DVECDB_HTTP_PORT="0",
                       DVECDB_METRICS_PORT="0")
    log = tmp_path / "log"
    with open(log, "wb") as out:
        process = subprocess.Popen([str(BUILD / "bin" / "dvecdb"), "--port", "0"], stderr=out,
                                   env=environment)
        try:
            deadline = time.monotonic() + 30
            while "started: " not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    assert (tmp_path / "environment").is_dir()
    assert not (tmp_path / "file").exists()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert all({"time", "level", "message"} <= set(line) for line in lines)
    assert any(line["message"].startswith("stopped: ") for line in lines)


def test_a_listener_for_others_needs_a_password(tmp_path):
    done = run("--data-dir", str(tmp_path / "d"), "--listen", "0.0.0.0", "--port", "0",
               "--http-port", "0", "--metrics-port", "0")
    assert done.returncode == 2
    assert "superuser_password_file" in done.stderr


def test_a_second_server_on_the_folder_is_refused(new_server):
    new_server.start()
    done = run("--data-dir", str(new_server.data_dir), "--port", "0", "--http-port", "0",
               "--metrics-port", "0")
    assert done.returncode != 0
    assert str(new_server.data_dir) in done.stderr


def test_logs_tell_connections_errors_and_slow_statements(new_server):
    new_server.start("--slow-statement-ms", "200")
    new_server.psql("SELECT nope; SELECT pg_sleep(0.3);")
    new_server.stop()
    log = new_server.log()
    assert "connection authorized: " in log
    assert "sqlstate=42703" in log and "SELECT nope" in log
    assert "slow statement: " in log and "pg_sleep(0.3)" in log
    assert "started: " in log and "stopped: milliseconds=" in log


def test_shutdown_says_so_to_idle_clients(new_server):
    new_server.start()
    process = subprocess.Popen(
        ["psql", "-X", "-h", "127.0.0.1", "-p", str(new_server.port), "-U", "postgres"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    process.stdin.write("SELECT 'connected' \\g\n")
    process.stdin.flush()
    assert "connected" in process.stdout.readline() + process.stdout.readline() + \
        process.stdout.readline()
    assert new_server.stop() == 0
    output, _ = process.communicate("SELECT 1;\n", timeout=20)
    assert "terminating connection due to administrator command" in output


def test_data_survives_a_restart(new_server):
    new_server.start()
    new_server.psql("CREATE TABLE t (id serial PRIMARY KEY, e vector(2));"
                    "INSERT INTO t (e) SELECT ARRAY[g, g]::vector FROM generate_series(1, 100) g;"
                    "CREATE INDEX ON t USING hnsw (e vector_l2_ops);"
                    "DELETE FROM t WHERE id = 50;", check=True)
    assert new_server.stop() == 0
    new_server.start()
    assert new_server.query("SELECT count(*), count(DISTINCT id) FROM t") == [("99", "99")]
    assert new_server.query("SELECT id FROM t ORDER BY e <-> '[50,50]', id LIMIT 2") == \
        [("49",), ("51",)]
    assert new_server.query("INSERT INTO t (e) VALUES ('[0,0]') RETURNING id > 100") == [("t",)]


def test_password_login(new_server):
    new_server.start("--superuser-password", "s3cret: with spaces", "--auth", "scram")

    def login(password):
        return subprocess.run(["psql", "-X", "-At", "-w", "-h", "127.0.0.1", "-p",
                               str(new_server.port), "-U", "postgres", "-c", "SELECT 'in'"],
                              capture_output=True, text=True, timeout=30,
                              env={**os.environ, **password})

    assert login({"PGPASSWORD": "s3cret: with spaces"}).stdout == "in\n"
    wrong = login({"PGPASSWORD": "wrong"})
    assert 'password authentication failed for user "postgres"' in wrong.stderr
    assert login({}).returncode != 0
