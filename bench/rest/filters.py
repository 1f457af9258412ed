"""Searches with filters over metadata, before and after an index on the field (PUT .../index).

    PYTHONPATH=tests build/python/bin/python bench/rest/filters.py [rows] [binary ...]

Starts a server of each binary (this build's, by default) on a folder of its own and prints, for each
filter, the median milliseconds of a search over HTTP and how many rows match. Servers take turns, so
that what else the machine does meanwhile is shared.
"""

import pathlib
import random
import statistics
import sys
import tempfile
import time

import conftest
from rest_client import Api

DIMENSION = 32
ROUNDS = 9
FIELDS = ("color", "price", "note", "tags", "half")
FILTERS = {
    "value": {"key": "color", "match": {"value": "c7"}},
    "any of 3": {"key": "color", "match": {"any": ["c7", "c8", "c9"]}},
    "range": {"key": "price", "range": {"gte": 5000, "lt": 5050}},
    "is_empty": {"is_empty": {"key": "note"}},
    "value in arrays": {"key": "tags", "match": {"value": "x7"}},
    "value of half": {"key": "half", "match": {"value": True}},
}


def metadata(n, rows):
    made = {"color": f"c{n % (rows // 50)}", "price": n, "half": n % 2 == 0,
            "tags": [f"x{n % (rows // 50)}", "y"], "text": "lorem ipsum dolor sit amet " * 4}
    return made if n % (rows // 50) == 3 else {**made, "note": f"n{n}"}


def load(api, rows):
    chance = random.Random(1)
    api.post("/collections", {"name": "b", "dimension": DIMENSION})
    for first in range(0, rows, 5000):
        api.post("/collections/b/batch", {"vectors": [
            {"id": str(n), "vector": [round(chance.gauss(0, 1), 4) for _ in range(DIMENSION)],
             "metadata": metadata(n, rows)} for n in range(first, min(rows, first + 5000))]})


def measure(apis):
    """Median milliseconds by filter and server."""
    chance = random.Random(2)
    times = {name: [[] for _ in apis] for name in FILTERS}
    for turn in range(ROUNDS + 1):
        vector = [chance.gauss(0, 1) for _ in range(DIMENSION)]
        for name, condition in FILTERS.items():
            answers = []
            for api, taken in zip(apis, times[name]):
                begin = time.perf_counter()
                answers.append(api.found("b", vector, filter={"must": condition}))
                if turn > 0:
                    taken.append((time.perf_counter() - begin) * 1000)
            assert all(len(answer) == 10 for answer in answers), (name, answers)
    return {name: [statistics.median(taken) for taken in all_taken] for name, all_taken in times.items()}


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    binaries = sys.argv[2:] or [str(conftest.BUILD / "bin" / "dvecdb")]
    with tempfile.TemporaryDirectory(prefix="dvecdb-bench-") as folder:
        apis = []
        for at, binary in enumerate(binaries):
            conftest.BUILD = pathlib.Path(binary).parent.parent
            apis.append(Api(conftest.Server(pathlib.Path(folder) / f"data{at}").start()))
            load(apis[-1], rows)
        before = measure(apis)
        indexing = [api for api in apis if "/collections/{name}/index" in api.document.json["paths"]]
        for api in indexing:
            for field in FIELDS:
                api.put("/collections/b/index", {"field_name": field})
        after = measure(indexing) if indexing else {name: [] for name in FILTERS}
        columns = [f"{at}" for at in range(len(apis))] + [f"{apis.index(api)}, index" for api in indexing]
        print(f"| {rows} rows | match |", " | ".join(columns), "|")
        for name, condition in FILTERS.items():
            shown = [f"{ms:.2f}" for ms in before[name] + after[name]]
            print(f"| {name} | {apis[0].count('b', {'must': condition})} |", " | ".join(shown), "|")
        for api in apis:
            api.server.stop()


if __name__ == "__main__":
    main()
