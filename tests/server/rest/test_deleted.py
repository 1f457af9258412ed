"""Deleting collections: they can be restored for a while, and do not stand in the way."""

from rest_client import Api, api, new_api  # noqa: F401


def deleted_of(api, name):
    return [one for one in api.get("/deleted-collections").data if one["name"] == name]


def test_a_deleted_collection_can_be_restored(api):
    api.create("gone", 2, [{"id": "a", "vector": [1, 2], "metadata": {"n": 1}}])
    answer = api.delete("/collections/gone")
    assert answer.status == 200
    deleted = answer.data["deleted"]
    assert deleted_of(api, "gone") == [deleted]
    assert deleted["deleted_at"] < deleted["restorable_until"]
    assert api.get("/collections/gone").status == 404
    assert api.delete("/collections/gone").status == 404
    assert "gone" not in [one["name"] for one in api.get("/collections").data]

    api.create("gone", 5)
    restore = f"/deleted-collections/{deleted['id']}/restore"
    assert api.post(restore).status == 409
    assert api.delete("/collections/gone?hard=true").data == {"name": "gone", "deleted": None}
    answer = api.post(restore)
    assert answer.status == 200 and answer.data["dimension"] == 2
    assert api.found("gone", [1, 2]) == ["a"]
    assert api.get("/collections/gone").data["index_config"] is not None
    assert deleted_of(api, "gone") == []
    assert api.post(restore).status == 404
    # Nothing is left of it in the catalog.
    assert api.server.query("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'dvecdb%'") == [("0",)]


def test_the_same_name_can_be_deleted_again_and_again(api):
    ids = []
    for dimension in (1, 2, 3):
        api.create("again", dimension)
        ids.append(api.delete("/collections/again").data["deleted"]["id"])
    assert sorted(one["id"] for one in deleted_of(api, "again")) == sorted(ids)
    assert api.post(f"/deleted-collections/{ids[1]}/restore").data["dimension"] == 2
    for id in (ids[0], ids[2]):
        answer = api.delete(f"/deleted-collections/{id}")
        assert answer.status == 200 and answer.data == {"id": id, "name": "again"}
        assert api.delete(f"/deleted-collections/{id}").status == 404
    assert deleted_of(api, "again") == []


def test_hard_deletion_keeps_nothing(api):
    api.create("hard", 2)
    assert api.delete("/collections/hard?hard=true").status == 200
    assert deleted_of(api, "hard") == []
    assert api.delete("/collections/hard?hard=true").status == 404
    api.create("soft", 2)
    assert api.delete("/collections/soft?hard=false").data["deleted"]["name"] == "soft"
    assert api.delete("/collections/soft?hard=1").status == 422


def test_what_others_refer_to_is_not_dropped(api):
    api.create("base", 2)
    api.server.psql("CREATE VIEW seen AS SELECT id FROM base", check=True)
    answer = api.delete("/collections/base?hard=true")
    assert answer.status == 409 and "depend" in answer.error
    deleted = api.delete("/collections/base").data["deleted"]["id"]
    assert api.delete(f"/deleted-collections/{deleted}").status == 200


def test_deleted_collections_survive_a_crash_and_end_with_their_time(new_server):
    api = Api(new_server.start())
    api.create("gone", 2, [{"id": "a", "vector": [1, 2]}])
    api.delete("/collections/gone")
    new_server.kill()
    new_server.start()
    [deleted] = deleted_of(api, "gone")
    assert api.post(f"/deleted-collections/{deleted['id']}/restore").status == 200
    assert api.found("gone", [1, 2]) == ["a"]
    api.delete("/collections/gone")
    new_server.psql("CREATE DATABASE other", check=True)
    api.post("/collections?database=other", {"name": "there", "dimension": 2})
    api.delete("/collections/there?database=other")
    new_server.stop()
    new_server.start("--deleted-retention-hours", "0")
    kept = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'dvecdb\\_deleted\\_%'"
    for database in ("postgres", "other"):  # SQL alone has asked for them
        new_server._wait(lambda: new_server.query(kept, database) == [("0",)], "purge")
