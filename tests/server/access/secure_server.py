"""Servers that ask for passwords and speak TLS."""

import contextlib
import pathlib
import socket
import tempfile

import pytest

from certificates import Authority, flags
from conftest import Server

from clients import PASSWORD
from network import ADDRESS, own_network


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


def address_of_machine():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ADDRESS, 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no address but loopback, and may not be given one")
        return probe.getsockname()[0]


@pytest.fixture
def address():
    """An address that is not loopback: from there clients come from elsewhere. Servers of the test
    are to be started after this. Who is not root has the machine's, if it has one."""
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(own_network())
        except OSError:
            found = address_of_machine()
        yield found
