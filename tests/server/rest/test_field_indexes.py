"""Indexes on fields: they change how fast a filter is, never what it finds."""

import re

import pytest
from rest_client import api, quote  # noqa: F401

# One of each kind that JSON has, and what is in between them in jsonb's order.
VALUES = [None, "", "red", "Red", "10", "2024-05-31T12:00:00Z", -1e300, -3, 0, 3, 3.0, 3.5, 10, 1e300,
          True, False, [], [None], ["red"], ["red", "blue"], [3, 30], [[3]], [["red"]], [True], [{}],
          {}, {"red": 1}, {"lat": 1, "lon": 2}, [{"lat": 1, "lon": 2}], "it's \\ \"quoted\""]
FILTERS = [
    *({"key": "v", "match": {"value": value}} for value in VALUES
      if isinstance(value, (str, int, float, bool))),
    {"key": "v", "match": {"any": ["red", 3, True, "it's \\ \"quoted\""]}},
    {"key": "v", "match": {"any": [3]}},
    {"key": "v", "match": {"except": ["red", 3]}},
    {"key": "v", "match": {"text": "red"}},
    *({"key": "v", "range": range} for range in (
        {"gt": 3}, {"gte": 3}, {"lt": 3}, {"lte": 3}, {"gt": 0, "lt": 10}, {"gt": 10, "lt": 0},
        {"gte": 3, "lte": 3}, {"gt": 4, "lt": 29}, {"gte": "2024-01-01"})),
    {"key": "v", "values_count": {"gte": 1}},
    {"key": "v", "geo_radius": {"center": {"lat": 1, "lon": 2}, "radius": 10}},
    {"is_empty": {"key": "v"}}, {"is_null": {"key": "v"}}, {"is_empty": {"key": "other"}},
]


def found(api, name, condition):
    page = {"limit": 1000, "with_metadata": False}
    by_filter = []
    for filter in ({"must": condition}, {"must_not": condition}, {"should": [condition, {"has_id": ["0"]}]},
                   {"min_should": {"conditions": [condition, {"is_null": {"key": "v"}}], "min_count": 1}}):
        scrolled = [one["id"] for one in
                    api.post(f"/collections/{name}/scroll", {**page, "filter": filter}).data["vectors"]]
        assert sorted(api.found(name, [1, 1], limit=100, filter=filter)) == sorted(scrolled)
        by_filter.append(scrolled)
    return by_filter


def statement_before(api):
    """The SQL of the last request that read the collection, as its session shows it."""
    [(text,)] = api.server.query(
        "SELECT query FROM pg_stat_activity WHERE application_name = 'rest' AND query LIKE '%count(*)%'")
    return text


def plan_of(api, text):
    count = max(int(number) for number in re.findall(r"\$(\d+)", text))
    explained = api.server.psql(f"PREPARE s AS {text}; EXPLAIN EXECUTE s({','.join(['NULL'] * count)})",
                                "-qAt", check=True)
    return explained.stdout


@pytest.fixture(scope="module")
def values(api):
    api.create("values", 2, [{"id": str(n), "vector": [1, n], "metadata": {"v": value}}
                             for n, value in enumerate(VALUES)])
    api.post("/collections/values/vectors", {"id": "without", "vector": [1, 1]})
    # Metadata that SQL has written may be no object: it has no fields.
    for id, metadata in (("array", '[{"v": "red"}]'), ("text", '"red"'), ("null", "null")):
        api.server.psql(f"""INSERT INTO "values" VALUES ('{id}', '[1,1]', '{metadata}')""", check=True)
    return {str(condition): found(api, "values", condition) for condition in FILTERS}


def test_an_index_changes_no_answer(api, values):
    assert values[str({"key": "v", "match": {"value": "red"}})][0] == ["18", "19", "2", "22"]
    assert values[str({"key": "v", "match": {"value": 3}})][0] == ["10", "20", "21", "9"]
    assert api.put("/collections/values/index", {"field_name": "v", "field_schema": "keyword"}).data == {
        "field_name": "v"}
    assert api.put("/collections/values/index", {"field_name": "v"}).status == 200  # there already
    assert api.get("/collections/values/index").data == [{"field_name": "v"}]
    assert {str(condition): found(api, "values", condition) for condition in FILTERS} == values
    snapshot = api.post("/collections/values/snapshots").data["name"]
    body = api.get(f"/collections/values/snapshots/{snapshot}").body
    assert api.delete("/collections/values/index/v").status == 200
    assert api.get("/collections/values/index").data == []
    assert api.delete("/collections/values/index/v").status == 404
    assert api.post("/collections/again/restore", body).status == 200
    assert api.get("/collections/again/index").data == [{"field_name": "v"}]


TABLES = {"members": "CREATE TABLE members (id text PRIMARY KEY, e vector(2), metadata jsonb)",
          "columns": "CREATE TABLE columns (id text PRIMARY KEY, e vector(2), v text)"}
EQUALS = {"key": "v", "match": {"value": "c7"}}
ANY = {"key": "v", "match": {"any": ["c7", "c8"]}}


@pytest.mark.parametrize("name, condition", [
    ("columns", EQUALS), ("columns", ANY), ("members", EQUALS), ("members", ANY),
    ("members", {"key": "v", "range": {"gte": 7, "lt": 8}}),
    ("members", {"key": "v", "range": {"gt": 1999}}), ("members", {"is_null": {"key": "v"}}),
    ("members", {"is_empty": {"key": "v"}})])
def test_filters_use_it(api, name, condition):
    if api.get(f"/collections/{name}").status == 404:
        api.server.psql(TABLES[name], check=True)
        assert api.put(f"/collections/{name}/index", {"field_name": "v"}).status == 200
    assert api.post(f"/collections/{name}/count", {"filter": {"must": condition}}).data == {"count": 0}
    plan = plan_of(api, statement_before(api))
    assert f"Scan using {name}_" in plan and "Seq Scan" not in plan, plan


def test_names_are_names(api):
    api.create("named", 2, [{"id": "a", "vector": [1, 2], "metadata": {"it's \\ \"x\"": 1, "price": 2}}])
    odd = "it's \\ \"x\""
    filter = {"must": {"key": odd, "match": {"value": 1}}}
    assert api.found("named", [1, 1], filter=filter) == ["a"]
    for field in (odd, "price", "deleted"):
        assert api.put("/collections/named/index", {"field_name": field}).data == {"field_name": field}
    assert [one["field_name"] for one in api.get("/collections/named/index").data] == [
        "deleted", odd, "price"]
    assert api.found("named", [1, 1], filter=filter) == ["a"]
    assert api.delete(f"/collections/named/index/{quote(odd)}").status == 200
    assert [one["field_name"] for one in api.get("/collections/named/index").data] == ["deleted", "price"]


@pytest.mark.parametrize("body, said", [
    ({"field_name": "a.b"}, "is a path"), ({"field_name": "a[]"}, "is a path"),
    ({"field_name": ""}, "1 to 1024 bytes"), ({"field_name": "a\0b"}, "NUL"),
    ({"field_name": "a", "field_schema": "text"}, "field_schema"), ({}, "field_name")])
def test_what_cannot_be_indexed_is_refused(api, body, said):
    api.create("refusing", 2)
    answer = api.put("/collections/refusing/index", body)
    assert answer.status == 422 and said in answer.error
    api.delete("/collections/refusing?hard=true")
