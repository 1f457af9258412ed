"""Over TLS, too: who leaves takes its statement along, who only sends no more gets its answer."""

import os
import socket
import ssl
import time

import pytest

from clients import PASSWORD
from secure_server import authority, secure  # noqa: F401
from test_http_access import basic, run


@pytest.fixture
def asked(secure, authority):
    """A client whose insertion runs, for the seconds that it is called with."""
    opened = []

    def ask(seconds):
        run(secure, f"""DROP TABLE IF EXISTS sleepy; CREATE TABLE sleepy (id text PRIMARY KEY,
            embedding vector(2), waited text DEFAULT pg_sleep({seconds})::text)""")
        context = ssl.create_default_context(cafile=authority.root)
        client = context.wrap_socket(socket.create_connection(("127.0.0.1", secure.http_port), 30),
                                     server_hostname="localhost")
        opened.append(client)
        body = '{"id":"a","vector":[1,2]}'
        client.sendall((f"POST /collections/sleepy/vectors HTTP/1.1\r\nHost: localhost\r\n"
                        f"Authorization: {basic('postgres', PASSWORD)}\r\nConnection: close\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        wait_until(lambda: run(secure, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                                       " AND query LIKE 'INSERT%'") == "1")
        return client

    yield ask
    for client in opened:
        client.close()


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_leaves_takes_its_statement_along(secure, asked):
    asked(600).close()
    wait_until(lambda: 'route="/collections/{name}/vectors",status="499"'
               in secure.get("/metrics", secure.metrics_port)[1])
    assert run(secure, "SELECT count(*) FROM sleepy") == "0"


def test_who_sends_no_more_gets_its_answer(secure, asked):
    client = asked(2)
    with socket.socket(fileno=os.dup(client.fileno())) as beneath:
        beneath.shutdown(socket.SHUT_WR)
    received = b""
    while piece := client.recv(65536):
        received += piece
    assert received.startswith(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 201"), received
    assert run(secure, "SELECT id FROM sleepy") == "a"
