import math

import pytest
from rest_client import api  # noqa: F401


@pytest.fixture(scope="module")
def circle(api):
    """36 directions, ten degrees apart."""
    for metric in ("Cosine", "Euclidean", "DotProduct", "Manhattan"):
        api.create(metric, 2, [
            {"id": str(n), "vector": [math.cos(math.radians(10 * n)), math.sin(math.radians(10 * n))],
             "metadata": {"n": n, "even": n % 2 == 0}} for n in range(36)], distance_metric=metric)
    return api


def test_scores(circle):
    x, y = 0.3, 0.4
    for metric, distance, score in [
            ("Cosine", 1 - 0.6, 0.6), ("DotProduct", -0.3, 0.3),
            ("Euclidean", math.hypot(1 - x, y), 1 / (1 + math.hypot(1 - x, y))),
            ("Manhattan", 1.1, 1 / 2.1)]:
        hits = {hit["id"]: hit for hit in circle.search(metric, [x, y], limit=36)}
        assert len(hits) == 36
        assert hits["0"]["distance"] == pytest.approx(distance, abs=1e-6)
        assert hits["0"]["score"] == pytest.approx(score, abs=1e-6)


def test_pages_and_what_is_shown(circle):
    whole = circle.search("Cosine", [1, 0.01], limit=36, with_vectors=True)
    assert [hit["id"] for hit in whole[:4]] == ["0", "1", "35", "2"]
    assert set(whole[0]) == {"id", "score", "distance", "vector", "metadata"}
    paged = [hit for offset in range(0, 40, 7)
             for hit in circle.search("Cosine", [1, 0.01], limit=7, offset=offset, with_vectors=True)]
    assert paged == whole
    assert set(circle.search("Cosine", [1, 0], with_metadata=False)[0]) == {"id", "score", "distance"}
    assert len(circle.search("Cosine", [1, 0])) == 10
    near = circle.search("Cosine", [1, 0.01], limit=36, score_threshold=0.98)
    assert [hit["id"] for hit in near] == ["0", "1", "35"]
    assert circle.found("Cosine", [1, 0.01], limit=3, ef_search=100) == ["0", "1", "35"]
    assert circle.found("Cosine", [1, 0.01], limit=3, target_recall=0.95) == ["0", "1", "35"]


@pytest.mark.parametrize("body, sentence", [
    ({}, "vector is missing"),
    ({"vector": [1]}, "vector: has 1 components"),
    ({"vector": [0, 0]}, "length zero"),
    ({"vector": [1, 0], "limit": 0}, "limit: 0"),
    ({"vector": [1, 0], "limit": 10001}, "1 to 10000"),
    ({"vector": [1, 0], "offset": -1}, "offset: -1"),
    ({"vector": [1, 0], "ef_search": 1001}, "ef_search: 1001"),
    ({"vector": [1, 0], "target_recall": 1}, "target_recall: 1 is not from 0.5 to 0.9999"),
    ({"vector": [1, 0], "score_threshold": "x"}, "score_threshold: a number"),
    ({"vector": [1, 0], "with_vectors": 1}, "with_vectors: true or false"),
    ({"vector": [1, 0], "filters": {}}, "filters is not known here"),
])
def test_wrong_searches_are_refused(circle, body, sentence):
    answer = circle.post("/collections/Cosine/search", body)
    assert answer.status == 422 and sentence in answer.error
    answer = circle.post("/collections/Cosine/search/batch", {"searches": [{"vector": [1, 1]}, body]})
    assert answer.status == 422 and "searches[1]" in answer.error


def test_batch_search_answers_as_single_ones(circle):
    searches = [{"vector": [1, 0.01], "limit": 3, "ef_search": 200},
                {"vector": [0, 1], "filter": {"must": {"key": "even", "match": {"value": True}}}},
                {"vector": [1, 1], "target_recall": 0.9}]
    answer = circle.post("/collections/Cosine/search/batch", {"searches": searches})
    assert answer.data == [circle.search("Cosine", **one) for one in searches]
    for wrong in ({"searches": []}, {"searches": [searches[0]] * 101}, {}):
        assert circle.post("/collections/Cosine/search/batch", wrong).status == 422


def recommend(api, **body):
    answer = api.post("/collections/Cosine/recommend", body)
    assert answer.status == 200, answer.body
    return [hit["id"] for hit in answer.data]


