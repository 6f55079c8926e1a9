"""The server that tests run on: on the loopback, and gone when they are."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests import postgresql

ROOT = Path(__file__).parents[1]
SECONDS = 30.0


def _gone(address: str, folder: Path) -> bool:
    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError:
        return not folder.exists()
    return False


def _folder(address: str) -> Path:
    with psycopg.connect(address) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return Path(row[0]).parent


def test_it_listens_on_the_loopback_and_leaves_nothing() -> None:
    """No other host reaches it, and neither a process nor a file stays."""
    with postgresql.running() as server, server.database() as address:
        folder = _folder(address)
        with psycopg.connect(address) as connection:
            row = connection.execute("SHOW listen_addresses").fetchone()
        assert row == ("127.0.0.1",)
        assert folder.is_dir()

    assert _gone(address, folder)


def test_each_database_is_new() -> None:
    """What one test leaves behind, another does not find."""
    with postgresql.running() as server:
        for _ in range(2):
            with server.database() as address, psycopg.connect(address) as connection:
                connection.execute("CREATE TABLE left_behind ()")
                connection.commit()


def test_it_ends_with_the_process_that_started_it() -> None:
    """Even if that is killed."""
    code = (
        "import sys; from tests import postgresql\n"
        "with postgresql.running() as server, server.database() as address:\n"
        "    print(address, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        folder = _folder(address)
        process.kill()
    deadline = time.monotonic() + SECONDS
    while not _gone(address, folder):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_programs_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests fail then; they are not left out."""
    monkeypatch.setattr(postgresql, "programs", lambda: None)

    with pytest.raises(RuntimeError, match="Debian's package postgresql"), postgresql.running():
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")
def test_programs_that_only_root_can_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout in /root is tested all the same."""
    found = postgresql.programs()
    assert found is not None
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for part in (found.parent, *found.parent.parent.parent.glob(f"{postgresql.WHEEL}.libs")):
        target = hidden / part.relative_to(found.parent.parent.parent)
        target.parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", part, target], check=True)
    reachable = found.relative_to(found.parent.parent.parent)
    monkeypatch.setattr(postgresql, "programs", lambda: hidden / reachable)

    with postgresql.running() as server, server.database() as address:
        psycopg.connect(address).close()
