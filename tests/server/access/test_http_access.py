"""API keys and passwords over HTTP, and that REST may what its role may by SQL."""

import base64
import http.client
import json

from clients import PASSWORD, psql
from secure_server import authority, secure  # noqa: F401


def ask(server, method, path, body=None, **headers):
    """(status, headers, the envelope's data or error)."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    assert answer["success"] == (response.status < 400)
    return response.status, response, answer["data"] if answer["success"] else answer["error"]


def status(server, **headers):
    return ask(server, "GET", "/collections", **headers)[0]


def basic(role, password):
    return "Basic " + base64.b64encode(f"{role}:{password}".encode()).decode()


def run(server, sql):
    done = psql(server, sql)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_without_credentials(secure):
    code, response, error = ask(secure, "GET", "/collections")
    assert code == 401 and "authentication is needed" in error
    challenges = response.headers.get_all("WWW-Authenticate")
    assert challenges == ['Bearer realm="dvecdb"', 'Basic realm="dvecdb", charset="UTF-8"']
    assert secure.get("/ready")[0] == 200


def test_keys_and_passwords(secure):
    key = run(secure, "SELECT dvecdb_create_api_key('postgres', 'test')")
    assert status(secure, Authorization=f"Bearer {key}") == 200
    assert status(secure, api_key=key) == 200
    assert status(secure, Authorization=basic("postgres", PASSWORD)) == 200
    wrong = {"Authorization": [f"Bearer {key}0", f"Bearer {key[:-1]}", "Bearer", "Basic", "Basic !!",
                               basic("postgres", "wrong"), basic("nobody", PASSWORD), key,
                               "Bearer " + "x" * 5000],
             "api_key": ["", "dvk_1_", key + "0"]}
    for name, values in wrong.items():
        for value in values:
            assert status(secure, **{name: value}) == 401, value
    assert status(secure, Authorization=basic("postgres", PASSWORD), api_key=key) == 401
    number = run(secure, "SELECT id FROM dvecdb_api_keys() WHERE label = 'test'")
    assert run(secure, f"SELECT dvecdb_drop_api_key({number})") == "t"
    assert status(secure, api_key=key) == 401
    files = [path for path in secure.data_dir.rglob("*") if path.is_file()]
    secret = key.rsplit("_", 1)[1].encode()
    assert not any(secret in path.read_bytes() for path in files)


def test_keys_run_out(secure):
    late = run(secure, "SELECT dvecdb_create_api_key('postgres', 'late', now() - interval '1 s')")
    soon = run(secure, "SELECT dvecdb_create_api_key('postgres', 'soon', now() + interval '1 h')")
    assert status(secure, api_key=late) == 401
    assert status(secure, api_key=soon) == 200


def test_rest_may_what_its_role_may(secure):
    run(secure, "CREATE ROLE reader LOGIN PASSWORD 'reads'")
    run(secure, "CREATE TABLE papers (id text PRIMARY KEY, embedding vector(2), metadata jsonb)")
    run(secure, "INSERT INTO papers VALUES ('a', '[1,2]', '{}')")
    key = run(secure, "SELECT dvecdb_create_api_key('reader', 'of the reader')")
    search = ("POST", "/collections/papers/search", {"vector": [1, 2], "limit": 1})
    insert = ("POST", "/collections/papers/vectors", {"id": "b", "vector": [3, 4]})
    assert ask(secure, *search, api_key=key)[0] == 403
    run(secure, "GRANT SELECT ON papers TO reader")
    code, _, found = ask(secure, *search, api_key=key)
    assert code == 200 and "a" in json.dumps(found)
    code, _, error = ask(secure, *insert, Authorization=basic("reader", "reads"))
    assert code == 403 and "permission denied for table papers" in error
    refused = psql(secure, "INSERT INTO papers VALUES ('b', '[3,4]')", user="reader",
                   password="reads")
    assert "permission denied for table papers" in refused.stderr
    run(secure, "REVOKE SELECT ON papers FROM reader")
    assert ask(secure, *search, api_key=key)[0] == 403
    run(secure, "ALTER ROLE reader NOLOGIN")
    assert ask(secure, *search, api_key=key)[0] == 401
    run(secure, "DROP ROLE reader")
    assert ask(secure, *search, api_key=key)[0] == 401
    assert run(secure, "SELECT count(*) FROM dvecdb_api_keys() WHERE role = 'reader'") == "0"


def test_a_first_key_from_a_file(new_server, tmp_path):
    key = tmp_path / "key"
    key.write_text("an-api-key-of-more-than-32-characters\n")
    new_server.start("--auth", "scram", "--superuser-password", PASSWORD, "--api-key-file", str(key))
    assert status(new_server, api_key="an-api-key-of-more-than-32-characters") == 200
    assert status(new_server, api_key="an-api-key-of-more-than-32-character") == 401


def test_loopback_needs_nothing_by_default(server):
    assert status(server) == 200
    assert status(server, Authorization="Bearer wrong") == 401