def test_recommend_by_the_average(circle):
    assert recommend(circle, positive=["0", "2"], limit=1) == ["1"]
    assert recommend(circle, positive=[[1, 0], "2"], limit=2) == ["1", "0"]
    # Away from the negative one: 0 + (0 - 3) is on the other side.
    assert recommend(circle, positive=["0"], negative=["3"], limit=1)[0] in ("33", "34")
    filter = {"must": {"key": "even", "match": {"value": True}}}
    assert recommend(circle, positive=["1"], filter=filter, limit=4)[:2] in (["0", "2"], ["2", "0"])


def similarity(a, b):
    return math.cos(math.radians(10 * (int(a) - int(b))))


def best_score(positive, negative):
    def score(id):
        liked = max((similarity(id, one) for one in positive), default=-9)
        disliked = max((similarity(id, one) for one in negative), default=-9)
        return (1, liked) if liked > disliked + 1e-9 else (0, -disliked)
    return score


@pytest.mark.parametrize("positive, negative", [(["4", "20"], []), (["4", "20"], ["7", "17"]), ([], ["9"])])
@pytest.mark.parametrize("offset", [0, 3])
def test_recommend_by_the_best_score(circle, positive, negative, offset):
    body = {"strategy": "best_score", "limit": 36, "offset": offset}
    if positive:
        body["positive"] = positive
    if negative:
        body["negative"] = negative
    answer = circle.post("/collections/Cosine/recommend", body).data
    score = best_score(positive, negative)
    others = [str(n) for n in range(36) if str(n) not in positive + negative]
    ranks = sorted((tuple(round(x, 6) for x in score(id)) for id in others), reverse=True)
    assert [tuple(round(x, 6) for x in score(hit["id"])) for hit in answer] == ranks[offset:]
    scores = [hit["score"] for hit in answer]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("path, body, status, sentence", [
    ("recommend", {}, 422, "positive is missing"),
    ("recommend", {"positive": []}, 422, "positive: has 0 elements"),
    ("recommend", {"positive": ["0"] * 65}, 422, "1 to 64"),
    ("recommend", {"strategy": "best_score"}, 422, "one of positive and negative"),
    ("recommend", {"positive": ["0"], "strategy": "sum"}, 422, "average_vector, best_score"),
    ("recommend", {"positive": ["nope"]}, 404, 'positive[0]: collection'),
    ("recommend", {"positive": [[1, 2, 3]]}, 422, "positive[0]: has 3 components"),
    ("recommend", {"positive": ["0", "18"], "limit": 3}, 200, ""),
    ("discover", {}, 422, "one of target and context"),
    ("discover", {"target": "nope"}, 404, "target: collection"),
    ("discover", {"context": [{"positive": "0"}]}, 422, "context[0].negative is missing"),
    ("discover", {"context": [{"positive": "0", "negative": "1"}] * 17}, 422, "1 to 16"),
])
def test_wrong_examples_are_refused(circle, path, body, status, sentence):
    answer = circle.post(f"/collections/Cosine/{path}", body)
    assert answer.status == status and sentence in answer.body.decode()


def test_discover(circle):
    pairs = [{"positive": "0", "negative": "18"}, {"positive": "9", "negative": "27"}]

    def rank(id):
        return sum(similarity(id, p["positive"]) > similarity(id, p["negative"]) + 1e-9 for p in pairs)

    body = {"target": "16", "context": pairs, "limit": 31}
    hits = circle.post("/collections/Cosine/discover", body).data
    expected = sorted((str(n) for n in range(36) if str(n) not in ("16", "0", "18", "9", "27")),
                      key=lambda id: (-rank(id), -round(similarity(id, "16"), 6)))
    keys = [(rank(hit["id"]), round(similarity(hit["id"], "16"), 6)) for hit in hits]
    assert keys == [(rank(id), round(similarity(id, "16"), 6)) for id in expected]
    part = circle.post("/collections/Cosine/discover", {**body, "limit": 5, "offset": 6}).data
    assert [hit["score"] for hit in part] == [hit["score"] for hit in hits[6:11]]
    by_target = circle.post("/collections/Cosine/discover", {"target": [1, 0.01], "limit": 2}).data
    assert [hit["id"] for hit in by_target] == ["0", "1"]
    by_context = circle.post("/collections/Cosine/discover", {"context": pairs, "limit": 8}).data
    assert {hit["id"] for hit in by_context} == {str(n) for n in range(1, 9)}
    assert {hit["score"] for hit in by_context} == {0}
