"""TLS of the wire protocol: real clients, certificates that change, strangers who do not keep to it."""

import asyncio
import os
import pathlib
import signal
import ssl
import struct
import subprocess
import threading
import time

import asyncpg
import psycopg
import pytest

from certificates import Authority, flags
from clients import (PASSWORD, SSL_REQUEST, connect, dsn, psql, read_all, serial_shown, start_tls,
                     startup, url)
from conftest import BUILD
from secure_server import address, authority, secure  # noqa: F401

DRIVERS = pathlib.Path(__file__).parent.parent.parent / "drivers"
JDBC_JAR = "/usr/share/java/postgresql.jar"


def verified(authority, **more):
    return {"sslmode": "verify-full", "sslrootcert": authority.root, **more}


# ---------------------------------------------------------------- clients

def test_psql_verifies_everything_and_binds_the_channel(secure, authority):
    done = psql(secure, "SELECT 'in'", **verified(authority, channel_binding="require"))
    assert done.stdout == "in\n", done.stderr
    assert "tls=TLSv1.3" in secure.log()
    own = "SELECT ssl, version, cipher, bits FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    assert psql(secure, own, **verified(authority)).stdout in (
        "t|TLSv1.3|TLS_AES_256_GCM_SHA384|256\n", "t|TLSv1.3|TLS_CHACHA20_POLY1305_SHA256|256\n",
        "t|TLSv1.3|TLS_AES_128_GCM_SHA256|128\n")
    assert psql(secure, own, sslmode="disable").stdout == "f|||\n"
    assert psql(secure, "SELECT 1", **verified(authority, ssl_max_protocol_version="TLSv1.2",
                                               channel_binding="require")).stdout == "1\n"


def test_psql_refuses_another_name_and_another_root(secure, authority, tmp_path):
    other = Authority(tmp_path / "other")
    assert "certificate verify failed" in psql(secure, "SELECT 1", **verified(other)).stderr
    wrong_name = psql(secure, "SELECT 1", **verified(authority, host="otherhost",
                                                     hostaddr="127.0.0.1"))
    assert 'does not match host name "otherhost"' in wrong_name.stderr


def test_plain_connections_stay_possible_where_tls_is_allowed(secure):
    assert psql(secure, "SELECT 'plain'", sslmode="disable").stdout == "plain\n"
    # Nothing to bind to.
    assert psql(secure, "SELECT 1", sslmode="disable", channel_binding="require").returncode != 0


@pytest.mark.parametrize("name", ["libpqxx_client_test", "libpq_client_test"])
def test_cpp_clients(secure, authority, name):
    done = subprocess.run([str(BUILD / "bin" / name)], timeout=300, capture_output=True, text=True,
                          env={**os.environ, "TEST_DSN": dsn(secure, **verified(authority))})
    assert done.returncode == 0, done.stdout + done.stderr


def test_pgjdbc(secure, authority):
    location = url(secure, "sslmode=verify-full", f"sslrootcert={authority.root}")
    location = "jdbc:" + location.replace("postgres:correct%20horse@", "")
    done = subprocess.run(
        ["java", "-cp", JDBC_JAR, str(DRIVERS / "PgJdbc.java"),
         location + "&user=postgres&password=correct%20horse"],
        capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_asyncpg(secure, authority):
    async def body():
        connection = await asyncpg.connect(
            host="localhost", port=secure.port, user="postgres", password=PASSWORD,
            database="postgres", ssl=ssl.create_default_context(cafile=authority.root))
        rows = await connection.fetch("SELECT g, repeat('x', g) FROM generate_series(1, 2000) g")
        assert all(len(text) == number for number, text in rows)
        await connection.close()

    asyncio.run(body())


@pytest.mark.parametrize("negotiation", ["postgres", "direct"])
def test_psycopg_copies_much_both_ways(secure, authority, negotiation):
    with psycopg.connect(dsn(secure, **verified(authority, sslnegotiation=negotiation,
                                                channel_binding="require"))) as connection:
        rows = [(i, os.urandom(2000).hex()) for i in range(2000)]
        connection.execute("CREATE TEMP TABLE blobs (id int, content text)")
        with connection.cursor().copy("COPY blobs FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        with connection.cursor().copy("COPY blobs TO STDOUT") as copy:
            copy.set_types(["int4", "text"])
            assert list(copy.rows()) == rows


def test_cancel_and_notifications_over_tls(secure, authority):
    with psycopg.connect(dsn(secure, **verified(authority)), autocommit=True) as connection:
        canceller = threading.Timer(0.3, connection.cancel_safe)
        canceller.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(60)")
        canceller.join()
        connection.execute("LISTEN news")
        psql(secure, "NOTIFY news, 'hello'", **verified(authority))
        assert [n.payload for n in connection.notifies(timeout=20, stop_after=1)] == ["hello"]
        assert connection.execute("SELECT 1").fetchone() == (1,)


# ---------------------------------------------------------------- certificates

def wait_for(condition, what):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f"no {what}"
        time.sleep(0.05)


def test_a_new_certificate_is_taken_while_connections_live(new_server, authority, tmp_path):
    volume = tmp_path / "volume"
    volume.mkdir()
    first = authority.issue(volume / "one")
    second = authority.issue(volume / "two")
    # As the kubelet mounts a secret: files that lead through a link, which is swapped.
    (volume / "..data").symlink_to("one")
    for name in ("tls.crt", "tls.key"):
        (volume / name).symlink_to(f"..data/{name}")
    new_server.start("--superuser-password", PASSWORD, *flags(volume))
    with psycopg.connect(dsn(new_server, **verified(authority))) as old:
        assert serial_shown(new_server, authority) == first
        (volume / "..new").symlink_to("two")
        os.rename(volume / "..new", volume / "..data")
        wait_for(lambda: serial_shown(new_server, authority) == second, "new certificate")
        assert old.execute("SELECT 'still here'").fetchone() == ("still here",)


def test_a_broken_pair_leaves_the_old_one(new_server, authority, tmp_path):
    first = authority.issue(tmp_path / "tls")
    authority.issue(tmp_path / "other")
    new_server.start("--superuser-password", PASSWORD, *flags(tmp_path / "tls"))
    key = (tmp_path / "tls" / "tls.key").read_text()
    (tmp_path / "tls" / "tls.key").write_text((tmp_path / "other" / "tls.key").read_text())
    new_server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "does not belong to certificate file" in new_server.log(), "complaint")
    assert serial_shown(new_server, authority) == first
    (tmp_path / "tls" / "tls.key").write_text(key)
    (tmp_path / "tls" / "tls.crt").unlink()
    new_server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "No such file" in new_server.log(), "complaint")
    assert serial_shown(new_server, authority) == first
    second = authority.issue(tmp_path / "tls")
    new_server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: serial_shown(new_server, authority) == second, "new certificate")


