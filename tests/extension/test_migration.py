"""A dump of the real pgvector 0.8.0 is restored into the extension under both of its names, as
docs/migrate-from-pgvector.md tells, and answers every question as pgvector did. The dump is made by
migrate/from_debian13.sh, which also does the whole move in one PostgreSQL 17."""

import pathlib
import re
import subprocess

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


def lines_of_dump(cluster, database):
    """Without psql's guard words, which are random."""
    return [line for line in cluster.dump(database=database).splitlines()
            if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_our_own_dump(cluster):
    """Restores like pgvector's, and says the same once more."""
    cluster.execute("CREATE DATABASE first")
    cluster.psql(dump_for("vector"), database="first")
    cluster.execute("CREATE DATABASE second")
    cluster.psql(cluster.dump(database="first"), database="second")
    assert lines_of_dump(cluster, "second") == lines_of_dump(cluster, "first")


def test_custom_format_without_the_extension(cluster, tmp_path):
    """The list of pg_restore leaves the extension's entries out, as the guide's grep does."""
    cluster.execute("CREATE DATABASE archived")
    cluster.psql(dump_for("vector"), database="archived")
    archive, entries = tmp_path / "dump", tmp_path / "list"
    cluster.dump("-Fc", "-f", str(archive), database="archived")
    restore = cluster.installation.program("pg_restore")
    listed = subprocess.run([restore, "-l", archive], capture_output=True, text=True, check=True)
    kept = [line for line in listed.stdout.splitlines(keepends=True)
            if not re.search(r" EXTENSION (- )?vector", line)]
    assert len(kept) == len(listed.stdout.splitlines()) - 2
    entries.write_text("".join(kept))
    cluster.execute("CREATE DATABASE unpacked")
    cluster.execute("CREATE EXTENSION dvecdb", database="unpacked")
    subprocess.run([restore, "-h", cluster.folder, "-U", "postgres", "--exit-on-error", "-L",
                    entries, "-d", "unpacked", archive], check=True)
    answers = cluster.psql((MIGRATE / "questions.sql").read_text(), "-At", database="unpacked")
    assert answers.splitlines() == (MIGRATE / "answers.txt").read_text().splitlines()
