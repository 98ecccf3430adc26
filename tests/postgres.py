"""A PostgreSQL server of our own: its files in one folder, its socket there, no network."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from getpass import getuser
from pathlib import Path


def _program(name: str) -> str | None:
    """Return where a program of PostgreSQL is; Debian keeps those of each version aside."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(beside[-1]) if beside else None)


def is_installed() -> bool:
    """Whether there is a PostgreSQL to start."""
    return all(_program(name) for name in ("initdb", "pg_ctl", "psql"))


class Postgres:
    """A server that runs as somebody without rights, which it insists on.

    Args:
        home: Folder of its files and its socket; a short path, that its user can reach.
        settings: What it is told beside, as `fsync=off`.
    """

    def __init__(self, home: Path, settings: Sequence[str] = ("fsync=off",)) -> None:
        self.user = _unprivileged()
        self.home = home
        self._settings = settings

    def start(self) -> None:
        """Make the server's files and start it."""
        data = self.home / "data"
        self._run(
            "initdb", "-D", data, "-A", "trust", "-U", "bole", "-E", "UTF8", "--locale=C", "-N"
        )
        told = " ".join(f"-c {one}" for one in self._settings)
        options = f"-c listen_addresses='' -k {self.home} {told}"
        log = self.home / "log"
        self._run("pg_ctl", "-D", self.home / "data", "-w", "-l", log, "-o", options, "start")

    def say(self, script: str) -> str:
        """Run SQL and return what is printed; its errors end the program."""
        words = ("-h", self.home, "-U", "bole", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1")
        return self._run("psql", *words, given=script)

    def stop(self) -> None:
        """Stop the server."""
        self._run("pg_ctl", "-D", self.home / "data", "-m", "fast", "stop")

    def _run(self, name: str, *words: object, given: str | None = None) -> str:
        done = subprocess.run(
            [_program(name) or name, *map(str, words)],
            input=given,
            text=True,
            stdout=subprocess.PIPE,
            check=True,
            user=self.user if os.geteuid() == 0 else None,
            cwd=self.home,
        )
        return done.stdout


def _unprivileged() -> str:
    """Return who the server runs as: nobody of any rights where this process is root."""
    import pwd

    if os.geteuid() != 0:
        return getuser()
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
