"""The commands of the pages for operators and of the REST interface do what the pages say."""

import os
import re
import socket
import subprocess
import time

import pytest

from conftest import BUILD, ROOT

PAGE = ROOT / "docs" / "operations.md"
MARK = "@@ end of a command @@"
# What is another at each run.
VARYING = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+|\d{8}T\d{6}Z-[0-9a-f]+|\d{8}T\d{6}|\d+_[0-9a-f]{16}"
                     r"|\d+\.\d+|\d{5,}")


def sessions(page):
    """Commands of each block that shows a shell, with the lines that they print."""
    for block in re.findall(r"^```\n(\$ .*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, rest = part.partition("\n")
            while command.endswith("\\"):
                line, _, rest = rest.partition("\n")
                command += "\n" + line
            yield command, rest.splitlines()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def masked(line):
    return VARYING.sub("#", line).rstrip()


@pytest.fixture
def places(new_server, tmp_path):
    """What the page calls things, and what they are here."""
    new_server.start()
    (tmp_path / "backups").mkdir()
    return {"127.0.0.1:5433": f"127.0.0.1:{new_server.port}", "-p 5433": f"-p {new_server.port}",
            "8080": str(new_server.http_port), "9091": str(new_server.metrics_port),
            "5434": free_port(), "8081": free_port(), "9092": free_port(),
            "/backups": str(tmp_path / "backups"), "/tmp/drill": str(tmp_path / "drill")}


@pytest.mark.parametrize("page", [PAGE, ROOT / "docs" / "rest.md"], ids=lambda page: page.name)
def test_the_page_is_true(page, places, tmp_path):
    commands = list(sessions(page))
    assert len(commands) > 10
    script = "".join(f"{command}\necho '{MARK}'\n" for command, _ in commands)
    for stated, real in places.items():
        script = script.replace(stated, real)
    done = subprocess.run(["bash"], input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, cwd=tmp_path,
                          env={**os.environ, "DVECDB_HTTP_PORT": places["8080"],
                               "PATH": f"{BUILD / 'bin'}:{os.environ['PATH']}"})
    printed = done.stdout
    for stated, real in places.items():
        printed = printed.replace(real, stated)
    answers = printed.split(MARK + "\n")
    assert len(answers) == len(commands) + 1, printed
    for (command, expected), answer in zip(commands, answers):
        lines = [masked(line) for line in answer.splitlines()]
        missing = [line for line in expected if line != "..." and masked(line) not in lines]
        assert not missing, f"{command}\nprinted\n{answer}\nwithout\n" + "\n".join(missing)


def test_metrics_are_those_of_the_server(new_server):
    new_server.start()
    new_server.psql("CREATE TABLE t (e vector(2)); CREATE INDEX ON t USING hnsw (e vector_l2_ops)",
                    check=True)
    named = set(re.findall(r"`((?:dvecdb|process)_\w+)`", PAGE.read_text()))
    named.remove("dvecdb_index_build_progress_ratio")  # while one is built
    assert len(named) > 5

    def unknown():
        _, text = new_server.get("/metrics", port=new_server.metrics_port)
        return {name for name in named if f"# TYPE {name} " not in text}

    deadline = time.monotonic() + 20
    while unknown():
        assert time.monotonic() < deadline, unknown()
        time.sleep(0.1)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGE.read_text()):
        assert (PAGE.parent / target).exists(), target
