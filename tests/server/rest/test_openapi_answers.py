"""Each answer that the document promises is given, by a server in the state that leads to it.

One test a status: it sends a request to every operation that documents the status, and every answer
is held against the document. A status that is documented and has no test here fails.
"""

import base64
import json
import pathlib
import sqlite3
import subprocess
import time

import psycopg
import pytest
from conftest import ROOT, Server
from rest_client import Api

DOCUMENT = json.loads((ROOT / "server/http/rest/openapi.json").read_text())
OPERATIONS = {operation["operationId"]: (method.upper(), path, operation)
              for path, methods in DOCUMENT["paths"].items()
              for method, operation in methods.items()}

RECORD = {"id": "new", "vector": [1, 2], "metadata": {"n": 9}}
# Of the operations that take JSON: a body that is right.
BODIES = {
    "createCollection": {"name": "made", "dimension": 2},
    "insertVector": RECORD,
    "upsertVector": RECORD,
    "updateVector": {"metadata": {"n": 9}},
    "insertVectors": {"vectors": [RECORD]},
    "upsertVectors": {"vectors": [RECORD]},
    "deleteVectors": {"ids": ["a"]},
    "scroll": {},
    "count": {},
    "search": {"vector": [1, 2]},
    "searchBatch": {"searches": [{"vector": [1, 2]}]},
    "recommend": {"positive": ["a"]},
    "discover": {"target": "a"},
    "createFieldIndex": {"field_name": "n"},
}


def documented(status):
    return [name for name, (_, _, operation) in OPERATIONS.items()
            if status in operation["responses"]]


def send(api, operation_id, /, query="", body=None, headers=None, **names):
    """`names`: what the {names} of the path are; those of `stage` otherwise."""
    method, path, operation = OPERATIONS[operation_id]
    values = {"name": "c", "id": "a", "snapshot": "none.dvecsnap", "field": "none", **names}
    for key, value in values.items():
        path = path.replace("{" + key + "}", value)
    if body is None and "requestBody" in operation:
        body = BODIES.get(operation_id, b"no snapshot")
    return api.send(method, path + query, body, headers)


