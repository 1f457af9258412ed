import pytest

from rest_client import api, quote  # noqa: F401

NAMES = ["..", "../x", "a/b", "deleted", "restore", "snapshots", "search", "batch", "stats", "A b",
         "select", 'quo"ted', "ünï", "%2e%2e", "x" * 63, "'; DROP TABLE t; --"]


def test_a_collection_has_defaults_for_all_but_name_and_dimension(api):
    answer = api.post("/collections", {"name": "defaults", "dimension": 4})
    assert answer.status == 201
    assert answer.data == {
        "name": "defaults", "dimension": 4, "distance_metric": "Cosine", "vector_type": "Float32",
        "index_config": {"m": 16, "ef_construction": 64}, "quantization": "auto",
        "columns": {"id": {"name": "id", "type": "text"},
                    "vector": {"name": "embedding", "type": "vector(4)"},
                    "metadata": "metadata", "fields": []}}
    assert api.post("/collections", {"name": "defaults", "dimension": 4}).status == 409
    assert api.get("/collections/defaults").data["stats"]["vectors"] == 0


@pytest.mark.parametrize("metric", ["Cosine", "Euclidean", "DotProduct", "Manhattan"])
@pytest.mark.parametrize("vector_type", ["Float32", "Float16", "Int8"])
def test_every_metric_with_every_type(api, metric, vector_type):
    name = f"{metric} {vector_type}"
    api.create(name, 2, [{"id": "near", "vector": [1, 2]}, {"id": "far", "vector": [-5, 1]}],
               distance_metric=metric, vector_type=vector_type,
               index_config={"m": 8, "ef_construction": 32})
    shown = api.get(f"/collections/{quote(name)}").data
    assert (shown["distance_metric"], shown["vector_type"]) == (metric, vector_type)
    assert shown["index_config"] == {"m": 8, "ef_construction": 32}
    near, far = api.search(name, [1, 2], limit=5)
    assert [near["id"], far["id"]] == ["near", "far"]
    assert near["score"] > far["score"] and near["distance"] < far["distance"]


@pytest.mark.parametrize("body, status, sentence", [
    (b"{", 400, "not JSON"),
    (b"", 400, "not JSON"),
    ([], 422, "an object is needed"),
    ({"dimension": 3}, 422, "name is missing"),
    ({"name": "x"}, 422, "dimension is missing"),
    ({"name": 3, "dimension": 3}, 422, "name: a string is needed"),
    ({"name": "", "dimension": 3}, 422, "1 to 63"),
    ({"name": "x" * 64, "dimension": 3}, 422, "64 bytes; a name has 1 to 63"),
    ({"name": "a\0b", "dimension": 3}, 422, "NUL"),
    ({"name": "x", "dimension": 0}, 422, "dimension: 0 is no whole number from 1 to 2000"),
    ({"name": "x", "dimension": 2001}, 422, "1 to 2000"),
    ({"name": "x", "dimension": 2.5}, 422, "dimension: 2.5"),
    ({"name": "x", "dimension": "3"}, 422, "dimension: \"3\""),
    ({"name": "x", "dimension": 4001, "vector_type": "Float16"}, 422, "1 to 4000"),
    ({"name": "x", "dimension": 3, "distance_metric": "cosine"}, 422, "Cosine, Euclidean"),
    ({"name": "x", "dimension": 3, "vector_type": "Float64"}, 422, "Float32, Float16, Int8"),
    ({"name": "x", "dimension": 3, "index_config": {"m": 1}}, 422, "index_config.m: 1"),
    ({"name": "x", "dimension": 3, "index_config": {"ef_construction": 9}}, 422, "2 * m"),
    ({"name": "x", "dimension": 3, "index_config": {"lists": 9}}, 422, "index_config.lists is not"),
    ({"name": "x", "dimension": 3, "quantization": "scalar"}, 422, "auto, none, half, sq8"),
    ({"name": "x", "dimension": 3, "index_config": {"quantizer_bits": 4}}, 422, "for quantization"),
    ({"name": "x", "dimension": 3, "quantization": "rabitq", "index_config": {"quantizer_bits": 9}},
     422, "quantizer_bits: 9"),
    ({"name": "x", "dimension": 3, "quantization": "sq8", "distance_metric": "Manhattan"}, 422,
     'takes quantizer "half" or "none"'),
    ({"name": "x", "dimension": 3, "dimensions": 3}, 422, "dimensions is not known here"),
])
def test_what_cannot_be_made_is_refused_with_a_sentence(api, body, status, sentence):
    answer = api.post("/collections", body if isinstance(body, bytes) else body)
    assert answer.status == status
    assert sentence in answer.error


