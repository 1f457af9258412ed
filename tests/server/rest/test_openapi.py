"""The document of the API: it has what the server answers, all of it and nothing else."""

import gzip
import json
import re
import urllib.error
import urllib.request

import jsonschema
import pytest
from rest_client import api  # noqa: F401

TEMPLATE = re.compile(r"\{(\w+)\}")


def operations(document):
    return [(path, method, operation) for path, methods in document["paths"].items()
            for method, operation in methods.items()]


def test_the_methods_of_every_path_are_those_that_the_server_allows(api):
    for path, methods in api.document.json["paths"].items():
        request = urllib.request.Request(
            f"http://127.0.0.1:{api.server.http_port}{TEMPLATE.sub('x', path)}", method="OPTIONS")
        with urllib.request.urlopen(request) as answer:
            allowed = set(answer.headers["Allow"].lower().split(", ")) - {"head", "options"}
        assert allowed == set(methods), path


def test_every_operation_tells_what_it_takes_and_answers(api):
    document = api.document
    ids = []
    for path, method, operation in operations(document.json):
        ids.append(operation["operationId"])
        assert operation["summary"] and operation["tags"]
        given = {document.resolve(one)["name"] for one in operation.get("parameters", ())
                 if document.resolve(one)["in"] == "path"}
        assert given == set(TEMPLATE.findall(path))
        responses = operation["responses"]
        assert any(status.startswith("2") for status in responses) and "default" in responses
        for response in responses.values():
            assert document.resolve(response)["description"]
            assert document.resolve(response)["content"]
        if operation.get("security") == []:
            continue
        for status in ("401", "403", "404", "422", "429", "500", "503", "504"):
            assert document.resolve(responses[status])["content"]["application/json"]["schema"] == {
                "$ref": "#/components/schemas/Error"}
        assert ("413" in responses) == ("requestBody" in operation)
    assert len(ids) == len(set(ids))
    assert document.json["openapi"].startswith("3.1.")


def test_every_schema_is_one_and_is_used(api):
    document = api.document.json
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert f'"#/components/schemas/{name}"' in api.server.get("/openapi.json")[1], name


def test_the_page_is_whole_without_any_other_server(api):
    status, page = api.server.get("/docs")
    assert status == 200
    for path in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert path.startswith(("/docs/", "data:"))
        if path.startswith("data:"):
            continue
        with urllib.request.urlopen(f"http://127.0.0.1:{api.server.http_port}{path}") as answer:
            body = answer.read()
            if answer.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            assert answer.status == 200 and len(body) > 50
            assert "http" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/collections/", 404), ("GET", "/collection", 404), ("PUT", "/collections", 405),
    ("POST", "/collections/x", 405), ("GET", "/collections/x/search", 405),
    ("DELETE", "/collections/x/vectors", 405), ("GET", "/deleted-collections/x/restore", 405)])
def test_what_is_no_route_is_told_apart_from_a_wrong_method(api, method, path, status):
    request = urllib.request.Request(f"http://127.0.0.1:{api.server.http_port}{path}", method=method)
    with pytest.raises(urllib.error.HTTPError) as failed:
        urllib.request.urlopen(request)
    assert failed.value.code == status
    api.document.check({"$ref": "#/components/schemas/Error"},
                       json.loads(failed.value.read()))
