"""A dump of the real pgvector 0.8.0 is restored into the extension under both of its names, as
docs/migrate-from-pgvector.md tells, and answers every question as pgvector did. The dump is made by
migrate/from_debian13.sh, which also does the whole move in one PostgreSQL 17."""

import pathlib
import re

import pytest

MIGRATE = pathlib.Path(__file__).parent / "migrate"
EXTENSION_LINE = re.compile(r"^(CREATE EXTENSION IF NOT EXISTS|COMMENT ON EXTENSION) vector ",
                            re.MULTILINE)


def dump_for(name):
    text = (MIGRATE / "dump.sql").read_text()
    # Not known before PostgreSQL 17, from whose pg_dump it comes.
    text = text.replace("SET transaction_timeout = 0;\n", "")
    text, found = EXTENSION_LINE.subn(rf"\1 {name} ", text)
    assert found == 2
    return text


@pytest.mark.parametrize("name", ["vector", "dvecdb"])
def test_answers_are_those_of_pgvector(cluster, name):
    database = f"moved_to_{name}"
    cluster.execute(f"CREATE DATABASE {database}")
    cluster.psql(dump_for(name), database=database)
    answers = cluster.psql((MIGRATE / "questions.sql").read_text(), "-At", database=database)
    assert answers.splitlines() == (MIGRATE / "answers.txt").read_text().splitlines()


def test_moved_once_more(cluster):
    """Our own dump restores like pgvector's."""
    cluster.execute("CREATE DATABASE first")
    cluster.psql(dump_for("vector"), database="first")
    cluster.execute("CREATE DATABASE second")
    cluster.psql(cluster.dump(database="first"), database="second")
    assert cluster.dump(database="second") == cluster.dump(database="first")
