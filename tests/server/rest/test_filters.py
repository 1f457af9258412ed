"""Filters: what each condition means, that searches apply them inside, and that wrong ones are refused."""

import random

import pytest
from rest_client import api  # noqa: F401

RECORDS = {
    "red": {"color": "red", "price": 10, "tags": ["a", "b"], "at": "2024-01-15T12:00:00Z",
            "text": "The quick brown Fox", "place": {"lat": 52.52, "lon": 13.405}, "ok": True},
    "green": {"color": "green", "price": 20.5, "tags": ["b", "c", 3], "at": "2024-01-15T13:30:00+02:00",
              "text": ["lazy dog", "quick cat"], "place": [{"lat": 48.8566, "lon": 2.3522}], "ok": False},
    "blue": {"color": ["blue", "red"], "price": [5, 50], "tags": [], "at": "2024-02-30",
             "text": "foxes", "place": {"lat": "x", "lon": 1}, "deep": {"a b": {"c": [{"d": 1}, {"d": 2}]}}},
    "nulls": {"color": None, "price": None, "tags": [None], "at": "2023-06-01", "text": 3,
              "place": {"lat": -17.7, "lon": 178.0}},
    "none": {},
    "odd": {"color": 7, "price": "10", "tags": "a", "at": 20240115, "text": "a_fox",
            "place": {"lat": 0, "lon": -179.5}, "color.dot": 1},
}


@pytest.fixture(scope="module")
def filtered(api):
    api.create("f", 2, [{"id": id, "vector": [n + 1, 1], "metadata": metadata}
                        for n, (id, metadata) in enumerate(RECORDS.items())],
               distance_metric="Euclidean")
    return api


def key(name, **condition):
    return {"key": name, **condition}


@pytest.mark.parametrize("condition, ids", [
    (key("color", match={"value": "red"}), "red blue"),
    (key("color", match={"value": 7}), "odd"),
    (key("color", match={"value": "7"}), ""),
    (key("ok", match={"value": True}), "red"),
    (key("ok", match={"value": False}), "green"),
    (key("price", match={"value": 20.5}), "green"),
    (key("color", match={"any": ["blue", "green", 7]}), "green blue odd"),
    (key("color", match={"except": ["red", "green"]}), "blue odd"),
    (key("tags", match={"value": "a"}), "red odd"),
    (key("tags[]", match={"value": "a"}), "red odd"),
    (key("tags", match={"value": 3}), "green"),
    (key("deep.a b.c.d", match={"value": 2}), "blue"),
    (key("deep.a b.c[].d", match={"value": 2}), "blue"),
    (key("deep.a b.c[].d", range={"gt": 2}), ""),
    (key("text", match={"text": "FOX"}), "red"),
    (key("text", match={"text": "fox, quick!"}), "red"),
    (key("text", match={"text": "quick"}), "red green"),
    (key("text", match={"text": "a_fox"}), "odd"),
    (key("price", range={"gte": 10}), "red green blue"),
    (key("price", range={"gt": 10}), "green blue"),
    (key("price", range={"gt": 10, "lt": 30}), "green"),
    (key("price", range={"lte": 5.0}), "blue"),
    (key("at", range={"gte": "2024-01-15T11:30:00Z"}), "red green"),
    (key("at", range={"gt": "2024-01-15T11:30:00Z"}), "red"),
    (key("at", range={"lt": "2024-01-01"}), "nulls"),
    (key("at", range={"gte": "2024-01-15T13:00:00+01:00", "lte": "2024-01-15T12:00:00z"}), "red"),
    (key("place", geo_radius={"center": {"lat": 52.5, "lon": 13.4}, "radius": 3000}), "red"),
    (key("place", geo_radius={"center": {"lat": 52.5, "lon": 13.4}, "radius": 1000000}), "red green"),
    (key("place", geo_radius={"center": {"lat": 0, "lon": 180}, "radius": 60000}), "odd"),
    (key("place", geo_bounding_box={"top_left": {"lat": 53, "lon": 2}, "bottom_right": {"lat": 48, "lon": 14}}),
     "red green"),
    (key("place", geo_bounding_box={"top_left": {"lat": 5, "lon": 170}, "bottom_right": {"lat": -20, "lon": -170}}),
     "nulls odd"),
    (key("tags", values_count={"gte": 2}), "red green"),
    (key("tags", values_count={"gt": 2}), "green"),
    (key("tags", values_count={"lt": 1}), "blue nulls none"),
    (key("tags", values_count={"gte": 1, "lte": 1}), "odd"),
    ({"is_empty": {"key": "tags"}}, "blue nulls none"),
    ({"is_empty": {"key": "color"}}, "nulls none"),
    ({"is_null": {"key": "color"}}, "nulls"),
    ({"is_null": {"key": "tags"}}, "nulls"),
    ({"has_id": ["red", "odd", "nope"]}, "red odd"),
    (key("color", match={"value": "red"}, range={"gt": 1}), ""),
    (key("price", match={"value": 10}, range={"lt": 11}), "red"),
])
def test_conditions(filtered, condition, ids):
    expected = ids.split()
    for filter in ({"must": [condition]}, {"must": condition}, {"should": [condition]},
                   {"min_should": {"conditions": [condition], "min_count": 1}},
                   {"must": [{"must": [condition]}]}):
        assert filtered.found("f", [0, 1], filter=filter) == expected, filter
        assert filtered.count("f", filter) == len(expected)
    others = [id for id in RECORDS if id not in expected]
    assert filtered.found("f", [0, 1], filter={"must_not": [condition]}) == others


