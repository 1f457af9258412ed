"""What the system before this one did wrong, one test each."""

import json
import threading

from rest_client import Api, api, new_api, quote  # noqa: F401


def test_what_is_not_found_is_no_success(api):
    api.create("there", 2)
    for method, path in (("GET", "/collections/nope"), ("DELETE", "/collections/nope"),
                         ("GET", "/collections/there/vectors/nope"),
                         ("DELETE", "/collections/there/vectors/nope"),
                         ("POST", "/deleted-collections/nope/restore"),
                         ("GET", "/collections/there/snapshots/nope")):
        answer = api.send(method, path)
        assert answer.status == 404
        assert answer.json == {"success": False, "data": None, "error": answer.error}


def test_filters_are_obeyed(api):
    api.create("filtered", 2, [{"id": str(n), "vector": [1, n / 100], "metadata": {"n": n}}
                               for n in range(500)])
    filter = {"must": [{"key": "n", "range": {"gte": 495}}]}
    assert sorted(api.found("filtered", [1, 0], filter=filter)) == ["495", "496", "497", "498", "499"]
    assert api.count("filtered", filter) == 5


def test_deletes_and_upserts_survive_kill_and_restarts_repeat_nothing(new_api):
    server = new_api.server
    new_api.create("c", 2, [{"id": str(n), "vector": [n, 1]} for n in range(300)])
    path = "/collections/c/vectors"
    for n in range(0, 100):
        assert new_api.delete(f"{path}/{n}").status == 200
    for n in range(100, 200):
        assert new_api.put(path, {"id": str(n), "vector": [n, 2]}).status == 200
    new_api.delete("/collections/c/vectors/299")
    for end in (server.kill, server.stop, server.kill):
        end()
        server.start()
        assert new_api.count("c") == 199
        assert new_api.get(f"{path}/5").status == new_api.get(f"{path}/299").status == 404
        found = new_api.found("c", [0, 1], limit=1000, ef_search=1000)
        assert sorted(found) == sorted(str(n) for n in range(100, 299))
        assert new_api.get(f"{path}/150").data["vector"] == [150, 2]


def test_what_was_acknowledged_before_a_kill_is_there(new_api):
    new_api.create("c", 2)
    acknowledged, stop = [], threading.Event()

    def write(worker):
        while not stop.is_set():
            id = f"{worker}-{len(acknowledged)}"
            try:
                if new_api.post("/collections/c/vectors", {"id": id, "vector": [1, 2]}).status == 201:
                    acknowledged.append(id)
            except (OSError, json.JSONDecodeError, ValueError):
                return

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while len(acknowledged) < 200:
        pass
    new_api.server.kill()
    stop.set()
    for thread in threads:
        thread.join()
    new_api.server.start()
    stored = {row[0] for row in new_api.server.query("SELECT id FROM c")}
    assert set(acknowledged) <= stored and len(stored) <= len(acknowledged) + 4


def test_upserts_never_make_two(api):
    api.create("upsert", 2)
    body = {"vectors": [{"id": "a", "vector": [n, 1]} for n in range(50)]}
    threads = [threading.Thread(target=lambda: api.put("/collections/upsert/batch", body))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert api.count("upsert") == 1
    assert api.found("upsert", [1, 1], limit=100) == ["a"]


def test_dots_in_names_reach_no_file(new_api):
    server = new_api.server
    parent = server.data_dir.parent
    before = sorted(str(path) for path in parent.iterdir())
    names = ["..", "../../etc", "../outside", "a/../../b", "/tmp/x", "..\\x"]
    for name in names:
        new_api.create(name, 2, [{"id": "../a", "vector": [1, 2]}])
        assert new_api.post(f"/collections/{quote(name)}/snapshots").status == 201
        assert new_api.get(f"/collections/{quote(name)}/vectors/..%2Fa").data["id"] == "../a"
    assert sorted(str(path) for path in parent.iterdir()) == before
    folders = {path.name for path in (server.data_dir / "snapshots").glob("*/*")}
    assert folders == {name.encode().hex() for name in names}


def test_collections_named_deleted_and_restore_are_not_shadowed(api):
    for name in ("deleted", "restore", "deleted-collections", "stats", "openapi.json", "docs"):
        api.create(name, 2, [{"id": name, "vector": [1, 2]}])
        assert api.get(f"/collections/{name}").data["name"] == name
        assert api.found(name, [1, 2]) == [name]
        assert api.get(f"/collections/{name}/vectors/{name}").status == 200
        assert api.delete(f"/collections/{name}").status == 200
