"""How long the rendered pod takes from its start to readiness, and from SIGTERM to its end.
Not a test: tests/kubernetes/run_pod_test.sh build measure_start.py -s"""

import signal
import time

import numpy
import pytest
import test_pod
from pod import wait_for
from test_pod import connect, network, new_pod, pod, root  # noqa: F401 (fixtures)

DIMENSIONS = 384


def seconds_to_ready(pod):
    pod.start()
    begin = time.monotonic()
    http = pod.manifest.ports["http"]
    wait_for(lambda: pod.get(http, "/ready", 1)[0] == 200, 600, "readiness")
    return time.monotonic() - begin


def seconds_to_end(pod, number):
    pod.send(number)
    begin = time.monotonic()
    pod.wait(test_pod.START_SECONDS)
    return time.monotonic() - begin


@pytest.mark.parametrize("rows", [0, 10_000, 50_000])
def test_start(pod, rows):
    first = seconds_to_ready(pod)
    with connect(pod) as connection:
        connection.execute(f"CREATE TABLE items (id bigint PRIMARY KEY, embedding vector({DIMENSIONS}))")
        vectors = numpy.random.default_rng(1).random((rows, DIMENSIONS), dtype=numpy.float32)
        with connection.cursor().copy("COPY items FROM STDIN") as copy:
            for number, vector in enumerate(vectors):
                copy.write_row([number, str(vector.tolist())])
        connection.execute("CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)")
    drained = seconds_to_end(pod, signal.SIGTERM)
    again = seconds_to_ready(pod)
    seconds_to_end(pod, signal.SIGKILL)
    killed = seconds_to_ready(pod)
    print(f"\n{rows} rows: first start {first:.2f} s, SIGTERM to end {drained:.2f} s, "
          f"start {again:.2f} s, start after a kill {killed:.2f} s")