@pytest.mark.parametrize("filter, ids", [
    ({}, "red green blue nulls none odd"),
    ({"must": []}, "red green blue nulls none odd"),
    ({"should": [key("price", range={"gt": 15}), {"has_id": ["none"]}],
      "must_not": [{"has_id": ["blue"]}]}, "green none"),
    ({"must": [{"should": [{"has_id": ["red"]}, {"has_id": ["odd"]}]},
               {"must_not": [{"has_id": ["odd"]}]}]}, "red"),
    ({"min_should": {"conditions": [{"has_id": ["red", "odd"]}, {"has_id": ["odd", "none"]},
                                    {"has_id": ["red", "none", "blue"]}], "min_count": 2}},
     "red none odd"),
    ({"min_should": {"conditions": [], "min_count": 1}}, ""),
])
def test_clauses(filtered, filter, ids):
    assert filtered.found("f", [0, 1], filter=filter) == ids.split()
    page = filtered.post("/collections/f/scroll", {"filter": filter}).data["vectors"]
    assert sorted(one["id"] for one in page) == sorted(ids.split())


def nested(depth):
    filter = {"has_id": ["a"]}
    for _ in range(depth):
        filter = {"must": [filter]}
    return filter


@pytest.mark.parametrize("filter, sentence", [
    ([], "filter: an object"),
    ({"must": "x"}, "filter.must: an object"),
    ({"most": []}, "filter.most is not known here; known are min_should, must, must_not, should"),
    ({"must": [{"key": "a"}]}, "filter.must[0]: one of match, range"),
    ({"must": [{"key": "a", "match": {}}]}, "filter.must[0].match: one of value"),
    ({"must": [{"key": "a", "match": {"value": {}}}]}, "match.value: a string, a number"),
    ({"must": [{"key": "a", "match": {"any": []}}]}, "match.any: has 0 elements"),
    ({"must": [{"key": "a", "match": {"any": [[1]]}}]}, "match.any[0]: a string"),
    ({"must": [{"key": "a", "match": {"value": 1, "any": [1]}}]}, "match.any is not known"),
    ({"must": [{"key": "a", "match": {"text": "!?"}}]}, "match.text: 1 to 256 words"),
    ({"must": [{"key": "a", "range": {}}]}, "range: one of gt, gte, lt or lte"),
    ({"must": [{"key": "a", "range": {"gt": True}}]}, "range.gt: a number or a date"),
    ({"must": [{"key": "a", "range": {"gt": "soon"}}]}, 'range.gt: "soon" is no date'),
    ({"must": [{"key": "a", "range": {"gt": "2024-02-30"}}]}, "is no date"),
    ({"must": [{"key": "a", "range": {"gt": "2024-02-03", "lt": 3}}]}, "range: its bounds are numbers, or dates"),
    ({"must": [{"key": "a", "range": {"above": 3}}]}, "range.above is not known"),
    ({"must": [{"key": "a", "geo_radius": {"center": {"lat": 91, "lon": 0}, "radius": 1}}]}, "lat is from -90"),
    ({"must": [{"key": "a", "geo_radius": {"center": {"lat": 1, "lon": 0}, "radius": -1}}]}, "meters from 0"),
    ({"must": [{"key": "a", "geo_radius": {"center": {"lat": 1, "lon": 0}}}]}, "radius is missing"),
    ({"must": [{"key": "a", "geo_bounding_box": {"top_left": {"lat": 1, "lon": 0}}}]}, "bottom_right is missing"),
    ({"must": [{"key": "a", "values_count": {"gt": 1.5}}]}, "values_count.gt: 1.5"),
    ({"must": [{"key": "", "match": {"value": 1}}]}, "key: a field's name"),
    ({"must": [{"key": "a..b", "match": {"value": 1}}]}, "empty name between its dots"),
    ({"must": [{"key": 3, "match": {"value": 1}}]}, "key: a string"),
    ({"must": [{"has_id": []}]}, "has_id: has 0 elements"),
    ({"must": [{"has_id": [1.5]}]}, "has_id[0]: a string or a whole number"),
    ({"must": [{"is_null": "a"}]}, "is_null: an object"),
    ({"min_should": {"conditions": []}}, "min_should.min_count is missing"),
    (nested(20), "nested at most 16 deep"),
    ({"must": [{"has_id": ["a"]}] * 257}, "at most 256 conditions"),
])
def test_wrong_filters_are_refused(filtered, filter, sentence):
    for path, body in (("search", {"vector": [1, 1]}), ("count", {}), ("scroll", {}),
                       ("recommend", {"positive": ["red"]}), ("discover", {"target": "red"})):
        answer = filtered.post(f"/collections/f/{path}", {**body, "filter": filter})
        assert answer.status == 422 and sentence in answer.error, answer.error


