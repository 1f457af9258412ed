import struct
import threading

import pytest
from rest_client import Api, api  # noqa: F401


def contents(api, name):
    return api.server.query(f"SELECT id, embedding, metadata FROM {name} ORDER BY id")


@pytest.fixture(scope="module")
def snapshot(api):
    """A collection of enough rows for several blocks, its snapshot and the file's bytes."""
    api.create("s", 64, distance_metric="Manhattan", index_config={"m": 8, "ef_construction": 40})
    api.post("/collections/s/batch", {"vectors": [
        {"id": f"id {n}", "vector": [n + k / 64 for k in range(64)], "metadata": {"n": n}}
        for n in range(6000)]})
    made = api.post("/collections/s/snapshots")
    assert made.status == 201
    assert made.data["vectors"] == 6000 and made.data["owner"] == "postgres"
    path = f"/collections/s/snapshots/{made.data['name']}"
    download = api.get(path)
    assert download.status == 200 and len(download.body) == made.data["bytes"]
    return path, download.body, contents(api, "s")


def test_restore_brings_back_what_was(api, snapshot):
    path, _, before = snapshot
    api.post("/collections/s/batch/delete", {"filter": {"must": {"key": "n", "range": {"gt": 50}}}})
    api.put("/collections/s/vectors", {"id": "id 3", "vector": [0] * 64})
    api.put("/collections/s/vectors", {"id": "new", "vector": [1] * 64})
    answer = api.post(f"{path}/restore")
    assert answer.status == 200
    assert contents(api, "s") == before
    assert api.found("s", [4000 + k / 64 for k in range(64)], limit=1) == ["id 4000"]


def test_what_is_deleted_meanwhile_is_not_there(api):
    """Lists are whole while others make and delete snapshots."""
    api.create("busy", 2)
    path = "/collections/busy/snapshots"

    def come_and_go():
        for _ in range(60):
            name = api.post(path).data["name"]
            assert api.delete(f"{path}/{name}").status == 200

    others = [threading.Thread(target=come_and_go) for _ in range(2)]
    for other in others:
        other.start()
    statuses = set()
    while any(other.is_alive() for other in others):
        statuses.add(api.get(path).status)
        statuses.add(api.get(f"{path}/none.dvecsnap").status)
    assert statuses == {200, 404}


def test_a_deleted_collection_is_made_again(api, snapshot):
    path, _, before = snapshot
    assert api.delete("/collections/s?hard=true").status == 200
    assert len(api.get("/collections/s/snapshots").data) == 1
    shown = api.post(f"{path}/restore").data
    assert (shown["distance_metric"], shown["index_config"]) == (
        "Manhattan", {"m": 8, "ef_construction": 40})
    assert contents(api, "s") == before


def test_an_uploaded_snapshot_makes_a_collection_of_another_name(api, snapshot):
    _, body, before = snapshot
    answer = api.post("/collections/copy/restore", body)
    assert answer.status == 200 and answer.data["name"] == "copy"
    assert contents(api, "copy") == before
    api.create("other", 2)
    answer = api.post("/collections/other/restore", body)
    assert answer.status == 409 and "has other columns than the snapshot" in answer.error


def test_a_table_of_sql_comes_back_whole(api):
    api.server.psql("""
        CREATE TABLE t (key bigserial PRIMARY KEY, title text NOT NULL DEFAULT 'x' CHECK (title <> ''),
                        twice int GENERATED ALWAYS AS (length(title) * 2) STORED, tags text[],
                        code text UNIQUE, e halfvec(2));
        CREATE INDEX ON t USING hnsw (e halfvec_l2_ops) WITH (m = 4, ef_construction = 10);
        CREATE INDEX "odd USING name" ON t (title);
        INSERT INTO t (title, tags, code, e) VALUES ('one', '{a}', 'c1', '[1,2]'), ('two', NULL, NULL, NULL);""",
                    check=True)
    before = api.server.query("SELECT * FROM t ORDER BY key")
    name = api.post("/collections/t/snapshots").data["name"]
    body = api.get(f"/collections/t/snapshots/{name}").body
    api.server.psql("DROP TABLE t", check=True)
    for target in ("t", "t2"):
        assert api.post(f"/collections/{target}/restore", body).status == 200
        assert api.server.query(f"SELECT * FROM {target} ORDER BY key") == before
        assert api.server.query(f"INSERT INTO {target} (title, e) VALUES ('z', '[0,0]') RETURNING key") == [("3",)]
        for wrong in ("(title) VALUES ('')", "(code) VALUES ('c1')"):
            assert "ERROR" in api.server.psql(f"INSERT INTO {target} {wrong}").stderr
        shown = api.get(f"/collections/{target}").data
        assert shown["index_config"] == {"m": 4, "ef_construction": 10}


def test_damaged_snapshots_change_nothing(api, snapshot):
    _, body, before = snapshot
    header_length = struct.unpack("<I", body[12:16])[0]
    damaged = [b"", b"x", body[:10], body[:200], body[:-1], body + b"x", body[:-8],
               body[:8] + struct.pack("<I", 2) + body[12:], body.replace(b"DVECSNAP", b"DVECSNAQ")]
    first = 20 + header_length
    size = struct.unpack("<I", body[first:first + 4])[0]
    damaged.append(body[:first] + body[first + 8 + size:])  # a block is missing
    for at in (14, 17, 25, first + 1, first + 6, first + 100, len(body) // 2, len(body) - 3):
        damaged.append(body[:at] + bytes([body[at] ^ 4]) + body[at + 1:])
    for bytes_ in damaged:
        answer = api.post("/collections/s/restore", bytes_)
        assert answer.status == 422, (len(bytes_), answer.body)
        assert "snapshot" in answer.error
        assert api.post("/collections/new/restore", bytes_).status == 422
    assert contents(api, "s") == before
    assert api.get("/collections/new").status == 404


def test_a_snapshot_damaged_on_disk_is_refused_and_can_be_deleted(new_server):
    api = Api(new_server.start())
    api.create("s", 2, [{"id": "a", "vector": [1, 2]}])
    name = api.post("/collections/s/snapshots").data["name"]
    [file] = new_server.data_dir.glob("snapshots/*/*/*")
    assert file.name == name
    file.write_bytes(file.read_bytes()[:-5])
    path = f"/collections/s/snapshots/{name}"
    answer = api.post(f"{path}/restore")
    assert answer.status == 422 and "it ends too early" in answer.error
    assert api.count("s") == 1
    file.write_bytes(b"nothing of this kind")
    [listed] = api.get("/collections/s/snapshots").data
    assert listed["name"] == name and listed["vectors"] is None
    assert api.delete(path).status == 200
    assert not file.exists()
    assert api.delete(path).status == 404


def test_what_a_crash_left_of_a_snapshot_goes(new_server):
    api = Api(new_server.start())
    api.create("s", 2)
    name = api.post("/collections/s/snapshots").data["name"]
    [file] = new_server.data_dir.glob("snapshots/*/*/*")
    left = file.with_name(file.name + ".new")
    left.write_bytes(b"half")
    new_server.kill()
    new_server.start()
    assert not left.exists()
    assert [one["name"] for one in api.get("/collections/s/snapshots").data] == [name]


def test_names_are_the_servers(api, snapshot):
    for name in ("..", "%2e%2e", "x.dvecsnap", "..%2F..%2Fpostgres", "a%00b"):
        for method, end in (("GET", ""), ("DELETE", ""), ("POST", "/restore")):
            assert api.send(method, f"/collections/s/snapshots/{name}{end}").status in (404, 422)
