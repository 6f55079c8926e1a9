"""A journal in a database of its own, and time that moves only when a test says so."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bookings.calendars.journal import Journal
from bookings.calendars.runner import Runner


class WallClock:
    """The moment now, which stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 10, 32, 5, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment now."""
        return self.now

    def move(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += timedelta(seconds=seconds)


class Pauses:
    """A sleep that takes no time, and the clock that it moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        """Moves the clock instead of waiting."""
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds

    def clock(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def wall() -> WallClock:
    """The journal's clock."""
    return WallClock()


@pytest.fixture
def pauses() -> Pauses:
    """The runner's clock and sleep."""
    return Pauses()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite"
    Journal(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    """One of this test's own, with its tables."""
    return Path(shutil.copy(empty_database, tmp_path / "desk.sqlite"))


@pytest.fixture
def journal(database_url: str, wall: WallClock) -> Iterator[Journal]:
    """An empty journal."""
    journal = Journal(database_url, clock=wall)
    yield journal
    journal.close()


@pytest.fixture
def runner(journal: Journal, pauses: Pauses) -> Iterator[Runner]:
    """A runner whose pauses take no time."""
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    yield runner
    runner.close()