def test_keys_and_values_are_never_read_as_sql_or_as_paths(filtered):
    for text in ("'", '"', "\\", "$", "a' OR true --", '" ? (true)', "\x01", "\U0001f600", "{", ")"):
        for condition in (key(text, match={"value": text}), key("color", match={"text": "x" + text}),
                          key(text + ".b[]", range={"gt": 1}), {"is_null": {"key": text}},
                          key("color", match={"any": [text]}), {"has_id": [text]}):
            assert filtered.count("f", {"must": [condition]}) == 0, condition


def test_columns_compare_as_sql_does_and_by_their_indexes(api):
    api.server.psql("""
        CREATE TABLE typed (id int PRIMARY KEY, t text, v varchar(9), i int, n numeric, d float8, b boolean,
                            at timestamptz, day date, e vector(2));
        INSERT INTO typed SELECT g, 't' || g % 500, 'v' || g, g, g / 2.0, g / 4.0, g % 2 = 0,
            '2024-01-01T00:00:00Z'::timestamptz + g * interval '1 hour', '2024-01-01'::date + g, ARRAY[g, 1]::vector
            FROM generate_series(1, 1000) g;
        INSERT INTO typed (id, e) VALUES (0, '[0,1]');
        CREATE INDEX ON typed (t); CREATE INDEX ON typed (i); CREATE INDEX ON typed USING hnsw (e vector_l2_ops);""",
                    check=True)
    for condition, expected in [
            (key("t", match={"value": "t7"}), [7, 507]), (key("t", match={"value": 7}), []),
            (key("t", match={"any": ["t7", "t8", 9]}), [7, 8, 507, 508]), (key("v", match={"value": "v3"}), [3]),
            (key("i", match={"value": 5}), [5]), (key("i", match={"value": 5.0}), [5]),
            (key("i", match={"value": "5"}), []), (key("i", match={"any": [1, 2, 2.5]}), [1, 2]),
            (key("i", match={"value": 2 ** 62}), []), (key("i", range={"lt": 2.5}), [1, 2]),
            (key("i", range={"gt": 2, "lte": 4}), [3, 4]), (key("n", match={"value": 1.5}), [3]),
            (key("n", range={"lte": 1}), [1, 2]), (key("d", range={"gt": 249.5}), [999, 1000]),
            (key("d", match={"any": [0.25, 0.5]}), [1, 2]),
            ({"must": [key("b", match={"value": True}), key("i", range={"lt": 5})]}, [2, 4]),
            (key("at", range={"lte": "2024-01-01T03:00:00+01:00"}), [1, 2]),
            (key("day", range={"gt": "2024-01-02", "lt": "2024-01-05"}), [2, 3]),
            (key("t", match={"text": "T7"}), [7, 507])]:
        ids = [str(id) for id in expected]
        assert api.found("typed", [0, 1], filter={"must": condition}) == ids, condition
        assert api.count("typed", {"must_not": condition}) == 1001 - len(ids), condition
        assert api.count("typed", {"should": [condition, {"is_null": {"key": "t"}}]}) == len(ids) + 1


def test_limit_rows_come_back_when_few_match_and_they_are_the_exact_ones(api):
    generator = random.Random(7)
    rows = 20000
    api.create("many", 8, distance_metric="Euclidean")
    for start in range(0, rows, 10000):
        api.post("/collections/many/batch", {"vectors": [
            {"id": str(n), "vector": [generator.gauss(0, 1) for _ in range(8)],
             "metadata": {"rare": n % 1000 == 0, "half": n % 2, "n": n}}
            for n in range(start, start + 10000)]})
    filters = [({"must": {"key": "rare", "match": {"value": True}}}, "(metadata->>'rare')::bool"),
               ({"must": {"key": "half", "match": {"value": 1}}}, "metadata->>'half' = '1'"),
               ({"must": {"key": "n", "range": {"lt": 15}}}, "(metadata->>'n')::int < 15"),
               ({"must_not": {"key": "n", "range": {"lt": rows - 40}}},
                f"(metadata->>'n')::int >= {rows - 40}")]
    for filter, sql in filters:
        for _ in range(3):
            query = [generator.gauss(0, 1) for _ in range(8)]
            found = api.found("many", query, filter=filter, limit=15, ef_search=400)
            exact = api.server.query(f"SET enable_indexscan = off; SELECT id FROM many WHERE {sql} "
                                     f"ORDER BY embedding <-> '{query}' LIMIT 15")
            assert len(found) == 15
            assert found == [row[0] for row in exact], filter
    assert api.count("many", filters[0][0]) == 20
