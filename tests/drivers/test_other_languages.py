"""Drivers of other languages: each client is a program that exits 0 when all went well."""

import os
import pathlib
import subprocess

from conftest import BUILD

HERE = pathlib.Path(__file__).parent
JDBC_JAR = "/usr/share/java/postgresql.jar"
NODE_MODULES = str(BUILD / "node" / "node_modules")


def run(command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300,
                          env={**os.environ, **environment})
    assert done.returncode == 0, done.stdout + done.stderr


def test_node_pg(server):
    run(["node", str(HERE / "node_pg.js")], TEST_PORT=str(server.port), NODE_PATH=NODE_MODULES)


def test_pgjdbc(server):
    run(["java", "-cp", JDBC_JAR, str(HERE / "PgJdbc.java"),
         f"jdbc:postgresql://127.0.0.1:{server.port}/postgres"])
