"""The wire protocol byte by byte: order of answers, errors, nonsense, cancellation."""

import socket
import struct
import time

import pytest


class Raw:
    """A protocol conversation without a driver's politeness."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def raw(self, data):
        self.socket.sendall(data)
        return self

    def send(self, kind, body=b""):
        return self.raw(kind + struct.pack("!i", len(body) + 4) + body)

    def start(self, user=b"postgres", database=b"postgres"):
        body = struct.pack("!i", 196608) + b"user\0" + user + b"\0database\0" + database + b"\0\0"
        self.raw(struct.pack("!i", len(body) + 4) + body)
        answers = self.until(b"ZE")
        self.key = next((body for kind, body in answers if kind == b"K"), None)
        return self

    def bytes(self, count):
        while len(self.buffer) < count:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError
            self.buffer += piece
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def message(self):
        kind = self.bytes(1)
        return kind, self.bytes(struct.unpack("!i", self.bytes(4))[0] - 4)

    def until(self, kinds):
        answers = [self.message()]
        while answers[-1][0] not in [kinds[i:i + 1] for i in range(len(kinds))]:
            answers.append(self.message())
        return answers

    def query(self, sql):
        self.send(b"Q", sql.encode() + b"\0")
        return self.until(b"Z")


def kinds(answers):
    return b"".join(kind for kind, _ in answers).decode()


def error_field(answers, code):
    for kind, body in answers:
        if kind == b"E":
            fields = {field[:1]: field[1:] for field in body.split(b"\0") if field}
            return fields.get(code, b"").decode()
    return None


@pytest.fixture
def raw(server):
    with Raw(server) as conversation:
        yield conversation.start()


def parse(name, sql):
    return name + b"\0" + sql + b"\0" + struct.pack("!h", 0)


def bind(portal=b"", statement=b""):
    return portal + b"\0" + statement + b"\0" + struct.pack("!hhh", 0, 0, 0)


def execute(portal=b"", rows=0):
    return portal + b"\0" + struct.pack("!i", rows)


def test_simple_query_order(raw):
    assert kinds(raw.query("SELECT 1; SELECT 2")) == "TDCTDCZ"
    assert kinds(raw.query("")) == "IZ"
    assert kinds(raw.query("SELECT 1; SELECT nope; SELECT 2")) == "TDCEZ"


def test_ready_tells_the_transaction(raw):
    assert raw.query("SELECT 1")[-1] == (b"Z", b"I")
    assert raw.query("BEGIN")[-1] == (b"Z", b"T")
    assert raw.query("SELECT nope")[-1] == (b"Z", b"E")
    assert raw.query("ROLLBACK")[-1] == (b"Z", b"I")


def test_extended_query_order(raw):
    raw.send(b"P", parse(b"", b"SELECT 1")).send(b"B", bind()).send(b"D", b"P\0")
    raw.send(b"E", execute()).send(b"S")
    assert kinds(raw.until(b"Z")) == "12TDCZ"


def test_errors_skip_to_sync(raw):
    raw.send(b"P", parse(b"", b"SELECT nope")).send(b"B", bind()).send(b"E", execute())
    raw.send(b"P", parse(b"", b"SELECT 1")).send(b"S")
    answers = raw.until(b"Z")
    assert kinds(answers) == "EZ"
    assert error_field(answers, b"C") == "42703"
    assert kinds(raw.query("SELECT 1")) == "TDCZ"


def test_suspended_portal_goes_on(raw):
    raw.query("BEGIN")
    raw.send(b"P", parse(b"", b"SELECT g FROM generate_series(1, 5) g")).send(b"B", bind())
    for _ in range(3):
        raw.send(b"E", execute(rows=2))
    raw.send(b"S")
    assert kinds(raw.until(b"Z")) == "12DDsDDsDCZ"
    raw.query("COMMIT")


def test_unknown_statements_and_portals(raw):
    raw.send(b"B", bind(statement=b"missing")).send(b"S")
    assert error_field(raw.until(b"Z"), b"C") == "26000"
    raw.send(b"E", execute(b"missing")).send(b"S")
    assert error_field(raw.until(b"Z"), b"C") == "34000"
    raw.send(b"P", parse(b"twice", b"SELECT 1")).send(b"P", parse(b"twice", b"SELECT 2")).send(b"S")
    assert error_field(raw.until(b"Z"), b"C") == "42P05"


def test_several_statements_cannot_be_prepared(raw):
    raw.send(b"P", parse(b"", b"SELECT 1; SELECT 2")).send(b"S")
    assert error_field(raw.until(b"Z"), b"C") == "42601"


def test_malformed_messages_keep_the_session(raw):
    raw.send(b"B", b"\0\0\xff").send(b"S")
    assert error_field(raw.until(b"Z"), b"C") == "08P01"
    assert kinds(raw.query("SELECT 1")) == "TDCZ"


def test_unknown_message_type_ends_it(raw):
    raw.raw(b"!\0\0\0\4")
    answers = raw.until(b"E")
    assert error_field(answers, b"S") == "FATAL"
    with pytest.raises(EOFError):
        raw.message()


def test_startup_nonsense_is_survived(server):
    for data in (b"\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x08\0\x02\0\0", b"\xff" * 64,
                 struct.pack("!ii", 12, 196608) + b"user"):
        with Raw(server) as conversation:
            conversation.raw(data)
            try:
                assert conversation.message()[0] == b"E"
            except EOFError:
                pass
    with Raw(server) as conversation:
        assert kinds(conversation.start().query("SELECT 1")) == "TDCZ"


def test_tls_and_gss_are_declined_politely(server):
    with Raw(server) as conversation:
        conversation.raw(struct.pack("!ii", 8, 80877104))
        assert conversation.bytes(1) == b"N"
        conversation.raw(struct.pack("!ii", 8, 80877103))
        assert conversation.bytes(1) == b"N"
        assert kinds(conversation.start().query("SELECT 1")) == "TDCZ"


def wait_until_active(server, pid, text):
    deadline = time.monotonic() + 30
    while server.query(f"SELECT state FROM pg_stat_activity WHERE pid = {pid}"
                       f" AND query LIKE '%{text}%'") != [("active",)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_activity_tells_of_prepared_statements_too(server, raw):
    pid = struct.unpack("!ii", raw.key)[0]
    raw.send(b"P", parse(b"", b"SELECT pg_sleep(1.5)")).send(b"B", bind())
    raw.send(b"E", execute()).send(b"S")
    wait_until_active(server, pid, "pg_sleep(1.5)")
    assert kinds(raw.until(b"Z")) == "12DCZ"


def test_cancel_needs_the_secret(server, raw):
    pid, secret = struct.unpack("!ii", raw.key)
    raw.send(b"Q", b"SELECT pg_sleep(1.5)\0")
    with Raw(server) as other:
        other.raw(struct.pack("!iiii", 16, 80877102, pid, secret ^ 1))
    assert kinds(raw.until(b"Z")) == "TDCZ"
    raw.send(b"Q", b"SELECT pg_sleep(60)\0")
    # A cancel request that comes before the statement would cancel nothing.
    wait_until_active(server, pid, "pg_sleep(60)")
    with Raw(server) as other:
        other.raw(struct.pack("!iiii", 16, 80877102, pid, secret))
    assert error_field(raw.until(b"Z"), b"C") == "57014"


def test_deep_and_long_statements_are_refused_not_fatal(raw):
    for sql in ("SELECT " + "(" * 100000 + "1" + ")" * 100000, "SELECT " + "+".join(["1"] * 100000),
                "SELECT " + "-" * 1 + "(" * 20000, "SELECT " + "NOT " * 100000 + "true",
                "SELECT " + "ARRAY[" * 30000):
        answers = raw.query(sql)
        assert kinds(answers)[-2:] in ("EZ", "CZ")
    assert kinds(raw.query("SELECT 1")) == "TDCZ"


def test_copy_fail_and_stray_copy_data(raw):
    raw.query("CREATE TABLE IF NOT EXISTS c (x int)")
    raw.send(b"Q", b"COPY c FROM STDIN\0")
    assert raw.message()[0] == b"G"
    raw.send(b"d", b"1\n").send(b"f", b"changed my mind\0")
    answers = raw.until(b"Z")
    assert error_field(answers, b"C") == "57014"
    assert "changed my mind" in error_field(answers, b"M")
    raw.send(b"d", b"stray").send(b"c")
    assert kinds(raw.query("SELECT count(*) FROM c")) == "TDCZ"


def test_a_client_that_vanishes_in_a_transaction_leaves_nothing(server):
    with Raw(server) as gone:
        gone.start().query("CREATE TABLE vanish (x int)")
        gone.query("BEGIN")
        gone.query("INSERT INTO vanish VALUES (1)")
    assert server.query("SELECT count(*) FROM vanish") == [("0",)]
    server.query("INSERT INTO vanish VALUES (2)")


def notification(raw):
    kind, body = raw.message()
    assert kind == b"A"
    return body[4:].split(b"\0")[:2]


def test_an_idle_listener_hears_at_once_and_one_in_a_transaction_after_it(raw, server):
    raw.query("LISTEN news")
    server.query("NOTIFY news, 'first'")
    assert notification(raw) == [b"news", b"first"]
    server.query("SELECT pg_notify('news', 'second')")
    assert notification(raw) == [b"news", b"second"]
    raw.query("BEGIN")
    server.query("NOTIFY news, 'third'")
    assert kinds(raw.query("SELECT 1")) == "TDCZ"
    assert kinds(raw.query("COMMIT")) == "CAZ"
    server.query("BEGIN; NOTIFY news, 'never'; ROLLBACK")
    raw.query("UNLISTEN news")
    server.query("NOTIFY news, 'too late'")
    assert kinds(raw.query("SELECT 1")) == "TDCZ"


def test_a_transaction_lock_of_a_statement_alone_ends_with_it(raw, server):
    assert kinds(raw.query("SELECT pg_advisory_xact_lock(77)")) == "TDCZ"
    assert server.query("SELECT pg_try_advisory_lock(77)") == [("t",)]


def test_strangers_that_never_log_in_leave_room_for_others(new_server):
    new_server.start("--max-connections", "3")
    with Raw(new_server) as client:
        client.start()
        strangers = [socket.create_connection(("127.0.0.1", new_server.port), timeout=20)
                     for _ in range(40)]
        # Those beyond twice what may log in, and some, are closed at once.
        assert strangers[-1].recv(1) == b""
        client.send(b"Q", b"SELECT 1\0")
        assert b"D" in [kind for kind, _ in client.until(b"ZE")]
        for stranger in strangers:
            stranger.close()
        deadline = time.monotonic() + 20
        while new_server.psql("SELECT 1").returncode != 0:
            assert time.monotonic() < deadline
            time.sleep(0.05)
