"""Every script in sql/, through the real psql, against its answer in expected/.

The answers of scripts without vectors are those that PostgreSQL 15 gives, to the letter.
"""

import difflib
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
SCRIPTS = sorted(path.stem for path in (HERE / "sql").glob("*.sql"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(new_server, name):
    new_server.start()
    done = new_server.psql((HERE / "sql" / f"{name}.sql").read_text(), "-a",
                           stderr=subprocess.STDOUT)
    expected = (HERE / "expected" / f"{name}.out").read_text()
    actual = done.stdout.replace(f'port "{new_server.port}"', 'port "PORT"')
    assert actual == expected, "".join(difflib.unified_diff(
        expected.splitlines(True), actual.splitlines(True), "expected", "actual"))
