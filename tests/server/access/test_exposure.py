"""Nothing is exposed without a lock: what the server refuses to begin with, and says."""

import subprocess

import pytest

from certificates import flags
from clients import PASSWORD, psql
from conftest import BUILD
from secure_server import address, authority  # noqa: F401


def refusal(tmp_path, *words):
    done = subprocess.run(
        [str(BUILD / "bin" / "dvecdb"), "--data-dir", str(tmp_path / "data"), "--port", "0",
         "--http-port", "0", "--metrics-port", "0", *words],
        capture_output=True, text=True, timeout=30)
    assert done.returncode == 2, done.stderr
    assert not (tmp_path / "data").exists()
    return done.stderr


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "192.0.2.7"])
def test_a_listener_for_others_needs_a_password(tmp_path, listen):
    for auth in ("trust-loopback", "scram"):
        said = refusal(tmp_path, "--listen", listen, "--auth", auth)
        assert f'listen: "{listen}" is reachable from elsewhere' in said
        assert "set superuser_password_file (or DVECDB_SUPERUSER_PASSWORD), or listen on 127.0.0.1" \
            in said


def test_files_that_cannot_be_used_are_named(tmp_path, authority):
    authority.issue(tmp_path / "tls")
    certificate, key = flags(tmp_path / "tls")[1::2]
    assert "tls_key_file: set it" in refusal(tmp_path, "--tls-certificate-file", certificate)
    assert "tls_certificate_file: set it" in refusal(tmp_path, "--tls-key-file", key)
    assert '"require" needs a certificate' in refusal(tmp_path, "--tls", "require")
    assert f'"{certificate}x": No such file' in refusal(
        tmp_path, "--tls-certificate-file", certificate + "x", "--tls-key-file", key)
    no_key = tmp_path / "no_key"
    no_key.write_text("nonsense")
    no_key.chmod(0o600)
    assert f'key file "{no_key}" holds no private key in PEM form' in refusal(
        tmp_path, "--tls-certificate-file", certificate, "--tls-key-file", str(no_key))
    (tmp_path / "tls" / "tls.key").chmod(0o644)
    said = refusal(tmp_path, *flags(tmp_path / "tls"))
    assert "may be read or changed by others (mode 0644)" in said and "chmod 0640" in said
    missing = str(tmp_path / "missing")
    assert "superuser_password_file: cannot read a first line" in refusal(
        tmp_path, "--superuser-password-file", missing)
    assert "api_key_file: cannot read a first line" in refusal(tmp_path, "--api-key-file", missing)
    (tmp_path / "short").write_text("guess me")
    assert "has 8 characters, it takes 32 or more" in refusal(
        tmp_path, "--api-key-file", str(tmp_path / "short"))


def test_clients_from_elsewhere_need_the_password_and_loopback_does_not(new_server, address):
    new_server.start("--listen", "0.0.0.0", "--superuser-password", PASSWORD)
    assert "is reachable from elsewhere without TLS" in new_server.log()
    assert "no password supplied" in psql(new_server, "SELECT 1", host=address, password="").stderr
    assert psql(new_server, "SELECT 1", host=address).stdout == "1\n"
    assert psql(new_server, "SELECT 1", host="127.0.0.1", password="").stdout == "1\n"
