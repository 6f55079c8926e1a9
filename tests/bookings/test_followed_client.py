"""What a run reads of calendars shows in the list, and never anything older than the list."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bookings import followed_client
from bookings.calendars.actions import CalendarStatus, status_of
from bookings.followed_client import PAUSE_SECONDS, FollowedClient
from bookings.portfolio import Portfolio, Snapshot
from bookings.waldur.client import WaldurClient
from demo.people import TOKENS
from demo.server import RunningDemo

SECONDS = 30.0


class Later:
    """Keeps what is to be done later until a test has the time come."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def __call__(self, seconds: float, work: Callable[[], None]) -> None:
        """Later."""
        self.waiting.append((seconds, work))

    def come(self) -> None:
        """The time has come."""
        waiting, self.waiting = self.waiting, []
        for _, work in waiting:
            work()


@pytest.fixture
def later() -> Later:
    """What the client does later."""
    return Later()


@pytest.fixture
def client(demo: RunningDemo) -> WaldurClient:
    """Somebody who sees everything."""
    return WaldurClient(demo.url, TOKENS["staff"])


@pytest.fixture
def portfolio(client: WaldurClient) -> Iterator[Portfolio]:
    """Their list, loaded."""
    with ThreadPoolExecutor(4) as pool:
        portfolio = Portfolio(client, client.me(), pool)
        portfolio.want()
        portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)
        yield portfolio
        portfolio.stop()


def status_in(snapshot: Snapshot, uuid: str) -> CalendarStatus:
    """What the list says."""
    found = snapshot.find(uuid)
    assert found is not None
    return status_of(found)


def status(portfolio: Portfolio, uuid: str) -> CalendarStatus:
    """What the list says now."""
    return status_in(portfolio.snapshot(), uuid)


@pytest.fixture
def changed(demo: RunningDemo, portfolio: Portfolio) -> Iterator[str]:
    """A calendar that was made public after the list was loaded."""
    uuid = demo.world.notable["private"]
    calendar = demo.world.offerings[uuid].calendar
    assert calendar is not None
    assert not calendar.public
    calendar.public = True
    yield uuid
    calendar.public = False


def test_what_is_read_shows_in_the_list_after_a_pause(
    client: WaldurClient, portfolio: Portfolio, later: Later, changed: str, demo: RunningDemo
) -> None:
    """Several readings go over at once, so that the list is not worked out for each."""
    followed = FollowedClient(client, portfolio, later=later)
    version = portfolio.snapshot().rows_version
    followed.calendar(changed)
    followed.calendar(demo.world.notable["none"])

    assert status(portfolio, changed) is CalendarStatus.PRIVATE
    assert [seconds for seconds, _ in later.waiting] == [PAUSE_SECONDS]
    later.come()
    assert status(portfolio, changed) is CalendarStatus.PUBLIC
    assert portfolio.snapshot().rows_version == version + 1


def test_the_last_reading_goes_over_without_another(
    client: WaldurClient, portfolio: Portfolio, later: Later, changed: str, demo: RunningDemo
) -> None:
    """A run ends with it, and nobody asks again; each pause begins with its first reading."""
    followed = FollowedClient(client, portfolio, later=later)
    followed.calendar(demo.world.notable["none"])
    later.come()
    followed.calendar(changed)
    later.come()

    assert status(portfolio, changed) is CalendarStatus.PUBLIC
    assert not later.waiting


def test_it_goes_over_by_itself(
    client: WaldurClient, portfolio: Portfolio, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a test that has the time come."""
    monkeypatch.setattr(followed_client, "PAUSE_SECONDS", 0.0)
    FollowedClient(client, portfolio).calendar(changed)
    portfolio.wait(lambda s: status_in(s, changed) is CalendarStatus.PUBLIC, SECONDS)

    assert status(portfolio, changed) is CalendarStatus.PUBLIC


def test_without_another_thread_it_goes_over_at_once(
    client: WaldurClient, portfolio: Portfolio, changed: str
) -> None:
    """The reading itself must not fail where the system gives no more threads."""

    def refuse(_: float, work: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    FollowedClient(client, portfolio, later=refuse).calendar(changed)

    assert status(portfolio, changed) is CalendarStatus.PUBLIC


def test_what_was_read_before_a_refresh_is_dropped(
    client: WaldurClient, portfolio: Portfolio, later: Later, changed: str, demo: RunningDemo
) -> None:
    """The list that was read since is newer."""
    followed = FollowedClient(client, portfolio, later=later)
    followed.calendar(changed)
    calendar = demo.world.offerings[changed].calendar
    assert calendar is not None
    calendar.public = False
    portfolio.refresh()
    portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)
    later.come()

    assert status(portfolio, changed) is CalendarStatus.PRIVATE


def test_the_answer_is_the_clients(
    client: WaldurClient, portfolio: Portfolio, changed: str
) -> None:
    """It acts on the same server, and gives what was read as it is."""
    followed = FollowedClient(client, portfolio)

    assert followed.root == client.root
    assert followed.calendar(changed) == client.calendar(changed)
