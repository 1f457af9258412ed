"""A client of the REST API that holds every answer against the document of the API."""

import functools
import json
import re
import urllib.error
import urllib.parse
import urllib.request

import jsonschema
import pytest

# What the document says of them it says once, under "default".
REFUSED_BY_HTTP = {400, 403, 405, 408, 413, 415, 417, 431, 501}


def quote(text):
    return urllib.parse.quote(text, safe="")


class Document:
    """openapi.json as the server sends it."""

    def __init__(self, text):
        self.json = json.loads(text)
        self._templates = []
        for path, methods in self.json["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", path)
            self._templates.append((re.compile(pattern + r"\Z"), path, methods))

    def operation(self, method, path):
        """The operation of a request; a literal wins over a {name}."""
        found = [(path_.count("{"), operations[method.lower()])
                 for pattern, path_, operations in self._templates
                 if pattern.match(path) and method.lower() in operations]
        return min(found, key=lambda one: one[0])[1] if found else None

    def resolve(self, node):
        while "$ref" in node:
            at = self.json
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            node = at
        return node

    @functools.lru_cache(maxsize=None)
    def _validator(self, schema_text):
        schema = {**json.loads(schema_text), "components": self.json["components"]}
        return jsonschema.Draft202012Validator(schema)

    def check(self, schema, value):
        self._validator(json.dumps(schema)).validate(value)

    def check_answer(self, method, path, status, content_type, body):
        operation = self.operation(method, path)
        assert operation is not None, f"{method} {path} is not in the document"
        responses = operation["responses"]
        documented = str(status)
        if documented not in responses and status in REFUSED_BY_HTTP:
            documented = "default"
        assert documented in responses, f"{method} {path} answered {status}: {body[:300]}"
        content = self.resolve(responses[documented])["content"]
        assert content_type in content, f"{method} {path} answered {content_type}"
        if content_type == "application/json":
            self.check(content[content_type]["schema"], json.loads(body))


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        assert self.json["success"], self.body
        return self.json["data"]

    @property
    def error(self):
        assert not self.json["success"], self.body
        return self.json["error"]


class Api:
    def __init__(self, server):
        self.server = server
        self._document = None

    @property
    def document(self):
        if self._document is None:
            self._document = Document(self.server.get("/openapi.json")[1])
        return self._document

    def send(self, method, path, body=None, headers=None):
        """`body`: bytes go as they are, anything else as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.server.http_port}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                answer = Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.headers, error.read())
        self.document.check_answer(method, path.split("?")[0], answer.status,
                                   answer.headers["Content-Type"].split(";")[0], answer.body)
        return answer

    def get(self, path, **options):
        return self.send("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.send("POST", path, body, **options)

    def put(self, path, body=None, **options):
        return self.send("PUT", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.send("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.send("DELETE", path, **options)

    def create(self, name, dimension=3, vectors=(), **settings):
        answer = self.post("/collections", {"name": name, "dimension": dimension, **settings})
        assert answer.status == 201, answer.body
        if vectors:
            answer = self.post(f"/collections/{quote(name)}/batch", {"vectors": list(vectors)})
            assert answer.status == 201, answer.body

    def search(self, name, vector, **settings):
        answer = self.post(f"/collections/{quote(name)}/search", {"vector": vector, **settings})
        assert answer.status == 200, answer.body
        return answer.data

    def found(self, name, vector, **settings):
        return [hit["id"] for hit in self.search(name, vector, **settings)]

    def count(self, name, filter=None):
        answer = self.post(f"/collections/{quote(name)}/count", {"filter": filter} if filter else {})
        assert answer.status == 200, answer.body
        return answer.data["count"]


@pytest.fixture(scope="module")
def api(server):
    return Api(server)


@pytest.fixture
def new_api(new_server):
    """On a server of its own, which may be killed."""
    return Api(new_server.start())
