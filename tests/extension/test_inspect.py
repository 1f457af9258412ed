"""dvecdb_index_check finds damage, as by a broken disk: pages of indexes are changed on disk."""

import random
import re
import struct

import psycopg
import pytest

PAGE = 8192
SLOT = 24       # of the first node, after the page's header
META = 24       # likewise, what the meta page says
LINKS = SLOT + 24
SLOT_BYTES = 24 + 4 * 32 + 8 + 72
NO_NODE = 0x7FFFFFFF
KINDS = {"node": 2, "row": 3, "item": 5}


def put(form, offset, value):
    """A change at an offset of a page."""
    return lambda page: struct.pack_into(form, page, offset, value)


def link_all_to(node):
    """Links of the nodes that fill a page: those of m 16 with codes of 72 bytes."""
    def change(page):
        for slot in range(SLOT, PAGE - SLOT_BYTES, SLOT_BYTES):
            page[slot + 24:slot + 24 + 4 * 32] = struct.pack("<I", node) * 32
    return change


def wipe(page):
    page[:] = bytes(PAGE)


def kind_of_first_item(page):
    (line_pointer,) = struct.unpack_from("<I", page, SLOT)
    put("<H", (line_pointer & 0x7FFF) + 10, 9)(page)


# name: (kind of the first page to change, meta, or nodes for all with nodes; the change; what is said of it)
DAMAGE = {
    "magic": ("meta", put("<I", META, 1), "block 0 of index .* is not a page of an hnsw index"),
    "version": ("meta", put("<I", META + 4, 99), "has format version 99"),
    "m": ("meta", put("<H", META + 8 + 12, 0), "meta page has m 0"),
    "element": ("meta", put("<B", META + 8 + 16, 9), "elements of kind 9"),
    "entry": ("meta", put("<I", META + 40, 5_000_000), "entry, node 5000000, is not there"),
    "no_entry": ("meta", put("<I", META + 40, NO_NODE), "No links lead to the nodes of 500 rows, of 500"),
    "state": ("node", put("<B", SLOT, 7), "Node 0 is in state 7"),
    "level": ("node", put("<B", SLOT + 1, 40), "Node 0 is on level 40"),
    "link_count": ("node", put("<H", SLOT + 2, 33), "Node 0 has 33 links, more than 32"),
    "tid": ("node", put("<H", SLOT + 8, 0), "Node 0 is of no row"),
    "far_tid": ("node", put("<H", SLOT + 4, 9), "but the table has"),
    "wild_link": ("node", put("<I", LINKS, 5_000_000), "to what is no node, 5000000"),
    "astray": ("nodes", link_all_to(0), "links lead astray"),
    "wiped_page": ("node", wipe, "belongs to no group of pages, but is in use"),
    "wrong_page": ("node", put("<H", PAGE - 8, 3), "Block 1 should be"),
    "row_page": ("row", put("<H", PAGE - 8, 2), "should be a ROW page"),
    "item": ("item", kind_of_first_item, "is none that is known|lacks what its item"),
    "dead": ("node", put("<B", SLOT, 2), "Row .* is missing"),
}


# PostgreSQL 18 finds changed pages itself, unless it is told not to.
IGNORE_CHECKSUMS = {"ignore_checksum_failure": "on"}


def change_file(path, kind, change):
    data = bytearray(path.read_bytes())
    changed = False
    for at in range(0, len(data), PAGE):
        is_it = at == 0 if kind == "meta" else (
            struct.unpack_from("<H", data, at + PAGE - 8)[0] == KINDS[kind.rstrip("s")])
        if is_it:
            page = data[at:at + PAGE]
            change(page)
            data[at:at + PAGE] = page
            changed = True
        if changed and not kind.endswith("s"):
            break
    assert changed, f"no {kind} page in {path}"
    path.write_bytes(data)