# ---------------------------------------------------------------- strangers

def test_bytes_from_before_the_handshake_are_refused(secure):
    with connect(secure) as connection:
        connection.sendall(SSL_REQUEST + startup())
        answer = read_all(connection)
    assert answer.startswith(b"E") and b"C08P01" in answer
    assert b"received unencrypted data after SSL request" in answer


def test_tls_from_the_first_byte_needs_the_protocols_name(secure, authority):
    with start_tls(secure, authority, protocols=(), direct=True) as connection:
        assert b"without ALPN protocol negotiation" in read_all(connection)
    # A browser that somebody sent here.
    for direct in (True, False):
        with pytest.raises(ssl.SSLError):
            start_tls(secure, authority, protocols=("h2", "http/1.1"), direct=direct)


def test_old_tls_and_nonsense_end_the_connection_alone(secure, authority):
    with connect(secure) as connection:
        connection.sendall(SSL_REQUEST)
        assert connection.recv(1) == b"S"
        connection.sendall(b"\x16\x03\x01\x00\x05hello")
        read_all(connection)
    with connect(secure) as connection:
        connection.sendall(SSL_REQUEST)
        assert connection.recv(1) == b"S"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, OSError)):
            context.wrap_socket(connection)
    connection = start_tls(secure, authority)
    connection.sendall(startup())
    broken = connection.detach()
    os.write(broken, b"\x17\x03\x03\x00\x20" + b"x" * 32)  # no record of this connection's keys
    os.close(broken)
    with start_tls(secure, authority) as connection:
        connection.sendall(SSL_REQUEST)
        assert b"SSL request on an encrypted connection" in read_all(connection)
    assert psql(secure, "SELECT 1", sslmode="require").stdout == "1\n"


def test_who_comes_from_elsewhere_must_encrypt_where_it_is_required(new_server, authority, tmp_path,
                                                                   address):
    authority.issue(tmp_path / "tls", names=f"DNS:localhost,IP:127.0.0.1,IP:{address}")
    new_server.start("--listen", "0.0.0.0", "--superuser-password", PASSWORD, "--tls", "require",
                     *flags(tmp_path / "tls"))
    refused = psql(new_server, "SELECT 1", host=address, sslmode="disable")
    assert f"connection from {address} is not encrypted, and this server requires TLS" \
        in refused.stderr
    assert "sqlstate=28000" in new_server.log()
    assert psql(new_server, "SELECT 1", host=address,
                **verified(authority, channel_binding="require")).stdout == "1\n"
    # Nobody listens in on loopback.
    assert psql(new_server, "SELECT 1", host="127.0.0.1", sslmode="disable").stdout == "1\n"


def test_without_a_certificate_tls_is_not_on_offer(server):
    with connect(server) as connection:
        connection.sendall(SSL_REQUEST)
        assert connection.recv(1) == b"N"
        connection.sendall(struct.pack("!ii", 8, 80877104))  # GSS encryption
        assert connection.recv(1) == b"N"
        connection.sendall(startup())
        assert connection.recv(1) == b"R"
