"""What a run reads of calendars shows in the list, and never anything older than the list."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bookings.calendars.actions import CalendarStatus, status_of
from bookings.followed_client import PAUSE_SECONDS, FollowedClient
from bookings.portfolio import Portfolio
from bookings.waldur.client import WaldurClient
from demo.people import TOKENS
from demo.server import RunningDemo

SECONDS = 30.0


class Clock:
    """Seconds, which a test moves."""

    now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The client's clock."""
    return Clock()


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


def status(portfolio: Portfolio, uuid: str) -> CalendarStatus:
    """What the list says."""
    found = portfolio.snapshot().find(uuid)
    assert found is not None
    return status_of(found)


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
    client: WaldurClient, portfolio: Portfolio, clock: Clock, changed: str, demo: RunningDemo
) -> None:
    """Several readings go over at once, so that the list is not worked out for each."""
    followed = FollowedClient(client, portfolio, clock=clock)
    version = portfolio.snapshot().rows_version
    followed.calendar(changed)

    assert status(portfolio, changed) is CalendarStatus.PRIVATE
    clock.now += PAUSE_SECONDS
    followed.calendar(demo.world.notable["none"])
    assert status(portfolio, changed) is CalendarStatus.PUBLIC
    assert portfolio.snapshot().rows_version == version + 1


def test_what_was_read_before_a_refresh_is_dropped(
    client: WaldurClient, portfolio: Portfolio, clock: Clock, changed: str, demo: RunningDemo
) -> None:
    """The list that was read since is newer."""
    followed = FollowedClient(client, portfolio, clock=clock)
    followed.calendar(changed)
    calendar = demo.world.offerings[changed].calendar
    assert calendar is not None
    calendar.public = False
    portfolio.refresh()
    portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)
    clock.now += PAUSE_SECONDS
    followed.calendar(demo.world.notable["none"])

    assert status(portfolio, changed) is CalendarStatus.PRIVATE


def test_the_answer_is_the_clients(
    client: WaldurClient, portfolio: Portfolio, changed: str
) -> None:
    """It acts on the same server, and gives what was read as it is."""
    followed = FollowedClient(client, portfolio)

    assert followed.root == client.root
    assert followed.calendar(changed) == client.calendar(changed)
