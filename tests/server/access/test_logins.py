"""Roles that log in: passwords, their end, limits, and what a stranger can find out."""

import base64
import re
import struct

import psycopg

from clients import PASSWORD, connect, dsn, psql, startup
from test_http_access import ask, basic
from secure_server import authority, secure  # noqa: F401


def log_in(server, user, password=PASSWORD):
    """What the server says: "in", or SQLSTATE and message."""
    try:
        with psycopg.connect(dsn(server, user=user, password=password)):
            return "in"
    except psycopg.OperationalError as error:
        # libpq tries again without TLS and tells of both.
        return str(error).split("FATAL: ")[-1].strip()


def run(server, sql):
    done = psql(server, sql)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def refusal(server, sql):
    return psql(server, sql).stderr


def failed(user):
    return f'password authentication failed for user "{user}"'


def test_passwords_are_kept_as_verifiers_alone(secure):
    run(secure, "CREATE ROLE ada LOGIN PASSWORD 'analytical engine'")
    verifier = run(secure, "SELECT rolpassword FROM pg_authid WHERE rolname = 'ada'")
    assert re.fullmatch(r"SCRAM-SHA-256\$4096:[\w+/=]{24}\$[\w+/=]{44}:[\w+/=]{44}", verifier)
    assert log_in(secure, "ada", "analytical engine") == "in"
    assert log_in(secure, "ada", "Analytical engine") == failed("ada")
    run(secure, "ALTER ROLE ada PASSWORD 'note G'")
    assert log_in(secure, "ada", "analytical engine") == failed("ada")
    assert log_in(secure, "ada", "note G") == "in"
    # A dump's verifier is taken as it is.
    run(secure, f"CREATE ROLE twin LOGIN PASSWORD '{verifier}'")
    assert log_in(secure, "twin", "analytical engine") == "in"
    # psql's \password sends one, too.
    changed = psycopg.connect(dsn(secure, user="ada", password="note G"), autocommit=True)
    changed.pgconn.change_password(b"ada", b"note H")
    changed.close()
    assert log_in(secure, "ada", "note H") == "in"
    files = [path for path in secure.data_dir.rglob("*") if path.is_file()]
    assert files and not any(b"analytical engine" in path.read_bytes() for path in files)


def test_md5_is_refused_with_a_sentence(secure):
    assert "MD5 passwords are not supported" in refusal(
        secure, "CREATE ROLE old LOGIN PASSWORD 'md5a3556571e93b0d20722ba62be61e8c2d'")


def test_roles_that_may_not_log_in(secure):
    run(secure, "CREATE ROLE crew NOLOGIN PASSWORD 'x'; CREATE ROLE bare LOGIN")
    assert log_in(secure, "crew", "x") == 'role "crew" is not permitted to log in'
    assert "sqlstate=28000" in secure.log()
    assert log_in(secure, "crew", "y") == failed("crew")
    assert log_in(secure, "bare", "x") == failed("bare")
    assert log_in(secure, "nobody", "x") == failed("nobody")
    assert "empty string is not a valid password" in refusal(
        secure, "CREATE ROLE hollow LOGIN PASSWORD ''")


def test_passwords_run_out(secure):
    run(secure, "CREATE ROLE guest LOGIN PASSWORD 'x' VALID UNTIL '2020-01-01'")
    assert log_in(secure, "guest", "x") == failed("guest")
    run(secure, "ALTER ROLE guest VALID UNTIL 'infinity'")
    assert log_in(secure, "guest", "x") == "in"
    assert run(secure, "SELECT rolvaliduntil FROM pg_roles WHERE rolname = 'guest'") == "infinity"


def test_connection_limits(secure):
    run(secure, "CREATE ROLE single LOGIN PASSWORD 'x' CONNECTION LIMIT 1")
    with psycopg.connect(dsn(secure, user="single", password="x")):
        assert log_in(secure, "single", "x") == 'too many connections for role "single"'
    assert "sqlstate=53300" in secure.log()
    assert "invalid connection limit: -2" in refusal(secure, "ALTER ROLE single CONNECTION LIMIT -2")


def salt_shown(server, user):
    """The salt that a client sees before it has shown anything."""
    with connect(server) as connection:
        connection.sendall(startup(user))
        connection.recv(4096)
        body = b"SCRAM-SHA-256\0" + struct.pack("!i", 20) + b"n,,n=,r=abcdefghijkl"
        connection.sendall(b"p" + struct.pack("!i", len(body) + 4) + body)
        return re.search(rb",s=([^,]+),i=(\d+)", connection.recv(4096)).groups()


def test_strangers_cannot_tell_which_roles_there_are(secure):
    for user in (b"postgres", b"nobody", b"stranger"):
        first = salt_shown(secure, user)
        assert first == salt_shown(secure, user)
        assert len(base64.b64decode(first[0])) == 16 and first[1] == b"4096"
    assert salt_shown(secure, b"nobody") != salt_shown(secure, b"stranger")


def test_the_superusers_password_comes_from_a_file_and_changes_with_it(new_server, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("first\n")
    flags = ["--auth", "scram", "--superuser-password-file", str(secret)]
    new_server.start(*flags)
    assert log_in(new_server, "postgres", "first") == "in"
    verifier = "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'"
    kept = psql(new_server, verifier, password="first").stdout
    new_server.stop()
    new_server.start(*flags)
    assert psql(new_server, verifier, password="first").stdout == kept, "hashed again for nothing"
    new_server.stop()
    secret.write_text("second")
    new_server.start(*flags)
    assert log_in(new_server, "postgres", "first") == failed("postgres")
    assert log_in(new_server, "postgres", "second") == "in"
    new_server.stop()
    new_server.start("--auth", "scram")  # what the folder keeps goes on
    assert log_in(new_server, "postgres", "second") == "in"


def test_connect_is_a_right(secure):
    run(secure, f"CREATE ROLE visitor LOGIN PASSWORD '{PASSWORD}'")
    run(secure, "CREATE DATABASE vault")

    def enter():
        try:
            with psycopg.connect(dsn(secure, user="visitor", dbname="vault")):
                return "in"
        except psycopg.OperationalError as error:
            return str(error).split("FATAL: ")[-1].strip()

    def status_of_http():
        return ask(secure, "GET", "/collections?database=vault",
                   Authorization=basic("visitor", PASSWORD))[0]

    assert enter() == "in" and status_of_http() == 200
    run(secure, "REVOKE CONNECT ON DATABASE vault FROM PUBLIC")
    assert enter() == ('permission denied for database "vault"\n'
                       "DETAIL:  User does not have CONNECT privilege.")
    assert status_of_http() == 403
    run(secure, "GRANT CONNECT ON DATABASE vault TO visitor")
    assert enter() == "in" and status_of_http() == 200
    run(secure, "REVOKE CONNECT ON DATABASE vault FROM visitor; ALTER DATABASE vault OWNER TO visitor")
    assert enter() == "in"
