"""Whose rights a request has, and what the server refuses before it looks at it."""

import base64

import pytest
from conftest import Server
from rest_client import Api


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that asks everybody for credentials, limits bodies and requests."""
    server = Server(tmp_path_factory.mktemp("guarded") / "data")
    api = Api(server.start("--auth", "scram", "--superuser-password", "secret", "--max-body-mb", "1"))
    api.post("/collections", {"name": "c", "dimension": 2}, headers=basic("postgres", "secret"))
    yield api
    assert server.stop() == 0


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_without_credentials_nothing_is_told(guarded):
    for headers in ({}, basic("postgres", "wrong"), basic("nobody", "x"), {"Authorization": "Bearer no"},
                    {"api-key": "no"}):
        for method, path in (("GET", "/collections"), ("GET", "/collections/nope"),
                             ("POST", "/collections/c/search"), ("GET", "/stats")):
            answer = guarded.send(method, path, headers=headers)
            assert answer.status == 401 and answer.error
    assert guarded.get("/openapi.json").status == guarded.get("/docs").status == 200


def test_a_role_has_its_rights_of_sql(guarded, monkeypatch):
    owner = basic("postgres", "secret")
    assert guarded.get("/collections/c", headers=owner).status == 200
    monkeypatch.setenv("PGPASSWORD", "secret")
    guarded.server.psql("CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT SELECT ON c TO reader", check=True)
    [(key,)] = guarded.server.query("SELECT dvecdb_create_api_key('reader', 'of a test', NULL)")
    for headers in ({"api-key": key}, {"Authorization": f"Bearer {key}"}):
        assert guarded.get("/collections", headers=headers).data[0]["name"] == "c"
        assert guarded.delete("/collections/c", headers=headers).status == 403
    reader = basic("reader", "r")
    body = {"id": "a", "vector": [1, 2]}
    assert guarded.post("/collections/c/vectors", body, headers=reader).status == 403
    assert guarded.post("/collections/c/vectors", body, headers=owner).status == 201
    assert guarded.post("/collections/c/search", {"vector": [1, 2]}, headers=reader).status == 200
    assert guarded.delete("/collections/c", headers=reader).status == 403
    assert guarded.post("/collections", {"name": "r", "dimension": 2}, headers=reader).status == 403
    guarded.server.psql("REVOKE SELECT ON c FROM reader", check=True)
    assert guarded.post("/collections/c/search", {"vector": [1, 2]}, headers=reader).status == 403


def test_a_body_that_is_too_large_is_refused(guarded):
    body = b'{"vectors":[' + b" " * (1 << 20) + b"]}"
    answer = guarded.post("/collections/c/batch", body, headers=basic("postgres", "secret"))
    assert answer.status == 413 and "max_body_mb" in answer.error


def test_more_requests_than_the_limit_are_refused(new_server):
    api = Api(new_server.start("--rate-limit", "5"))
    answers = [api.get("/collections") for _ in range(40)]
    assert {answer.status for answer in answers} == {200, 429}
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.error and refused.headers["Retry-After"]
