"""The types' binary forms: what clients send is read back, and hostile bytes get an error with the
right SQLSTATE, in the same session that goes on."""

import random
import struct

import psycopg
import pytest

TYPES = ("vector", "halfvec", "sparsevec")
# data_exception, program_limit_exceeded, protocol_violation, invalid_binary_representation
REFUSALS = {"22000", "54000", "08P01", "22P03"}


def dense(dimensions, *elements, unused=0, form="f"):
    return struct.pack(f"!hh{len(elements)}{form}", dimensions, unused, *elements)


def half(dimensions, *elements, unused=0):
    return dense(dimensions, *elements, unused=unused, form="e")


def sparse(dimensions, count, indices=(), values=(), unused=0):
    return struct.pack(f"!iii{len(indices)}i{len(values)}f", dimensions, count, unused, *indices, *values)


def copy_message(payload):
    """One row of one column in COPY's binary form."""
    head = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
    return head + struct.pack("!hi", 1, len(payload)) + payload + struct.pack("!h", -1)


@pytest.fixture(scope="module")
def connection(cluster):
    with cluster.connect() as opened:
        for name in TYPES:
            opened.execute(f"CREATE TABLE {name}_values (v {name})")
            opened.execute(f"CREATE TABLE {name}_of_two (v {name}(2))")
        yield opened


def send(connection, table, payload):
    """The SQLSTATE and message of the refusal, or nothing."""
    try:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
            copy.write(copy_message(payload))
    except psycopg.Error as error:
        return error.diag.sqlstate, error.diag.message_primary
    return None


GOOD = [
    ("vector", dense(1, 1.5), "[1.5]"),
    ("vector", dense(2, -0.0, 1e-45), "[-0,1e-45]"),
    ("vector", dense(16000, *[1] * 16000), "[" + ",".join(["1"] * 16000) + "]"),
    ("halfvec", half(3, 1.5, -2, 65504), "[1.5,-2,65504]"),
    ("halfvec", half(16000, *[1] * 16000), "[" + ",".join(["1"] * 16000) + "]"),
    ("sparsevec", sparse(5, 2, (0, 4), (1.5, -2)), "{1:1.5,5:-2}/5"),
    ("sparsevec", sparse(1000000000, 1, (999999999,), (1,)), "{1000000000:1}/1000000000"),
    ("sparsevec", sparse(1, 0), "{}/1"),
]


@pytest.mark.parametrize("name, payload, text", GOOD, ids=range(len(GOOD)))
def test_reads_back(connection, name, payload, text):
    connection.execute(f"TRUNCATE {name}_values")
    assert send(connection, f"{name}_values", payload) is None
    stored, sent = connection.execute(f"SELECT v::text, {name}_send(v) FROM {name}_values").fetchone()
    assert (stored, sent) == (text, payload)