def expect(status, answers):
    """`answers`: of send(), by operation. All were given, and no operation is missing."""
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(
        documented(str(status)), status), {name: answer.body[:200] for name, answer
                                           in answers.items() if answer.status != status}


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def started(folder, *flags):
    return Api(Server(folder / "data").start(*flags))


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A collection "c" on a server that limits bodies."""
    api = started(tmp_path_factory.mktemp("stage"), "--max-body-mb", "1")
    api.create("c", 2, [{"id": id, "vector": [1, n]} for n, id in enumerate(["a", "b"])])
    yield api
    assert api.server.stop() == 0


def test_every_documented_status_is_driven_here():
    driven = {name.removeprefix("test_status_") for name in globals()
              if name.startswith("test_status_")}
    assert {status for _, _, operation in OPERATIONS.values()
            for status in operation["responses"]} == driven | {"200", "201", "default"}


def test_success(tmp_path):
    """In an order in which each finds what it needs."""
    api = started(tmp_path)
    api.create("c", 2, [{"id": id, "vector": [1, n]} for n, id in enumerate(["a", "b", "d"])])
    for name in ("first", "second"):
        api.create(name, 2)
        api.delete(f"/collections/{name}")
    first, second = [deleted["id"] for deleted in api.get("/deleted-collections").data]
    answers = {name: send(api, name) for name in OPERATIONS
               if name not in ("deleteCollection", "deleteVector", "deleteVectors", "insertVectors",
                                "deleteFieldIndex")
               and "{snapshot}" not in OPERATIONS[name][1] and "{id}" not in OPERATIONS[name][1]
               and name != "restoreUpload"}
    answers["insertVectors"] = send(api, "insertVectors", body={"vectors": [{**RECORD, "id": "x"}]})
    answers["deleteFieldIndex"] = send(api, "deleteFieldIndex", field="n")
    for name in ("getVector", "updateVector", "deleteVector"):
        answers[name] = send(api, name)
    answers["deleteVectors"] = send(api, "deleteVectors", body={"ids": ["b"]})
    answers["restoreDeleted"] = send(api, "restoreDeleted", id=first)
    answers["purgeDeleted"] = send(api, "purgeDeleted", id=second)
    snapshot = answers["createSnapshot"].data["name"]
    for name in ("downloadSnapshot", "restoreSnapshot", "deleteSnapshot"):
        answers[name] = send(api, name, snapshot=snapshot)
    answers["restoreUpload"] = send(api, "restoreUpload", name="copy",
                                    body=answers["downloadSnapshot"].body)
    answers["deleteCollection"] = send(api, "deleteCollection")
    assert api.server.stop() == 0
    assert {name: {str(answer.status)} for name, answer in answers.items()} == {
        name: {status for status in operation["responses"] if status.startswith("2")}
        for name, (_, _, operation) in OPERATIONS.items()}


def test_status_400(stage):
    expect(400, {name: send(stage, name, query="?database=%zz") for name in documented("400")})
    for name in BODIES:
        assert send(stage, name, body=b"{").status == 400


def test_status_403(stage):
    page = {"Origin": "https://elsewhere.example"}
    expect(403, {name: send(stage, name, headers=page) for name in documented("403")})


def test_status_404(stage):
    expect(404, {name: send(stage, name, query="?database=none") for name in documented("404")})
    for name in documented("404"):
        if "{" in OPERATIONS[name][1] and name != "restoreUpload":
            assert send(stage, name, name="none", id="none").status == 404


def test_status_409(stage):
    """What is there already, and what others need."""
    stage.server.psql("""
        CREATE TABLE owner (id text PRIMARY KEY, embedding vector(2), n int UNIQUE);
        CREATE TABLE part (id int PRIMARY KEY,
                           owner text DEFAULT 'd' UNIQUE REFERENCES owner ON DELETE SET DEFAULT);
        INSERT INTO owner VALUES ('a', '[1,2]', 9), ('b', '[1,2]', 2), ('d', '[1,2]', 3);
        INSERT INTO part VALUES (1, 'a'), (2, 'd')""", check=True)
    stage.create("made", 2)
    stage.delete("/collections/made")
    stage.create("made", 2)
    [deleted] = stage.get("/deleted-collections").data
    snapshot = stage.post("/collections/made/snapshots").data["name"]
    body = stage.get(f"/collections/made/snapshots/{snapshot}").body
    stage.delete("/collections/made?hard=true")
    stage.server.psql("CREATE TABLE made (id int PRIMARY KEY, e vector(2))", check=True)
    answers = {name: send(stage, name, name="owner") for name in documented("409")
               if name in BODIES and name != "updateVector"}
    answers["updateVector"] = send(stage, "updateVector", name="owner", id="b")
    answers["deleteVector"] = send(stage, "deleteVector", name="owner")
    answers["deleteCollection"] = send(stage, "deleteCollection", "?hard=true", name="owner")
    answers["restoreDeleted"] = send(stage, "restoreDeleted", id=deleted["id"])
    answers["restoreSnapshot"] = send(stage, "restoreSnapshot", name="made", snapshot=snapshot)
    answers["restoreUpload"] = send(stage, "restoreUpload", name="made", body=body)
    expect(409, answers)


def test_status_413(stage):
    body = b" " * ((1 << 20) + 1)
    expect(413, {name: send(stage, name, body=body) for name in documented("413")})


def test_status_422(stage):
    expect(422, {name: send(stage, name, query="?surprise=1") for name in documented("422")})
    for name in BODIES:
        assert send(stage, name, body={"surprise": 1}).status == 422


@pytest.mark.parametrize("headers, status", [
    ({"Content-Encoding": "gzip"}, 415), ({"Expect": "miracles"}, 417), ({"X": "x" * 20000}, 431)])
def test_what_http_refuses(stage, headers, status):
    """The document tells it once for each operation, as "default"."""
    for name in documented("default"):
        assert send(stage, name, headers=headers).status == status, name


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server where everybody needs a password; to role "slow" the catalogs are slow."""
    api = started(tmp_path_factory.mktemp("guarded"), "--auth", "scram",
                  "--superuser-password", "secret")
    with psycopg.connect(api.server.dsn, password="secret", autocommit=True) as owner:
        owner.execute("CREATE ROLE slow SUPERUSER LOGIN PASSWORD 's'")
        owner.execute("CREATE SCHEMA slow")
        for catalog in ("pg_namespace", "pg_roles"):
            owner.execute(f"CREATE VIEW slow.{catalog} AS SELECT * FROM pg_catalog.{catalog}"
                          " WHERE pg_sleep(60) IS NOT NULL")
        owner.execute("ALTER ROLE slow SET search_path = slow, pg_catalog, public")
    yield api
    assert api.server.stop() == 0


