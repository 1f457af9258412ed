"""Clusters for the tests of the extension. README.md tells how to run one test alone."""

import itertools
import pathlib
import shutil
import tempfile

import pytest

from cluster import Cluster
from installation import Installation


@pytest.fixture(scope="session")
def make_installation():
    """make_installation(): one that nobody else changes, until the session ends."""
    folders = []

    def make():
        folders.append(tempfile.mkdtemp(prefix="dvecdb-pg-"))
        pathlib.Path(folders[-1]).chmod(0o755)
        return Installation(folders[-1])

    yield make
    for folder in folders:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def installation(make_installation):
    return make_installation()


@pytest.fixture(scope="session")
def make_cluster(installation):
    """make_cluster(shared_buffers="8MB", ...): a started cluster of its own, ended after the
    session; of another installation, if one is named. make_cluster.folder() names an unused folder for a copy; what runs there, the test
    ends itself."""
    base = pathlib.Path(tempfile.mkdtemp(prefix="dvecdb-ext-"))
    base.chmod(0o755)
    numbers = itertools.count()
    clusters = []

    def make(installation=installation, **settings):
        new = Cluster(installation, make.folder(), **settings)
        clusters.append(new)
        return new.init().start()

    make.folder = lambda: base / str(next(numbers))
    yield make
    for one in clusters:
        if one.process is not None:
            one.stop()
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def cluster(make_cluster):
    """One cluster for the tests of a module, with the extension in the database postgres."""
    running = make_cluster()
    running.execute("CREATE EXTENSION dvecdb")
    yield running
    assert not running.damage(), running.damage()