def test_quantization_is_kept_and_shown(api):
    made = api.post("/collections", {"name": "coded", "dimension": 8, "quantization": "rabitq",
                                     "index_config": {"quantizer_bits": 4}}).data
    assert (made["quantization"], made["index_config"]["quantizer_bits"]) == ("rabitq", 4)
    assert api.post("/collections", {"name": "plain", "dimension": 8,
                                     "quantization": "none"}).data["quantization"] == "none"


@pytest.mark.parametrize("name", NAMES)
def test_any_name_works_and_none_is_a_path_or_a_route(api, name):
    api.create(name, 2, [{"id": name, "vector": [1, 2]}])
    assert name in [one["name"] for one in api.get("/collections").data]
    path = f"/collections/{quote(name)}"
    assert api.get(path).data["name"] == name
    assert api.get(f"{path}/vectors/{quote(name)}").data["id"] == name
    assert api.found(name, [1, 2]) == [name]
    snapshot = api.post(f"{path}/snapshots").data["name"]
    assert [one["name"] for one in api.get(f"{path}/snapshots").data] == [snapshot]
    assert api.delete(f"{path}/snapshots/{snapshot}").status == 200
    deleted = api.delete(path).data["deleted"]["id"]
    assert api.get(path).status == 404
    assert api.post(f"/deleted-collections/{deleted}/restore").data["name"] == name
    assert api.count(name) == 1


def test_a_table_of_sql_is_a_collection(api):
    api.server.psql("""
        CREATE TABLE items (key bigserial PRIMARY KEY, title text NOT NULL, price numeric,
                            tags text[], made timestamptz, flag boolean, extra jsonb,
                            embedding vector(2));
        CREATE INDEX ON items USING hnsw (embedding vector_ip_ops);
        INSERT INTO items (title, price, tags, made, flag, extra, embedding)
        VALUES ('one', 1.5, '{a,b}', '2024-05-01T10:00:00Z', true, '{"x": 1}', '[1,2]');""",
                    check=True)
    shown = api.get("/collections/items").data
    assert shown["distance_metric"] == "DotProduct"
    assert shown["columns"]["id"] == {"name": "key", "type": "bigint"}
    assert shown["columns"]["metadata"] is None
    assert [one["name"] for one in shown["columns"]["fields"]] == [
        "title", "price", "tags", "made", "flag", "extra"]
    stored = api.get("/collections/items/vectors/1").data
    assert stored == {"id": "1", "vector": [1, 2], "metadata": {
        "title": "one", "price": 1.5, "tags": ["a", "b"], "made": "2024-05-01T10:00:00+00:00",
        "flag": True, "extra": {"x": 1}}}
    answer = api.post("/collections/items/vectors", {
        "vector": [2, 3], "metadata": {"title": "two", "price": 2, "tags": ["c", "d\"e"],
                                       "extra": [1, {"y": None}], "flag": False}})
    assert answer.status == 201 and answer.data == {"id": "2"}
    assert api.server.query("SELECT title, price, tags, flag, extra FROM items WHERE key = 2") == [
        ("two", "2", '{c,"d\\"e"}', "f", '[1, {"y": null}]')]
    assert api.patch("/collections/items/vectors/2",
                     {"metadata": {"price": None, "title": "zwei"}}).status == 200
    assert api.server.query("SELECT title, price IS NULL FROM items WHERE key = 2") == [
        ("zwei", "t")]
    for filter, ids in [({"must": {"key": "title", "match": {"value": "zwei"}}}, ["2"]),
                        ({"must": {"key": "tags", "match": {"value": "b"}}}, ["1"]),
                        ({"must": {"key": "price", "range": {"lt": 2}}}, ["1"]),
                        ({"must": {"key": "extra.x", "match": {"value": 1}}}, ["1"]),
                        ({"must": {"key": "made", "range": {"gt": "2024-05-01T11:00:00+02:00"}}},
                         ["1"]),
                        ({"must": {"is_null": {"key": "price"}}}, ["2"]),
                        ({"must": {"is_empty": {"key": "made"}}}, ["2"]),
                        ({"must": {"has_id": [2, "7"]}}, ["2"])]:
        assert api.found("items", [1, 1], filter=filter) == ids, filter
    refused = api.post("/collections/items/vectors", {"vector": [1, 1], "metadata": {"price": 1}})
    assert refused.status == 422 and "title" in refused.error
    refused = api.post("/collections/items/vectors",
                       {"vector": [1, 1], "metadata": {"title": "x", "color": "red"}})
    assert refused.status == 422 and "metadata.color" in refused.error
    assert api.get("/collections/items/vectors/x").status == 422


