"""A private copy of PostgreSQL with the extension in it: nothing is installed into the system.

PostgreSQL finds its libraries and share folder by their place relative to the program that runs.
So the copy has the programs themselves, symbolic links to all else, and the same folders beneath a
root of its own, into which the extension is installed as a package build does, by DESTDIR.
"""

import functools
import os
import pathlib
import pwd
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("TEST_BUILD", ROOT / "build"))
PG_CONFIG = os.environ.get("TEST_PG_CONFIG", "pg_config")
PROGRAMS = ("postgres", "initdb", "pg_ctl", "pg_basebackup", "pg_dump", "pg_restore", "pg_waldump",
            "psql")


@functools.cache
def server_user():
    """Whom servers run as: ourselves, or somebody unprivileged when we are root, which PostgreSQL
    refuses. As the keyword arguments of subprocess."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("running as root, and there is no user postgres or nobody for the server")


class Installation:
    """PostgreSQL's programs, libraries and share folder beneath `root`, with the extension."""

    def __init__(self, root, with_extension=True):
        self.root = pathlib.Path(root)
        self.bin = self._below(self.config("--bindir"))
        self.libraries = self._below(self.config("--pkglibdir"))
        self.share = self._below(self.config("--sharedir"))
        self._copy_programs()
        self._link(self.config("--pkglibdir"), self.libraries)
        self._link(self.config("--sharedir"), self.share)
        self._unlink_folder(self.share / "extension")
        if with_extension:
            self._install_extension()

    @staticmethod
    def config(name):
        return subprocess.run([PG_CONFIG, name], check=True, capture_output=True,
                              text=True).stdout.strip()

    @property
    def major(self):
        return int(self.config("--version").split()[1].split(".")[0])

    def program(self, name):
        return str(self.bin / name)

    def _below(self, path):
        folder = self.root / path.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _copy_programs(self):
        source = pathlib.Path(self.config("--bindir"))
        for name in PROGRAMS:
            shutil.copy2(source / name, self.bin / name)

    @staticmethod
    def _link(source, folder):
        for entry in pathlib.Path(source).iterdir():
            (folder / entry.name).symlink_to(entry)

    def _unlink_folder(self, folder):
        """A folder that is a link becomes a folder of links, so that files can be added to it."""
        source = folder.resolve()
        folder.unlink()
        folder.mkdir()
        self._link(source, folder)

    def _install_extension(self):
        for name in ("dvecdb", "vector"):
            subprocess.run(["cmake", "--install", str(BUILD), "--component", name], check=True,
                           stdout=subprocess.DEVNULL, env={**os.environ, "DESTDIR": str(self.root)})