SHORT = ("08P01", "insufficient data left in message")
NAN = float("nan")
INFINITY = float("inf")
BAD = [
    ("vector", b"", SHORT),
    ("vector", b"\0", SHORT),
    ("vector", b"\0\1\0", SHORT),
    ("vector", dense(1), SHORT),
    ("vector", dense(2, 1), SHORT),
    ("vector", dense(16000), SHORT),
    ("vector", dense(1, 1, 2), ("22P03", "incorrect binary data format")),
    ("vector", dense(0), ("22000", "vector must have at least 1 dimension")),
    ("vector", dense(-1), ("22000", "vector must have at least 1 dimension")),
    ("vector", dense(-32768), ("22000", "vector must have at least 1 dimension")),
    ("vector", dense(16001), ("54000", "vector cannot have more than 16000 dimensions")),
    ("vector", dense(32767), ("54000", "vector cannot have more than 16000 dimensions")),
    ("vector", dense(1, 1, unused=1), ("22000", "expected unused to be 0, not 1")),
    ("vector", dense(1, 1, unused=-1), ("22000", "expected unused to be 0, not -1")),
    ("vector", dense(1, NAN), ("22000", "NaN not allowed in vector")),
    ("vector", dense(1, INFINITY), ("22000", "infinite value not allowed in vector")),
    ("vector", dense(1, -INFINITY), ("22000", "infinite value not allowed in vector")),
    ("halfvec", half(1), SHORT),
    ("halfvec", half(1, 1, 2), ("22P03", "incorrect binary data format")),
    ("halfvec", half(16001), ("54000", "halfvec cannot have more than 16000 dimensions")),
    ("halfvec", half(1, NAN), ("22000", "NaN not allowed in halfvec")),
    ("halfvec", half(1, -INFINITY), ("22000", "infinite value not allowed in halfvec")),
    ("sparsevec", b"\0" * 11, SHORT),
    ("sparsevec", sparse(0, 0), ("22000", "sparsevec must have at least 1 dimension")),
    ("sparsevec", sparse(-2147483648, 0), ("22000", "sparsevec must have at least 1 dimension")),
    ("sparsevec", sparse(1000000001, 0), ("54000", "sparsevec cannot have more than 1000000000 dimensions")),
    ("sparsevec", sparse(2147483647, 2147483647), ("54000", "sparsevec cannot have more than 1000000000 dimensions")),
    ("sparsevec", sparse(5, -1), ("22000", "sparsevec cannot have negative number of elements")),
    ("sparsevec", sparse(5, -2147483648), ("22000", "sparsevec cannot have negative number of elements")),
    ("sparsevec", sparse(100000, 16001), ("54000", "sparsevec cannot have more than 16000 non-zero elements")),
    ("sparsevec", sparse(5, 2147483647), ("54000", "sparsevec cannot have more than 16000 non-zero elements")),
    ("sparsevec", sparse(5, 6), ("54000", "sparsevec cannot have more elements than dimensions")),
    ("sparsevec", sparse(5, 0, unused=7), ("22000", "expected unused to be 0, not 7")),
    ("sparsevec", sparse(5, 1), SHORT),
    ("sparsevec", sparse(5, 1, (1,)), SHORT),
    ("sparsevec", sparse(5, 1, (5,), (1,)), ("22000", "sparsevec index out of bounds")),
    ("sparsevec", sparse(5, 1, (-1,), (1,)), ("22000", "sparsevec index out of bounds")),
    ("sparsevec", sparse(5, 2, (1, 0), (1, 1)), ("22000", "sparsevec indices must be in ascending order")),
    ("sparsevec", sparse(5, 2, (1, 1), (1, 1)), ("22000", "sparsevec indices must not contain duplicates")),
    ("sparsevec", sparse(5, 1, (1,), (0,)), ("22000", "binary representation of sparsevec cannot contain zero values")),
    ("sparsevec", sparse(5, 1, (1,), (NAN,)), ("22000", "NaN not allowed in sparsevec")),
    ("sparsevec", sparse(5, 1, (1,), (INFINITY,)), ("22000", "infinite value not allowed in sparsevec")),
]


@pytest.mark.parametrize("name, payload, refusal", BAD, ids=range(len(BAD)))
def test_is_refused(connection, name, payload, refusal):
    assert send(connection, f"{name}_values", payload) == refusal


@pytest.mark.parametrize("name, payload", [("vector", dense(3, 1, 2, 3)), ("halfvec", half(3, 1, 2, 3)),
                                           ("sparsevec", sparse(3, 0))])
def test_modifier_binds(connection, name, payload):
    assert send(connection, f"{name}_of_two", payload) == ("22000", "expected 2 dimensions, not 3")


@pytest.mark.parametrize("name", TYPES)
def test_random_bytes(connection, name):
    """Mutations of good messages: refused in order, or read and sent back the same."""
    chance = random.Random(name)
    seeds = [payload for kind, payload, _ in GOOD if kind == name and len(payload) < 100]
    accepted = 0
    for _ in range(400):
        message = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 3)):
            if chance.random() < 0.2:
                message = message[:chance.randrange(len(message) + 1)] + chance.randbytes(chance.randrange(8))
            if message:
                message[chance.randrange(len(message))] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
        connection.execute(f"TRUNCATE {name}_values")
        refusal = send(connection, f"{name}_values", bytes(message))
        if refusal is not None:
            assert refusal[0] in REFUSALS, (refusal, bytes(message))
            continue
        accepted += 1
        sent = connection.execute(f"SELECT {name}_send(v) FROM {name}_values").fetchone()[0]
        assert sent == bytes(message)
    assert 0 < accepted < 400
