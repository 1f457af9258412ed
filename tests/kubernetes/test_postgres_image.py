"""The image of PostgreSQL with the extension, run as uid 1000 on a root that cannot be written.
scripts/test_images.sh starts this."""

import os
import pathlib
import signal
import tempfile

import psycopg
import pytest
from pod import Container, bring_up_network, wait_for

PASSWORD = "a password of the image"


@pytest.fixture(scope="module")
def postgres():
    bring_up_network()
    root = pathlib.Path(os.environ["TEST_POD_ROOT"])
    with tempfile.TemporaryDirectory(prefix="dvecdb-postgres-") as folder:
        place = pathlib.Path(folder)
        data, secret = place / "data", place / "secret"
        data.mkdir()
        secret.mkdir()
        os.chown(data, 1000, 1000)
        data.chmod(0o700)
        (secret / "password").write_text(PASSWORD)
        container = Container(
            root, [{"source": str(data), "path": "/var/lib/postgresql", "read_only": False},
                   {"source": str(secret), "path": "/run/secrets/postgres", "read_only": True},
                   *({"source": "tmpfs", "path": path} for path in ("/tmp", "/dev/shm", "/run/postgresql"))],
            ["/usr/local/bin/postgres.sh"],
            {"PATH": "/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin", "PGDATA": "/var/lib/postgresql/data",
             "POSTGRES_PASSWORD_FILE": "/run/secrets/postgres/password"}, place / "log")
        container.start()
        yield container
        container.end()


def connect(**options):
    return psycopg.connect(host="127.0.0.1", user="postgres", dbname="postgres", password=PASSWORD, autocommit=True,
                           **options)


def answers(container):
    assert container.process.poll() is None, container.log()
    try:
        connect(connect_timeout=1).close()
        return True
    except psycopg.OperationalError:
        return False


@pytest.mark.parametrize("extension", ["dvecdb", "vector"])
def test_extension(postgres, extension):
    wait_for(lambda: answers(postgres), 60, "PostgreSQL")
    with connect() as connection:
        connection.execute(f"CREATE EXTENSION {extension}")
        connection.execute("CREATE TABLE items (id int, embedding vector(3))")
        connection.execute("INSERT INTO items SELECT i, ARRAY[i, 0, 1]::vector FROM generate_series(1, 500) i")
        connection.execute("CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)")
        connection.execute("SET enable_seqscan = off")
        nearest = connection.execute("SELECT id FROM items ORDER BY embedding <-> '[42,0,1]' LIMIT 2").fetchall()
        assert nearest[0] == (42,)
        connection.execute(f"DROP EXTENSION {extension} CASCADE")
        connection.execute("DROP TABLE items")


def test_stop_and_start(postgres):
    with connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    postgres.send(signal.SIGINT)  # the image's STOPSIGNAL
    assert postgres.wait(60) == 0, postgres.log()
    postgres.start()
    wait_for(lambda: answers(postgres), 60, "PostgreSQL")
    with connect() as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_wrong_password_is_refused(postgres):
    wait_for(lambda: answers(postgres), 60, "PostgreSQL")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", user="postgres", dbname="postgres", password="another")
