"""What the images say of themselves: configuration, labels, bill of materials. scripts/test_images.sh
starts this."""

import json
import os
import pathlib
import subprocess

import pytest

IMAGES = json.loads(os.environ["TEST_IMAGES"])  # by name: root, and what buildah tells


@pytest.fixture(params=sorted(IMAGES))
def image(request):
    name = request.param
    told = json.loads(pathlib.Path(IMAGES[name]["inspect"]).read_text())
    return name, pathlib.Path(IMAGES[name]["root"]), told["Docker"]["config"]


def test_configuration(image):
    name, _, config = image
    assert config["User"] == "1000:1000"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    # Arrays, not a shell that would keep the signal to itself.
    assert config["Entrypoint"] == {"dvecdb": ["dvecdb"], "dvecdb-postgres": ["/usr/local/bin/postgres.sh"]}[name]
    assert config["StopSignal"] == {"dvecdb": "SIGTERM", "dvecdb-postgres": "SIGINT"}[name]
    labels = config["Labels"]
    for label in ("title", "description", "version", "revision", "created", "base.name"):
        assert labels["org.opencontainers.image." + label]


def test_no_library_is_missing(image):
    name, root, _ = image
    program = {"dvecdb": "/usr/local/bin/dvecdb", "dvecdb-postgres": "/usr/lib/postgresql/15/lib/dvecdb.so"}[name]
    # The extension's other half is PostgreSQL's program.
    done = subprocess.run(["chroot", root, "ldd", program], stdout=subprocess.PIPE, text=True, check=True)
    assert "not found" not in done.stdout


def test_no_tools_of_the_build_are_left(image):
    _, root, _ = image
    assert not [path for path in ("usr/bin/g++", "usr/bin/cmake", "source") if (root / path).exists()]
    assert not list((root / "var/lib/apt/lists").iterdir())


def test_bill_of_materials(image):
    name, root, config = image
    bill = json.loads((root / config["Labels"]["io.dvecdb.sbom"].lstrip("/")).read_text())
    assert bill["spdxVersion"] == "SPDX-2.3" and bill["dataLicense"] == "CC0-1.0"
    by_id = {one["SPDXID"]: one for one in bill["packages"]}
    assert len(by_id) == len(bill["packages"]), "an id is there twice"
    known = set(by_id) | {"SPDXRef-DOCUMENT"}
    for one in bill["relationships"]:
        assert {one["spdxElementId"], one["relatedSpdxElement"]} <= known
    contained = {(one["name"], one["versionInfo"]) for one in bill["packages"]}
    done = subprocess.run(["chroot", root, "dpkg-query", "-W", "-f", "${Package} ${Version}\n"],
                          stdout=subprocess.PIPE, text=True, check=True)
    assert {tuple(line.split()) for line in done.stdout.splitlines()} <= contained
    assert {one["name"] for one in bill["packages"]} >= {name, "libsimde-dev", "libroaring0"}
