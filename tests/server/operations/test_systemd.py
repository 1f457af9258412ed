"""The systemd unit, as systemd's own tools judge it."""

import configparser
import re
import subprocess

from conftest import BUILD, ROOT

UNIT = ROOT / "packaging" / "systemd" / "dvecdb.service"
MOST_EXPOSED = 1.5  # 0 is safe, 10 is not


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60)


def test_systemd_takes_it(tmp_path):
    unit = tmp_path / "dvecdb.service"
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/dvecdb", str(BUILD / "bin" / "dvecdb")))
    done = analyze("verify", "--man=no", "--recursive-errors=no", unit)
    assert done.returncode == 0, done.stderr
    assert "dvecdb.service" not in done.stderr, done.stderr


def test_it_is_hardened():
    done = analyze("security", "--offline=true", "--no-pager", UNIT)
    score = re.search(r"Overall exposure level for dvecdb.service: (\S+)", done.stdout)
    assert float(score.group(1)) <= MOST_EXPOSED, done.stdout


def test_it_is_given_the_time_that_an_orderly_end_takes():
    unit = configparser.ConfigParser(strict=False)
    unit.optionxform = str
    unit.read(UNIT)
    stated = subprocess.run([str(BUILD / "bin" / "dvecdb"), "--help"], capture_output=True,
                            text=True, check=True).stdout
    grace_ms = int(re.search(r"--shutdown-grace-ms.*\(default (\d+)\)", stated).group(1))
    service = unit["Service"]
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"].removesuffix("s")) >= 3 * grace_ms / 1000
