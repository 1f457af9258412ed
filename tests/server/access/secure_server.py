"""Servers that ask for passwords and speak TLS."""

import pathlib
import socket
import tempfile

import pytest

from certificates import Authority, flags
from conftest import Server

from clients import PASSWORD


@pytest.fixture(scope="session")
def authority():
    with tempfile.TemporaryDirectory(prefix="dvecdb-test-ca-") as folder:
        yield Authority(pathlib.Path(folder) / "ca")


@pytest.fixture(scope="module")
def secure(authority):
    """A server with TLS where loopback needs a password, too. `folder`: its certificate's."""
    with tempfile.TemporaryDirectory(prefix="dvecdb-test-") as folder:
        folder = pathlib.Path(folder)
        certificate = folder / "certificate"
        authority.issue(certificate)
        running = Server(folder / "data").start("--auth", "scram", "--superuser-password", PASSWORD,
                                                *flags(certificate))
        yield running
        assert running.stop() == 0, running.log()


@pytest.fixture(scope="session")
def address():
    """An address of this machine that is not loopback: from there clients come from elsewhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return probe.getsockname()[0]
