import pytest

from rest_client import api, quote  # noqa: F401

IDS = ["a", "", " ", "..", "a/b", "?x=1", "ü", "'", "batch", "1", "-", "x" * 2000, "\n", "%"]


@pytest.fixture(scope="module")
def vectors(api):
    api.create("v", 3)
    return "/collections/v/vectors"


@pytest.mark.parametrize("id", [one for one in IDS if one])
def test_any_string_is_an_id(api, vectors, id):
    path = f"{vectors}/{quote(id)}"
    body = {"id": id, "vector": [1, 2.5, -3e-7], "metadata": {"a": {"b": [1, None, "x"]}, "é": 1.5}}
    answer = api.post(vectors, body)
    assert answer.status == 201 and answer.data == {"id": id}
    assert api.post(vectors, body).status == 409
    assert api.get(path).data == body
    assert api.patch(path, {"metadata": {"é": None, "n": 1}}).status == 200
    assert api.get(path).data["metadata"] == {"a": {"b": [1, None, "x"]}, "n": 1}
    assert api.patch(path, {"vector": [0, 0, 1]}).status == 200
    assert api.get(path).data["vector"] == [0, 0, 1]
    assert api.patch(path, {"metadata": {}}).status == 200
    assert api.put(vectors, {"id": id, "vector": [3, 2, 1]}).status == 200
    assert api.get(path).data == {"id": id, "vector": [3, 2, 1], "metadata": {}}
    assert api.delete(path).status == 200
    for answer in (api.get(path), api.delete(path), api.patch(path, {"vector": [1, 1, 1]})):
        assert answer.status == 404 and "has no vector with id" in answer.error


@pytest.mark.parametrize("body, status, sentence", [
    (b"nope", 400, "not JSON"),
    ({"id": "x"}, 422, "vector is missing"),
    ({"vector": [1, 2, 3]}, 422, "id"),
    ({"id": "", "vector": [1, 2, 3]}, 422, "id: must not be empty"),
    ({"id": ["x"], "vector": [1, 2, 3]}, 422, "id: a string or a whole number"),
    ({"id": "x", "vector": [1, 2]}, 422, "vector: has 2 components; the collection's vectors have 3"),
    ({"id": "x", "vector": [1, 2, "3"]}, 422, "vector[2]: a number is needed"),
    ({"id": "x", "vector": [1, 2, 1e39]}, 422, "vector[2]: 1e+39 is beyond"),
    (b'{"id": "x", "vector": [1, 2, 1e999]}', (400, 422), ""),
    ({"id": "x", "vector": {"a": 1}}, 422, "vector: an array of numbers"),
    ({"id": "x", "vector": [1, 2, 3], "metadata": [1]}, 422, "metadata: an object"),
    ({"id": "x", "vector": [1, 2, 3], "payload": {}}, 422, "payload is not known here"),
    ({"id": "a\0b", "vector": [1, 2, 3]}, 422, ""),
    ({"id": "x", "vector": [1, 2, 3], "metadata": {"a": "b\0"}}, 422, ""),
    (b'{"id": "x", "vector": [1, 2, 3], "metadata": ' + b'{"a":' * 80 + b"1" + b"}" * 81, 422,
     "nested deeper than 64"),
    (b'{"id": "\xff", "vector": [1, 2, 3]}', 400, ""),
])
def test_what_is_no_record_is_refused(api, vectors, body, status, sentence):
    for answer in (api.post(vectors, body), api.put(vectors, body)):
        assert answer.status in (status if isinstance(status, tuple) else (status,)), answer.body
        assert sentence in answer.error
    assert api.get(f"{vectors}/x").status == 404


def test_int8_takes_whole_numbers_of_a_byte(api):
    api.create("bytes", 2, vector_type="Int8")
    path = "/collections/bytes/vectors"
    assert api.post(path, {"id": "low", "vector": [-128, 127]}).status == 201
    assert api.get(f"{path}/low").data["vector"] == [-128, 127]
    for wrong in ([0.5, 0], [128, 0], [0, -129]):
        answer = api.post(path, {"id": "x", "vector": wrong})
        assert answer.status == 422 and "no whole number from -128 to 127" in answer.error
    done = api.server.psql("INSERT INTO bytes VALUES ('x', '[0.5,1]')")
    assert "int8_components" in done.stderr
    rows = ", ".join(f"('n{n}', '[{n},{-n if n > -128 else 0}]')" for n in range(-128, 128))
    api.server.psql(f"INSERT INTO bytes VALUES {rows}", check=True)