@pytest.fixture(scope="module")
def damaged(cluster):
    """A cluster with an index for each kind of damage, and one that is sound."""
    cluster.execute("CREATE TABLE items (embedding vector(24)); SELECT setseed(0.5)")
    cluster.execute("INSERT INTO items SELECT ARRAY(SELECT random() FROM generate_series(1, 24) "
                    "WHERE i > 0)::vector FROM generate_series(1, 500) AS i")
    for name in [*DAMAGE, "sound"]:
        cluster.execute(f"CREATE INDEX {name} ON items USING hnsw (embedding vector_l2_ops)")
        cluster.execute("SELECT dvecdb_index_check(%s, true)", [name])
    cluster.execute("CHECKPOINT")
    paths = {name: cluster.data / cluster.value("SELECT pg_relation_filepath(%s)", [name])
             for name in DAMAGE}
    cluster.stop()
    for name, (kind, change, _) in DAMAGE.items():
        change_file(paths[name], kind, change)
    cluster.settings.update(IGNORE_CHECKSUMS)
    return cluster.start()


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found(damaged, name):
    with pytest.raises(psycopg.errors.IndexCorrupted) as caught:
        damaged.execute("SELECT dvecdb_index_check(%s, true)", [name])
    said = caught.value.diag
    assert said.message_hint.startswith("REINDEX the index")
    text = f"{said.message_primary} {said.message_detail}"
    assert name in said.message_primary
    assert re.search(DAMAGE[name][2], text), text


def test_sound_index_beside_it(damaged):
    damaged.execute("SELECT dvecdb_index_check('sound', true)")


def test_rows_are_missed_only_by_the_check_with_the_table(damaged):
    damaged.execute("SELECT dvecdb_index_check('dead')")


def test_reindex_mends(damaged):
    for name in DAMAGE:
        damaged.execute(f"REINDEX INDEX {name}")
        damaged.execute("SELECT dvecdb_index_check(%s, true)", [name])


def flip_bits(path, seed):
    """Changes some bits, not of the page headers, which PostgreSQL checks itself."""
    dice = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(dice.choice((1, 3, 30))):
        page = dice.randrange(len(data) // PAGE) * PAGE
        data[page + dice.randrange(SLOT, PAGE)] ^= 1 << dice.randrange(8)
    path.write_bytes(data)


def test_random_damage_never_ends_the_server(make_cluster):
    """Whatever lies on the disk: an answer or an error, for checks, searches and changes."""
    cluster = make_cluster(**IGNORE_CHECKSUMS)
    cluster.execute("CREATE EXTENSION dvecdb; CREATE TABLE few (embedding vector(24))")
    cluster.execute("INSERT INTO few SELECT ARRAY(SELECT random() FROM generate_series(1, 24) "
                    "WHERE i > 0)::vector FROM generate_series(1, 200) AS i")
    cluster.execute("INSERT INTO few SELECT embedding FROM few LIMIT 20")
    names = [f"damaged_{i}" for i in range(40)]
    with cluster.connect() as connection:
        for i, name in enumerate(names):
            options = ("", "WITH (m = 4)", "WITH (rerank_source = index)")[i % 3]
            connection.execute(f"CREATE TABLE of_{name} AS SELECT * FROM few")
            connection.execute(f"CREATE INDEX {name} ON of_{name} "
                               f"USING hnsw (embedding vector_l2_ops) {options}")
        connection.execute("CHECKPOINT")
    paths = [cluster.data / cluster.value("SELECT pg_relation_filepath(%s)", [name])
             for name in names]
    cluster.stop()
    for seed, path in enumerate(paths):
        flip_bits(path, seed)
    cluster.start()
    found = 0
    with cluster.connect() as connection:
        for name in names:
            for sql in (f"SELECT dvecdb_index_check('{name}', true)",
                        f"SELECT dvecdb_index_info('{name}')",
                        f"SELECT dvecdb_index_recall('{name}', 10, 5, 100)",
                        f"INSERT INTO of_{name} SELECT embedding FROM few LIMIT 5",
                        f"DELETE FROM of_{name} WHERE ctid < '(1,1)'",
                        f"VACUUM of_{name}"):
                try:
                    connection.execute(sql)
                except psycopg.DatabaseError as error:
                    assert error.sqlstate, f"{sql}: {error}"
                    found += "check" in sql
    assert found > 10, "little damage was found"
    assert not cluster.damage(), cluster.damage()


def test_writers_wait_for_a_check(cluster):
    """Only an index at rest can be checked: the check waits for who writes, readers go on."""
    cluster.execute("CREATE TABLE busy (embedding vector(3)); "
                    "CREATE INDEX of_busy ON busy USING hnsw (embedding vector_l2_ops)")
    with cluster.connect(autocommit=False) as writer, cluster.connect() as checker:
        writer.execute("INSERT INTO busy VALUES ('[1,2,3]')")
        checker.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            checker.execute("SELECT dvecdb_index_check('of_busy')")
        assert checker.execute("SELECT nodes FROM dvecdb_index_info('of_busy')").fetchone()[0] >= 0
        writer.commit()
        checker.execute("SELECT dvecdb_index_check('of_busy', true)")
