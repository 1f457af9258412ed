"""A throwaway PostgreSQL cluster on a Unix socket in a folder of its own."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

import psycopg

from installation import server_user

WAIT_SECONDS = 60
# Durability against power loss is not what a killed process can show, so nothing waits for disks.
SETTINGS = {
    "listen_addresses": "", "fsync": "off", "shared_buffers": "64MB", "max_connections": "60",
    "wal_level": "replica", "max_wal_senders": "5", "hot_standby": "on", "timezone": "UTC",
    "wal_retrieve_retry_interval": "100ms",
    "lc_messages": "C", "log_line_prefix": "%m [%p] ", "log_error_verbosity": "verbose",
}
# What a log never holds, unless a test killed the server.
DAMAGE = ("PANIC", "TRAP:", "was terminated by signal", "AddressSanitizer", "runtime error:")


class Cluster:
    """Made by initdb (or from a backup), started and ended at will. `settings` go into
    postgresql.conf. The folder must be short enough for a Unix socket's name."""

    def __init__(self, installation, folder, **settings):
        self.installation = installation
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.log_path = self.folder / "log"
        self.settings = {**SETTINGS, **settings}
        self.process = None
        self.was_killed = False
        self.folder.mkdir(parents=True, exist_ok=True)
        if server_user():
            shutil.chown(self.folder, server_user()["user"], server_user()["group"])

    # Life

    def init(self):
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync",
                  "--no-instructions", "-E", "UTF8", "--locale=C.UTF-8")
        return self

    def start(self):
        self.data.chmod(0o700)
        with open(self.data / "postgresql.auto.conf", "a", encoding="utf-8") as file:
            for name, value in self.settings.items():
                file.write(f"{name} = '{value}'\n")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.installation.program("postgres"), "-D", str(self.data), "-k", str(self.folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env=server_environment(), **server_user())
        self.wait_ready()
        return self

    def stop(self, mode=signal.SIGINT):
        """A fast shutdown. Fails when the server had died before."""
        self.process.send_signal(mode)
        code = self.process.wait(timeout=WAIT_SECONDS)
        self.process = None
        assert code == 0, self.log()[-5000:]

    def restart(self):
        self.stop()
        return self.start()

    def kill(self):
        """SIGKILL to every process of the cluster. The postmaster is stopped first, so that it
        starts no others meanwhile."""
        self.was_killed = True
        self.process.send_signal(signal.SIGSTOP)
        children = _children(self.process.pid)
        for pid in [*children, self.process.pid]:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        _wait(lambda: not any(_is_alive(pid) for pid in children), "end of the killed processes")

    def kill_backend(self, pid):
        """SIGKILL to one backend: the postmaster ends the others and recovers."""
        self.was_killed = True
        before = self.restarts()
        os.kill(pid, signal.SIGKILL)
        self.wait_restarted(before)

    def restarts(self):
        """How often the postmaster has ended all backends because one had died."""
        return self.log().count("all server processes terminated; reinitializing")

    def wait_restarted(self, before):
        """Until there are more restarts than before, and it takes connections."""
        _wait(lambda: self.restarts() > before, "end of the other backends")
        self.wait_ready()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def damage(self):
        """The log's lines that tell of a crash which no test asked for."""
        return [] if self.was_killed else [
            line for line in self.log().splitlines() if any(word in line for word in DAMAGE)]

    # Clients

    def dsn(self, database="postgres"):
        return f"host={self.folder} user=postgres dbname={database}"

    def connect(self, database="postgres", autocommit=True):
        return psycopg.connect(self.dsn(database), autocommit=autocommit)

    def execute(self, sql, parameters=None, database="postgres"):
        """Statements in one connection of their own; the rows of the last one, if it has any."""
        with self.connect(database) as connection:
            cursor = connection.execute(sql, parameters)
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else None

    def value(self, sql, parameters=None, database="postgres"):
        return self.execute(sql, parameters, database)[0][0]

    def psql(self, script, *options, database="postgres"):
        """The real psql over a script on its standard input; stops at the first error."""
        return subprocess.run(
            [self.installation.program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1",
             "-h", str(self.folder), "-U", "postgres", "-d", database, *options],
            input=script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True,
            timeout=600).stdout

    def dump(self, *options, database="postgres"):
        """What pg_dump writes."""
        return subprocess.run(
            [self.installation.program("pg_dump"), "-h", str(self.folder), "-U", "postgres",
             *options, database], capture_output=True, text=True, check=True, timeout=600).stdout

    # Copies

    def base_backup(self, folder, *options, **settings):
        """pg_basebackup of the running cluster, as a cluster that has not been started."""
        copy = Cluster(self.installation, folder, **{**self.settings, **settings})
        self._run("pg_basebackup", "-h", self.folder, "-U", "postgres", "-D", copy.data,
                  "-c", "fast", "--no-sync", *options)
        return copy

    def standby(self, folder, **settings):
        """A running hot standby that follows this cluster."""
        return self.base_backup(folder, "-R", **settings).start()

    def wait_for(self, standby):
        """Until the standby has replayed all that is written here by now."""
        end = self.value("SELECT pg_current_wal_insert_lsn()::text")
        # A record behind it, and its commit, have it written and sent.
        self.execute("SELECT pg_logical_emit_message(true, 'wait', '')")
        _wait(lambda: standby.value("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [end]),
              "replay by the standby")

    def _run(self, program, *arguments):
        done = subprocess.run([self.installation.program(program), *map(str, arguments)],
                              capture_output=True, text=True, cwd=self.folder,
                              timeout=600, **server_user())
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def wait_ready(self):
        """Until it takes connections; also when it still ends the old ones."""
        def look():
            assert self.process.poll() is None, f"the server ended:\n{self.log()[-5000:]}"
            try:
                self.connect().close()
                return True
            except psycopg.OperationalError:
                return False
        _wait(look, "a connection")


def server_environment():
    """TEST_SERVER_PRELOAD names libraries that servers begin with: AddressSanitizer's, which must
    not be in the tests' own programs. What PostgreSQL does not free itself is no leak."""
    preloaded = os.environ.get("TEST_SERVER_PRELOAD")
    if not preloaded:
        return None
    return {**os.environ, "LD_PRELOAD": preloaded,
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1"}


def _children(parent):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(entry) == parent:
            found.append(int(entry.name))
    return found


def _stat(entry):
    """State and parent of a process; nothing when there is none."""
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None, None
    return fields[0], int(fields[1])


def _parent(entry):
    return _stat(entry)[1]


def _is_alive(pid):
    return _stat(pathlib.Path("/proc") / str(pid))[0] not in (None, "Z")


def _wait(condition, what):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"no {what} after {WAIT_SECONDS} s"
        time.sleep(0.02)
