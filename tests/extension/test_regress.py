"""PostgreSQL's own regression driver over regress/: sql/*.sql against expected/*.out."""

import pathlib
import subprocess

import pytest

REGRESS = pathlib.Path(__file__).parent / "regress"
NAMES = sorted(file.stem for file in (REGRESS / "sql").glob("*.sql"))


@pytest.mark.parametrize("name", NAMES)
def test_regress(cluster, tmp_path, name):
    driver = pathlib.Path(cluster.installation.config("--pgxs")).parents[1] / "test/regress/pg_regress"
    done = subprocess.run(
        [str(driver), f"--inputdir={REGRESS}", f"--outputdir={tmp_path}",
         f"--bindir={cluster.installation.bin}", f"--host={cluster.folder}", "--user=postgres",
         f"--dbname=regress_{name}", "--load-extension=dvecdb", name],
        capture_output=True, text=True, cwd=tmp_path, timeout=300)
    differences = tmp_path / "regression.diffs"
    found = differences.read_text() if differences.exists() else ""
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{found}"
