"""What `make run` does after the build: scripts/run.sh starts, fills, shows, stays, ends."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from conftest import BUILD, ROOT

EXAMPLE = ("SELECT id, class_name, embedding <-> (SELECT embedding FROM fashion WHERE id = 42) "
           "AS distance FROM fashion ORDER BY distance LIMIT 10")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Run:
    """One start of scripts/run.sh, in a process group of its own, as a terminal would."""

    def __init__(self, data_dir):
        self.port, self.http_port = free_port(), free_port()
        self.output = ""
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["bash", str(ROOT / "scripts" / "run.sh"), str(BUILD)], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "DVECDB_DATA_DIR": str(data_dir), "DVECDB_PORT": str(self.port),
                 "DVECDB_HTTP_PORT": str(self.http_port), "DVECDB_METRICS_PORT": str(free_port())})
        for line in self.process.stdout:
            self.output += line
            if line.startswith("Ctrl-C stops it"):
                break
        self.seconds = time.monotonic() - self.began

    def psql(self, sql):
        return subprocess.run(["psql", "-X", "-At", "-h", "127.0.0.1", "-p", str(self.port), "-U",
                               "postgres", "-c", sql, "postgres"],
                              capture_output=True, text=True, timeout=60, check=True).stdout

    def control_c(self):
        os.killpg(self.process.pid, signal.SIGINT)
        self.output += self.process.stdout.read()
        return self.process.wait(timeout=60)


@pytest.fixture
def data_dir():
    with tempfile.TemporaryDirectory(prefix="dvecdb-test-") as folder:
        yield pathlib.Path(folder) / "data"


def test_first_and_second_run(data_dir):
    first = Run(data_dir)
    try:
        assert "10000/10000" in first.output
        assert "42|Ankle boot|                 0" in first.output
        assert "(10 rows)" in first.output
        assert f"psql -h 127.0.0.1 -p {first.port} -U postgres postgres" in first.output
        assert f"curl http://127.0.0.1:{first.http_port}/health/check" in first.output
        by_index = first.psql(EXAMPLE)
        assert by_index.startswith("42|Ankle boot|0\n")
        exact = first.psql("SET enable_indexscan = off; " + EXAMPLE)
        assert exact.removeprefix("SET\n") == by_index
        first.psql("DELETE FROM fashion WHERE id = 8398")
    finally:
        assert first.control_c() == 0, first.output

    second = Run(data_dir)
    try:
        assert "Loading" not in second.output
        assert not re.search(r"^ *8398\|", second.output, re.MULTILINE)
        assert second.psql("SELECT count(*) FROM fashion") == "9999\n"
        assert second.seconds < first.seconds
    finally:
        assert second.control_c() == 0, second.output


def test_without_root_the_missing_packages_are_named(tmp_path):
    # A machine without packages, sudo and rights.
    for name, script in {"dpkg-query": "exit 1", "id": "echo 1000", "sudo": "exit 1"}.items():
        stand_in = tmp_path / name
        stand_in.write_text(f"#!/bin/sh\n{script}\n")
        stand_in.chmod(0o755)
    done = subprocess.run(["bash", str(ROOT / "scripts" / "install_packages.sh"), "build"],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                          env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert done.returncode == 1
    assert "sudo apt-get install g++ " in done.stderr
    assert "libpg-query-dev" in done.stderr
