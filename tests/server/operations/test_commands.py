"""The commands of the program: one word each, flags of their own, the same rules for all."""

import os
import socket
import subprocess

from conftest import BUILD

COMMANDS = ("serve", "backup", "restore", "check", "healthcheck")


def run(*arguments, env=None):
    return subprocess.run([str(BUILD / "bin" / "dvecdb"), *arguments], capture_output=True,
                          text=True, timeout=60, env={**os.environ, **(env or {})})


def test_help_names_every_command_and_each_has_its_own():
    done = run("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout
        own = run(command, "--help")
        assert own.returncode == 0
        assert own.stdout.startswith(f"dvecdb {command}: ")
        assert "--config FILE" in own.stdout


def test_an_unknown_command_names_the_nearest():
    done = run("healthchek")
    assert done.returncode == 2
    assert 'unknown command "healthchek"; the nearest is "healthcheck"' in done.stderr


def test_a_command_has_its_own_flags():
    done = run("healthcheck", "--http-prot", "1")
    assert done.returncode == 2
    assert 'unknown flag "--http-prot"; the nearest is "--http-port" (dvecdb healthcheck --help' in \
        done.stderr
    done = run("healthcheck", "--max-connections", "1")
    assert 'unknown flag "--max-connections"' in done.stderr


def test_healthcheck_needs_no_arguments_where_the_server_needs_none(server, tmp_path):
    # What a container has: the same variables and file for the server and for the check.
    (tmp_path / "c.toml").write_text(f"http_port = {server.http_port}\nslow_statement_ms = 5\n")
    done = run("healthcheck", env={"DVECDB_CONFIG": str(tmp_path / "c.toml"),
                                   "DVECDB_LISTEN": "0.0.0.0",
                                   "DVECDB_DATA_DIR": "/nowhere"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"ready: http://127.0.0.1:{server.http_port}/ready answered 200\n"
    done = run("healthcheck", "--live", env={"DVECDB_HTTP_PORT": str(server.http_port)})
    assert done.returncode == 0
    assert done.stdout == f"live: http://127.0.0.1:{server.http_port}/health/live answered 200\n"


def test_healthcheck_of_nobody_fails():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # taken, but it does not listen
        port = free.getsockname()[1]
        done = run("healthcheck", "--http-port", str(port))
    assert done.returncode == 1
    assert done.stdout == f"not ready: http://127.0.0.1:{port}/ready: Connection refused\n"


def test_healthcheck_does_not_wait_for_ever():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        done = run("healthcheck", "--http-port", str(silent.getsockname()[1]), "--timeout-ms",
                   "200")
    assert done.returncode == 1
    assert done.stdout.startswith("not ready: ")