def test_a_collection_is_a_table_of_sql(api):
    api.create("from rest", 2, [{"id": "a", "vector": [1, 2], "metadata": {"n": 1}}])
    assert api.server.query('SELECT id, embedding, metadata FROM "from rest"') == [
        ("a", "[1,2]", '{"n": 1}')]
    api.server.query("""INSERT INTO "from rest" VALUES ('b', '[3,4]', '{"n": 2}')""")
    assert api.found("from rest", [3, 4])[0] == "b"


def test_tables_that_are_no_collections_are_told_why(api):
    api.server.psql("""
        CREATE TABLE no_vector (id int PRIMARY KEY);
        CREATE TABLE no_key (embedding vector(3));
        CREATE TABLE any_dimension (id int PRIMARY KEY, embedding vector);
        CREATE TABLE two_keys (a int, b int, embedding vector(3), PRIMARY KEY (a, b));""",
                    check=True)
    listed = [one["name"] for one in api.get("/collections").data]
    for name, why in [("no_vector", "no column of type vector"), ("no_key", "one column"),
                      ("any_dimension", "number of dimensions"), ("two_keys", "one column")]:
        assert name not in listed
        answer = api.get(f"/collections/{name}")
        assert answer.status == 404 and why in answer.error


def test_another_database(api):
    api.server.query("CREATE DATABASE other")
    assert api.get("/collections?database=other").data == []
    body = {"name": "there", "dimension": 2}
    assert api.post("/collections", body, headers={"X-Database": "other"}).status == 201
    assert [one["name"] for one in api.get("/collections?database=other").data] == ["there"]
    assert api.get("/collections/there").status == 404
    assert api.get("/collections?database=nope").status == 404
    api.server.query("DROP DATABASE other")


def test_a_query_parameter_that_is_not_known_is_refused(api):
    answer = api.get("/collections?databse=x")
    assert answer.status == 422 and '"databse" is not known' in answer.error
    assert api.delete("/collections/x?hard=yes").status in (404, 422)


@pytest.mark.parametrize("path", ["?%ff=1", "?database=%ff", "/%ff", "/x/vectors/%ff", "?timeout_ms=%ff",
                                  "/x/snapshots/%ff", "?" + quote("\N{MATHEMATICAL BOLD CAPITAL T}" * 50)])
def test_what_is_no_utf8_is_refused_in_utf8(api, path):
    assert api.get("/collections" + path).status == 422
    assert api.get("/collections", headers={"X-Database": "\xff"}).status == 422


def test_stats(api):
    stats = api.get("/stats").data
    assert stats["database"] == "postgres" and stats["server"]["ready"]
    assert stats["collections"] == len(api.get("/collections").data)
