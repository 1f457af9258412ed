"""The HTTP server as clients meet it: honest statuses, limits, an orderly end."""

import http.client
import json
import subprocess
import threading
import time

from conftest import BUILD


def request(server, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def failure_of(text):
    body = json.loads(text)
    assert body["success"] is False and body["data"] is None
    return body["error"]


def test_what_is_not_there_is_404(server):
    for path in ["/nothing", "/collections/nobody", "/collections/..", "/collections/%2e%2e%2fetc",
                 "/collections/deleted/x/y/z", "/health/none"]:
        response, text = request(server, "GET", path)
        assert response.status == 404, path
        assert failure_of(text)


def test_a_wrong_method_names_the_right_ones(server):
    response, text = request(server, "DELETE", "/ready")
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert failure_of(text) == '"/ready" takes GET, HEAD, OPTIONS, not DELETE'


def test_limits_are_configured(new_server):
    new_server.start("--max-body-mb", "1", "--rate-limit", "3",
                     "--cors-origins", "https://app.example")
    response, text = request(new_server, "POST", "/collections", b"x" * (1 << 20 | 1))
    assert response.status == 413
    assert failure_of(text) == "the body is larger than 1048576 bytes (max_body_mb)"
    statuses = [request(new_server, "GET", "/collections")[0].status for _ in range(20)]
    assert 200 in statuses and 429 in statuses
    assert request(new_server, "GET", "/ready")[0].status == 200
    response, _ = request(new_server, "OPTIONS", "/collections", headers={
        "Origin": "https://app.example", "Access-Control-Request-Method": "POST"})
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example"
    response, _ = request(new_server, "GET", "/collections", headers={
        "Origin": "https://other.example"})
    assert response.status == 403


def test_cors_origins_are_checked():
    done = subprocess.run([str(BUILD / "bin" / "dvecdb"), "--cors-origins", "app.example/path"],
                          stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stderr == ('dvecdb: --cors-origins: "app.example/path" is not valid, it takes '
                           "origins such as https://app.example, separated by commas, or *\n")


def test_requests_are_logged_by_route(new_server):
    new_server.start("--log-level", "debug")
    request(new_server, "GET", "/collections/secret-name")
    deadline = time.monotonic() + 20
    while "http request: method=GET route=/collections/{name} status=404" not in new_server.log():
        assert time.monotonic() < deadline, new_server.log()
        time.sleep(0.02)


def test_sigterm_lets_a_request_finish(new_server):
    """What runs is answered, what comes later is refused, and the exit code is 0."""
    new_server.start()
    new_server.psql("CREATE TABLE slow (id bigserial PRIMARY KEY, embedding vector(2),"
                    " waited text DEFAULT pg_sleep(5)::text)", check=True)
    answers = []
    body = json.dumps({"id": "1", "vector": [1, 2]})
    waiting = threading.Thread(target=lambda: answers.append(request(
        new_server, "POST", "/collections/slow/vectors", body,
        {"Content-Type": "application/json"})))
    waiting.start()
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'INSERT%'"
    deadline = time.monotonic() + 20
    while new_server.query(running) != [("1",)]:
        assert time.monotonic() < deadline
    new_server.process.terminate()
    while new_server.get_json("/ready")[1].get("reason") != "shutting down":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    while request(new_server, "GET", "/collections")[0].status != 503:
        assert time.monotonic() < deadline
    waiting.join(30)
    assert [response.status for response, _ in answers] == [201], answers
    assert new_server.process.wait(30) == 0
    new_server.process = None
