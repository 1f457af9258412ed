"""Runs the C++ clients (libpqxx and plain libpq) against a started server."""

import os
import subprocess

import pytest

from conftest import BUILD


@pytest.mark.parametrize("name", ["libpqxx_client_test", "libpq_client_test"])
def test_client(server, name):
    done = subprocess.run([str(BUILD / "bin" / name)], timeout=300, capture_output=True, text=True,
                          env={**os.environ, "TEST_DSN": server.dsn})
    assert done.returncode == 0, done.stdout + done.stderr
