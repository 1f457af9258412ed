"""Starts the server under test for pytest: on loopback, free ports and a folder of its own."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("TEST_BUILD", ROOT / "build"))
START_SECONDS = 60


class Server:
    """One dvecdb process. Restart it with stop() or kill() and start()."""

    def __init__(self, data_dir):
        self.data_dir = pathlib.Path(data_dir)
        self.log_path = self.data_dir.parent / (self.data_dir.name + ".log")
        self.process = None
        self.port = self.http_port = self.metrics_port = None

    def start(self, *flags, wait_ready=True):
        with open(self.log_path, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                [str(BUILD / "bin" / "dvecdb"), "--data-dir", str(self.data_dir), "--port", "0",
                 "--http-port", "0", "--metrics-port", "0", *flags],
                stderr=log, stdout=log, stdin=subprocess.DEVNULL)
        self.port = self._listening_port("postgres", begin)
        self.http_port = self._listening_port("http", begin)
        self.metrics_port = self._listening_port("metrics", begin)
        if wait_ready:
            self._wait(lambda: self.get("/ready")[0] == 200, "ready")
        return self

    def stop(self):
        """SIGTERM, as an operator would; returns the exit code."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.process = None
        if code != 0:
            print(self.log())  # a sanitizer's report, for example: shown when the test fails
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def get(self, path, port=None):
        """HTTP GET: (status, body)."""
        url = f"http://127.0.0.1:{port or self.http_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def get_json(self, path):
        status, body = self.get(path)
        return status, json.loads(body)

    @property
    def dsn(self):
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"

    def psql(self, script, *options, database="postgres", check=False, stderr=subprocess.PIPE):
        """Runs the real psql over a script on its standard input. `check`: errors are not expected."""
        strict = ["-v", "ON_ERROR_STOP=1"] if check else []
        done = subprocess.run(
            ["psql", "-X", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres",
             "-d", database, *strict, *options],
            input=script, stdout=subprocess.PIPE, stderr=stderr, text=True, timeout=120,
            env={**os.environ, "PGTZ": "UTC", "PGCLIENTENCODING": "UTF8"})
        assert not check or done.returncode == 0, done.stderr
        return done

    def query(self, sql, database="postgres"):
        """One statement's answer as rows of text."""
        done = self.psql(sql, "-q", "-A", "-t", "-F", "\t", database=database, check=True)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def _listening_port(self, protocol, begin):
        pattern = re.compile(rf"listening: protocol={protocol} address=\S+ port=(\d+)".encode())
        found = []

        def look():
            match = pattern.search(self.log_path.read_bytes()[begin:])
            if match:
                found.append(int(match.group(1)))
            return bool(found)

        self._wait(look, f"{protocol} port")
        return found[0]

    def _wait(self, condition, what):
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended while waiting for {what}:\n{self.log()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {what} after {START_SECONDS} s:\n{self.log()}")
            time.sleep(0.02)


@pytest.fixture
def new_server():
    """A server on an empty folder, stopped afterwards."""
    with tempfile.TemporaryDirectory(prefix="dvecdb-test-") as folder:
        server = Server(pathlib.Path(folder) / "data")
        yield server
        if server.process is not None:
            assert server.stop() == 0, server.log()


@pytest.fixture(scope="module")
def server():
    """One server for the tests of a module."""
    with tempfile.TemporaryDirectory(prefix="dvecdb-test-") as folder:
        running = Server(pathlib.Path(folder) / "data").start()
        yield running
        assert running.stop() == 0, running.log()
