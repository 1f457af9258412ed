"""psql with a connection string, and the wire protocol's first packets by hand."""

import os
import socket
import ssl
import struct
import subprocess

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
PASSWORD = "correct horse"


def dsn(server, **settings):
    words = {"host": "localhost", "port": server.port, "user": "postgres", "dbname": "postgres",
             "password": PASSWORD, **settings}
    return " ".join(f"{name}='{value}'" for name, value in words.items())


def psql(server, sql, **settings):
    return subprocess.run(["psql", "-X", "-At", "-w", dsn(server, **settings), "-c", sql],
                          capture_output=True, text=True, timeout=60, env=dict(os.environ))


def url(server, *words):
    return f"postgresql://postgres:correct%20horse@localhost:{server.port}/postgres?" + "&".join(words)


def startup(user=b"postgres"):
    body = struct.pack("!i", 196608) + b"user\0" + user + b"\0\0"
    return struct.pack("!i", len(body) + 4) + body


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def read_all(connection):
    received = b""
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return received
        if not piece:
            return received
        received += piece


def start_tls(server, authority, protocols=("postgresql",), direct=False):
    """A TLS connection to the wire protocol's port, by SSLRequest unless `direct`."""
    connection = connect(server)
    if not direct:
        connection.sendall(SSL_REQUEST)
        assert connection.recv(1) == b"S"
    context = ssl.create_default_context(cafile=authority.root)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context.wrap_socket(connection, server_hostname="localhost")


def serial_shown(server, authority):
    with start_tls(server, authority) as connection:
        return int(connection.getpeercert()["serialNumber"], 16)