def test_a_batch_is_all_or_nothing(api):
    api.create("batch", 2)
    path = "/collections/batch/batch"
    records = [{"id": str(n), "vector": [n, 1], "metadata": {"n": n}} for n in range(200)]
    answer = api.post(path, {"vectors": records})
    assert answer.status == 201 and answer.data["ids"] == [str(n) for n in range(200)]
    fresh = [{"id": "new", "vector": [1, 1]}]
    answer = api.post(path, {"vectors": fresh + records[:1]})
    assert answer.status == 409 and 'vectors[1].id: a vector with id "0"' in answer.error
    answer = api.post(path, {"vectors": fresh + [{"id": "y", "vector": [1]}]})
    assert answer.status == 422 and "vectors[1].vector" in answer.error
    assert api.count("batch") == 200
    changed = [{"id": str(n), "vector": [n, 2]} for n in range(150, 250)]
    assert api.put(path, {"vectors": changed + changed}).status == 200
    assert api.count("batch") == 250
    assert api.get("/collections/batch/vectors/160").data == {
        "id": "160", "vector": [160, 2], "metadata": {}}
    for wrong in ({}, {"vectors": []}, {"vectors": [{"id": "x", "vector": [1, 1]}] * 10001}):
        assert api.post(path, wrong).status == 422
    answer = api.post(f"{path}/delete", {"ids": ["0", "1", "nope", "1"]})
    assert answer.status == 200 and answer.data == {"deleted": 2}
    answer = api.post(f"{path}/delete", {"filter": {"must": {"key": "n", "range": {"lt": 100}}}})
    assert answer.data == {"deleted": 98}
    assert api.count("batch") == 150
    for wrong in ({}, {"ids": ["1"], "filter": {}}, {"filter": {}}, {"ids": []}):
        assert api.post(f"{path}/delete", wrong).status == 422
    assert api.count("batch") == 150


def test_scroll_is_stable_while_others_write(api):
    api.create("scroll", 2, [{"id": f"{n:04}", "vector": [n, 1]} for n in range(0, 1000, 2)])
    path = "/collections/scroll/scroll"
    seen, cursor, pages = [], None, 0
    while True:
        page = api.post(path, {"limit": 90, "cursor": cursor} if cursor else {"limit": 90}).data
        seen += [one["id"] for one in page["vectors"]]
        cursor = page["next_cursor"]
        pages += 1
        if cursor is None:
            break
        # Before the cursor, behind it, and where it stands.
        api.post("/collections/scroll/vectors", {"id": f"0{pages}", "vector": [0, 0]})
        api.delete(f"/collections/scroll/vectors/{cursor}")
    assert pages == 6
    assert [one for one in seen if len(one) == 4] == [f"{n:04}" for n in range(0, 1000, 2)]
    assert len(seen) == len(set(seen))
    assert len(api.post(path).data["vectors"]) == 100
    page = api.post(path, {"limit": 1, "with_vectors": True, "with_metadata": False}).data
    assert set(page["vectors"][0]) == {"id", "vector"}
    for wrong in ({"limit": 0}, {"limit": 10001}, {"cursor": 3}, {"offset": 3}):
        assert api.post(path, wrong).status == 422


@pytest.mark.parametrize("method, path, body", [
    ("GET", "", None), ("DELETE", "", None), ("POST", "/vectors", {"id": "a", "vector": [1]}),
    ("PUT", "/vectors", {"id": "a", "vector": [1]}), ("GET", "/vectors/a", None),
    ("PATCH", "/vectors/a", {"vector": [1]}), ("DELETE", "/vectors/a", None),
    ("POST", "/batch", {"vectors": [{"id": "a", "vector": [1]}]}),
    ("PUT", "/batch", {"vectors": [{"id": "a", "vector": [1]}]}),
    ("POST", "/batch/delete", {"ids": ["a"]}), ("POST", "/scroll", {}), ("POST", "/count", {}),
    ("POST", "/search", {"vector": [1]}), ("POST", "/search/batch", {"searches": [{"vector": [1]}]}),
    ("POST", "/recommend", {"positive": ["a"]}), ("POST", "/discover", {"target": "a"}),
    ("POST", "/snapshots", None), ("GET", "/snapshots", None), ("GET", "/snapshots/x", None),
    ("DELETE", "/snapshots/x", None), ("POST", "/snapshots/x/restore", None),
])
def test_what_is_not_there_is_404_everywhere(api, method, path, body):
    answer = api.send(method, f"/collections/not-there{path}", body)
    assert answer.status == 404
    assert answer.error


def test_a_timeout_is_504(api):
    api.create("slow", 2, [{"id": str(n), "vector": [n, 1], "metadata": {"t": "a b " * 200}}
                           for n in range(3000)])
    filter = {"must": [{"key": "t", "match": {"text": " ".join(f"w{n} a" for n in range(100))}}]}
    answer = api.post("/collections/slow/count?timeout_ms=1", {"filter": filter})
    assert answer.status == 504 and "statement timeout" in answer.error
    for wrong in ("0", "x", "-1"):
        assert api.post(f"/collections/slow/count?timeout_ms={wrong}", {}).status == 422