def test_status_401(guarded):
    expect(401, {name: send(guarded, name) for name in documented("401")})


def test_status_504(guarded):
    """Reads wait for the catalogs, writes for somebody else's transaction."""
    owner = basic("postgres", "secret")
    guarded.post("/collections", {"name": "c", "dimension": 2}, headers=owner)
    snapshot = guarded.post("/collections/c/snapshots", headers=owner).data["name"]
    body = guarded.get(f"/collections/c/snapshots/{snapshot}", headers=owner).body
    with psycopg.connect(guarded.server.dsn, password="secret") as other:
        other.execute("CREATE TABLE not_there_yet (id int)")
        answers = {name: send(guarded, name, "?timeout_ms=20", snapshot=snapshot,
                              body=body if name == "restoreUpload" else None,
                              headers=basic("slow", "s")) for name in documented("504")}
    expect(504, answers)


def test_status_429(tmp_path):
    api = started(tmp_path, "--rate-limit", "1")
    answers = {}
    for name in documented("429"):
        while name not in answers or answers[name].status != 429:
            answers[name] = send(api, name)
    assert api.server.stop() == 0
    expect(429, answers)


def damage(path, *indexes):
    """Overwrites the first page of these indexes of the row store."""
    store = sqlite3.connect(path)
    pages = dict(store.execute("SELECT name, rootpage FROM sqlite_master"))
    [(size,)] = store.execute("PRAGMA page_size")
    store.close()
    with open(path, "r+b") as file:
        for index in indexes:
            file.seek((pages[index] - 1) * size)
            file.write(b"\xff" * size)


def test_status_500(tmp_path):
    """The files of a database are damaged: two indexes of its catalogs, and a snapshot. The server
    goes on, and so do other databases."""
    api = started(tmp_path)
    api.server.psql("CREATE DATABASE broken", check=True)
    [(oid,)] = api.server.query("SELECT oid FROM pg_database WHERE datname = 'broken'")
    assert api.post("/collections?database=broken", {"name": "c", "dimension": 2}).status == 201
    made = api.post("/collections/c/snapshots?database=broken").data
    upload = api.get(f"/collections/c/snapshots/{made['name']}?database=broken").body
    assert api.server.stop() == 0
    data = pathlib.Path(api.server.data_dir)
    # pg_constraint by table, pg_namespace by oid.
    damage(data / "base" / oid / "rows.db", "i2665", "i2685")
    [snapshot] = data.glob("snapshots/*/*/*.dvecsnap")
    snapshot.unlink()
    snapshot.symlink_to(snapshot)
    api.server.start()
    answers = {name: send(api, name, "?database=broken", snapshot=made["name"],
                          body=upload if name == "restoreUpload" else None)
               for name in documented("500")}
    expect(500, answers)
    api.create("c", 2)
    assert api.server.stop() == 0


def test_status_503(tmp_path):
    """Stopping, while a request still runs: it is waited for."""
    api = started(tmp_path)
    api.server.psql("CREATE TABLE slow (id text PRIMARY KEY, embedding vector(2),"
                    " waited text DEFAULT pg_sleep(60)::text)", check=True)
    body = json.dumps({"id": "a", "vector": [1, 2]})
    url = f"http://127.0.0.1:{api.server.http_port}/collections/slow/vectors"
    client = subprocess.Popen(["curl", "-s", "-o", "/dev/null", url, "-d", body])
    deadline = time.monotonic() + 30
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'INSERT%'"
    while api.server.query(running) != [("1",)]:
        assert time.monotonic() < deadline
    api.document  # is asked for before
    api.server.process.terminate()
    while {api.server.get(path)[0] for path in ("/ready", "/collections")} != {503}:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    answers = {name: send(api, name) for name in documented("503")}
    api.server.kill()
    client.wait()
    expect(503, answers)
