"""pgTAP suites by pg_prove, each file in a database of its own: pgtap/*.sql."""

import pathlib
import shutil
import subprocess

import pytest

FILES = sorted((pathlib.Path(__file__).parent / "pgtap").glob("*.sql"))


@pytest.fixture(scope="module")
def template(cluster):
    cluster.execute("CREATE DATABASE suite")
    cluster.execute("CREATE EXTENSION pgtap; CREATE EXTENSION dvecdb", database="suite")
    return "suite"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_pgtap(cluster, template, file):
    assert shutil.which("pg_prove"), "pg_prove is missing (libtap-parser-sourcehandler-pgtap-perl)"
    cluster.execute(f"CREATE DATABASE pgtap_{file.stem} TEMPLATE {template}")
    done = subprocess.run(
        ["pg_prove", "--failures", "--comments", "-h", str(cluster.folder), "-U", "postgres",
         "-b", cluster.installation.program("psql"), "-d", f"pgtap_{file.stem}", str(file)],
        capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
