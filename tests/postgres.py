"""A PostgreSQL server of a test's own: on a free port of the loopback, with a password, as a user that is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

USER = "bench"
PASSWORD = "zq7@xvk9/w%jq#5"  # noqa: S105  what people choose; it has to be quoted in a URL
QUOTED = "zq7%40xvk9%2Fw%25jq%235"

INSTALL = "There is no PostgreSQL server. On Debian and Ubuntu: apt-get install postgresql"


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, which Debian keeps off the PATH.

    Raises:
        FileNotFoundError: it is not installed.
    """
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = shutil.which(name) or (str(places[-1]) if places else None)
    if found is None:
        raise FileNotFoundError(INSTALL)
    return found


class Server:
    """A server in a temporary folder."""

    def __init__(self) -> None:
        # below the folder that all users may enter: pytest's own belongs to who runs it
        self.folder = Path(tempfile.mkdtemp(prefix="bench-postgres-", dir="/tmp"))
        self._as_user: list[str] = []
        if os.getuid() == 0:
            name = next(name for name in ("postgres", "nobody") if _known(name))
            self._as_user = ["runuser", "-u", name, "--"]
            shutil.chown(self.folder, name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        data = str(self.folder / "data")
        self._run("initdb", "--no-sync", "-A", "scram-sha-256", "-U", USER, f"--pwfile={secret}", "-E", "UTF8", data)
        self.start()

    def start(self, *settings: str) -> None:
        """Start it and wait until it answers."""
        listen = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        options = " ".join(f"-c {setting}" for setting in (*listen, *settings))
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Cut all connections and end it."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        """End it, and leave nothing."""
        try:
            self.stop("immediate")  # what it holds goes with it
        finally:
            shutil.rmtree(self.folder)

    def url(self, database: str, password: str = QUOTED) -> str:
        """Of a database, with the password in it."""
        return f"postgresql+psycopg://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database: str) -> str:
        """The same by its Unix socket, which every network namespace reaches."""
        return f"postgresql+psycopg://{USER}:{QUOTED}@/{database}?host={self.folder}&port={self.port}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What a statement returns, a row per line."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database]
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        command = [program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *where, "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._as_user, program(name), *arguments]
        # its log is a file: a server that held a pipe of ours would never let it end
        done = subprocess.run(
            command, check=False, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr.decode()}")


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
