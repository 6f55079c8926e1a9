"""The order of things in a portfolio, step by step, on a server whose answers the test lets go."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookings.portfolio import MOST_SINGLE_READS, Portfolio, Snapshot
from bookings.waldur.client import BOOKING_OFFERINGS, PROVIDER_OFFERINGS
from bookings.waldur.errors import Forbidden, Gone, ServerBroken, WaldurError
from bookings.waldur.fieldsets import GROUPS
from bookings.waldur.models import GoogleCalendar, Offering, Permission, Person
from bookings.waldur.protocol import Page

SECONDS = 20.0
PUBLIC = GoogleCalendar(backend_id="x", public=True, http_link=None)
STAFF = Person(uuid="f" * 32, username="staff", is_staff=True)
MANAGER = Person(
    uuid="e" * 32, username="manager", permissions=(Permission(role_name="CUSTOMER.MANAGER"),)
)


def uuid(number: int) -> str:
    """The uuid of an offering of the fake."""
    return f"{number:032x}"


class Fake:
    """A server in memory. A request waits while its group is held, and fails as it is told."""

    root = "https://waldur.example/"

    def __init__(self, count: int) -> None:
        self.rows = {BOOKING_OFFERINGS: [self._row(n) for n in range(count)]}
        self.rows[PROVIDER_OFFERINGS] = []
        self.held: dict[str, threading.Event] = {}
        self.reached: dict[str, threading.Event] = {}
        self.failures: dict[str, Exception] = {}
        self.hidden: set[str] = set()
        self.ignores_fields = False
        self.largest = 300
        self.asked: list[tuple[str, str]] = []

    @staticmethod
    def _row(number: int) -> dict[str, Any]:
        row: dict[str, Any] = {"uuid": uuid(number), "name": f"Offering {number}"}
        return row | {name: None for fields in GROUPS.values() for name in fields[:1]} | row

    def hold(self, group: str) -> threading.Event:
        """Lets requests of a group wait until the event is set."""
        self.held[group] = threading.Event()
        self.reached[group] = threading.Event()
        return self.held[group]

    def _arrives(self, source: str, fields: Iterable[str]) -> set[str]:
        names = set(fields)
        group = next(each for each, own in GROUPS.items() if own[0] in names)
        self.asked.append((source, group))
        held = self.held.get(group)
        if held:
            self.reached[group].set()
            assert held.wait(SECONDS)
        if group in self.failures:
            raise self.failures[group]
        return names

    def _shown(self, row: dict[str, Any], names: set[str]) -> dict[str, Any]:
        return row if self.ignores_fields else {k: v for k, v in row.items() if k in names}

    def offerings_page(
        self, source: str, fields: Iterable[str], *, page: int, page_size: int
    ) -> Page:
        """One page of the list."""
        names = self._arrives(source, fields)
        size = min(page_size, self.largest)
        rows = self.rows[source]
        if page > max(1, -(-len(rows) // size)):
            raise Gone()
        part = [row for row in rows[(page - 1) * size : page * size] if self._listed(row, names)]
        more = page * size < len(rows)
        return Page([self._shown(r, names) for r in part], len(rows), page + 1 if more else None)

    def _listed(self, row: dict[str, Any], names: set[str]) -> bool:
        return "name" in names or row["uuid"] not in self.hidden

    def offering(
        self, uuid: str, source: str = BOOKING_OFFERINGS, fields: Iterable[str] | None = None
    ) -> tuple[Offering, list[str]]:
        """One offering."""
        names = self._arrives(source, fields or ("url",))
        row = next((each for each in self.rows[source] if each["uuid"] == uuid), None)
        if row is None:
            raise Gone()
        return Offering.model_validate(self._shown(row, names | {"uuid"})), []


class Times:
    """A clock that moves a step with each look, a minute to begin with."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.step = timedelta(minutes=1)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """The loading threads."""
    with ThreadPoolExecutor(4) as threads:
        yield threads


@pytest.fixture
def clock() -> Times:
    """The portfolio's clock."""
    return Times()


@pytest.fixture
def of(pool: ThreadPoolExecutor, clock: Times) -> Callable[..., Portfolio]:
    """A portfolio of the fake's."""
    return lambda fake, person=STAFF: Portfolio(fake, person, pool, now=clock)


def when(portfolio: Portfolio, until: Callable[[Snapshot], bool]) -> Snapshot:
    """The snapshot that fulfils it; fails when it does not come."""
    snapshot = portfolio.wait(until, SECONDS)

    assert until(snapshot), snapshot.groups
    return snapshot


def ended(*groups: str) -> Callable[[Snapshot], bool]:
    """Whether these groups have ended, well or not."""
    return lambda s: all(s.state(each).status in {"loaded", "failed"} for each in groups)


def hold_pages(fake: Fake, *numbers: int) -> list[threading.Event]:
    """Gives out pages of ten; requests of these pages wait until their event is set."""
    fake.largest = 10
    held = {number: fake.hold(f"page {number}") for number in numbers}
    pages = fake.offerings_page

    def slow(source: str, fields: Iterable[str], *, page: int, page_size: int) -> Page:
        if page in held:
            fake.reached[f"page {page}"].set()
            assert held[page].wait(SECONDS)
        return pages(source, fields, page=page, page_size=page_size)

    fake.offerings_page = slow  # type: ignore[method-assign]
    return list(held.values())


def calendar(snapshot: Snapshot, number: int) -> GoogleCalendar | None:
    """What the list says of an offering's calendar."""
    found = snapshot.find(uuid(number))
    assert found is not None
    return found.googlecalendar


def test_a_list_is_there_while_a_group_still_comes(of: Callable[..., Portfolio]) -> None:
    """Rows can be used at once; the group says that it is on its way, then joins them."""
    fake = Fake(3)
    held = fake.hold("plans")
    portfolio = of(fake)
    portfolio.want("plans")
    early = when(portfolio, ended("light"))

    assert len(early.offerings) == 3
    assert early.loading == ("plans",)
    held.set()
    late = when(portfolio, ended("plans"))
    assert late.loading == ()
    assert all("plans" in each.model_fields_set for each in late.offerings)
    assert late.rows_version > early.rows_version
    assert "plans" not in early.offerings[0].model_fields_set


def test_the_first_page_is_there_while_the_others_come(of: Callable[..., Portfolio]) -> None:
    """A long list shows its first rows early; it is loaded when all have come."""
    fake = Fake(40)
    (second,) = hold_pages(fake, 2)
    portfolio = of(fake)
    portfolio.want()
    first = when(portfolio, lambda s: bool(s.offerings))

    assert 0 < len(first.offerings) < 40
    assert first.state("light").status == "loading"
    second.set()
    assert len(when(portfolio, ended("light")).offerings) == 40


@pytest.mark.parametrize("still", [True, False])
def test_rows_of_a_long_list_are_shown_every_few_seconds(
    of: Callable[..., Portfolio], clock: Times, still: bool
) -> None:
    """Not with each page: what screens worked out from them is kept until then."""
    fake = Fake(40)
    second, third = hold_pages(fake, 2, 3)
    portfolio = of(fake)
    portfolio.want()
    first = when(portfolio, lambda s: bool(s.offerings))
    if still:
        clock.step = timedelta(0)
    second.set()
    assert fake.reached["page 3"].wait(SECONDS)
    more = portfolio.snapshot()

    assert first.partial
    assert more.partial
    assert (len(more.offerings) == len(first.offerings)) is still
    assert (more.rows_version == first.rows_version) is still
    third.set()
    assert not when(portfolio, ended("light")).partial


def test_rows_stay_where_a_refresh_cuts_off_the_first_load(of: Callable[..., Portfolio]) -> None:
    """A list in sight never shrinks to its first page."""
    fake = Fake(40)
    second, third = hold_pages(fake, 2, 3)
    portfolio = of(fake)
    portfolio.want()
    second.set()
    assert fake.reached["page 3"].wait(SECONDS)
    before = portfolio.snapshot()
    second.clear()
    fake.reached["page 2"].clear()
    portfolio.refresh()
    assert fake.reached["page 2"].wait(SECONDS)
    after = portfolio.snapshot()
    second.set()
    third.set()

    assert {each.uuid for each in after.offerings} >= {each.uuid for each in before.offerings}
    assert len(before.offerings) > 10


def test_the_rows_of_a_refresh_are_no_part_of_a_list(of: Callable[..., Portfolio]) -> None:
    """The old ones are all of them, until the new ones are."""
    fake = Fake(40)
    portfolio = of(fake)
    portfolio.want()
    when(portfolio, ended("light"))
    held = fake.hold("light")
    portfolio.refresh()

    assert portfolio.snapshot().state("light").status == "loading"
    assert not portfolio.snapshot().partial
    held.set()


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_list_without_count_and_links(of: Callable[..., Portfolio], goes_on: bool) -> None:
    """It is whole where its end is found; else nobody may say that the rest does not exist."""
    fake = Fake(40)
    fake.largest = 10
    pages = fake.offerings_page

    def bare(source: str, fields: Iterable[str], *, page: int, page_size: int) -> Page:
        answer = pages(source, fields, page=page if goes_on else 1, page_size=page_size)
        return Page(answer.items, None, None, linked=False)

    fake.offerings_page = bare  # type: ignore[method-assign]
    portfolio = of(fake)
    portfolio.want()
    found = when(portfolio, ended("light"))

    assert len(found.offerings) == (40 if goes_on else 10)
    assert found.state("light").ended is found.whole() is goes_on


def test_old_rows_stay_until_the_new_ones_come(of: Callable[..., Portfolio]) -> None:
    """A refresh takes nothing from the screen; afterwards every age is younger."""
    fake = Fake(3)
    portfolio = of(fake)
    portfolio.want("plans")
    before = when(portfolio, ended("light", "plans"))
    held = fake.hold("light")
    fake.rows[BOOKING_OFFERINGS].append(fake._row(9))
    fake.rows[BOOKING_OFFERINGS].pop(0)
    portfolio.refresh()
    during = portfolio.snapshot()

    assert set(during.loading) == {"light", "plans"}
    assert during.offerings == before.offerings
    assert during.state("light").as_of == before.state("light").as_of
    held.set()
    after = when(portfolio, ended("light", "plans"))
    assert [each.uuid for each in after.offerings] == [uuid(1), uuid(2), uuid(9)]
    assert all("plans" in each.model_fields_set for each in after.offerings)
    for group in ("light", "plans"):
        assert after.state(group).as_of > before.state(group).as_of  # type: ignore[operator]


def test_nothing_is_older_than_it_says(of: Callable[..., Portfolio], clock: Times) -> None:
    """A load is as of its first request: what changes while it goes on may be missing in it."""
    fake = Fake(1)
    held = {group: fake.hold(group) for group in ("light", "plans")}
    portfolio = of(fake)
    portfolio.want("plans")
    for group in ("light", "plans"):
        assert fake.reached[group].wait(SECONDS)
        meanwhile = clock()
        held[group].set()
        as_of = when(portfolio, ended(group)).state(group).as_of
        assert as_of is not None
        assert as_of < meanwhile


def test_a_single_offering_is_not_older_than_it_says(
    of: Callable[..., Portfolio], clock: Times
) -> None:
    """It is as of its request too."""
    fake = Fake(1)
    portfolio = of(fake)
    held = fake.hold("light")
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(portfolio.single, uuid(0))
        assert fake.reached["light"].wait(SECONDS)
        meanwhile = clock()
        held.set()

        assert reading.result(SECONDS).as_of < meanwhile


def test_heavy_fields_stay_while_they_are_read_again(of: Callable[..., Portfolio]) -> None:
    """The list is new, the plans are still the old ones, and none has vanished meanwhile."""
    fake = Fake(3)
    portfolio = of(fake)
    portfolio.want("plans")
    when(portfolio, ended("light", "plans"))
    held = fake.hold("plans")
    portfolio.refresh()
    during = when(portfolio, lambda s: s.state("light").status == "loaded")

    assert during.loading == ("plans",)
    assert all("plans" in each.model_fields_set for each in during.offerings)
    held.set()
    when(portfolio, ended("plans"))


@pytest.mark.parametrize("first_time", [True, False])
def test_a_calendar_that_was_put_outlives_older_pages(
    of: Callable[..., Portfolio], first_time: bool
) -> None:
    """The page was read before the calendar; the list must not go back when its walk ends."""
    fake = Fake(40)
    (second,) = hold_pages(fake, 2)
    portfolio = of(fake)
    portfolio.want()
    if not first_time:
        second.set()
        when(portfolio, ended("light"))
        (second,) = hold_pages(fake, 2)
        portfolio.refresh()
    assert fake.reached["page 2"].wait(SECONDS)
    portfolio.put_calendars({uuid(3): PUBLIC, uuid(39): PUBLIC})
    second.set()
    after = when(portfolio, ended("light"))

    assert calendar(after, 3) == calendar(after, 39) == PUBLIC
    assert calendar(after, 4) is None
    portfolio.refresh()
    assert calendar(when(portfolio, ended("light")), 3) is None


def test_a_calendar_that_was_put_shows_between_two_pages(of: Callable[..., Portfolio]) -> None:
    """A page that comes after it does not take it away from the rows that are shown early."""
    fake = Fake(40)
    second, third = hold_pages(fake, 2, 3)
    portfolio = of(fake)
    portfolio.want()
    assert fake.reached["page 2"].wait(SECONDS)
    portfolio.put_calendars({uuid(3): PUBLIC})
    second.set()
    assert fake.reached["page 3"].wait(SECONDS)
    portfolio.put_calendars({uuid(14): PUBLIC})
    early = portfolio.snapshot()

    assert early.state("light").status == "loading"
    assert calendar(early, 3) == calendar(early, 14) == PUBLIC
    third.set()
    when(portfolio, ended("light"))


def test_a_calendar_that_was_put_while_its_offering_was_read(of: Callable[..., Portfolio]) -> None:
    """It is newer than an answer on its way, and older than one that was asked for since."""
    fake = Fake(1)
    portfolio = of(fake)
    held = fake.hold("light")
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(portfolio.single, uuid(0))
        assert fake.reached["light"].wait(SECONDS)
        portfolio.put_calendars({uuid(0): PUBLIC})
        held.set()
        read = reading.result(SECONDS)

    assert read.offering.googlecalendar == PUBLIC
    assert portfolio.single(uuid(0)) is read
    portfolio.forget(uuid(0))
    assert portfolio.single(uuid(0)).offering.googlecalendar is None


def test_calendars_of_an_older_round_are_not_put(of: Callable[..., Portfolio]) -> None:
    """A Refresh that begins between a reading and its putting is newer than the reading."""
    portfolio = of(Fake(1))
    portfolio.want()
    when(portfolio, ended("light"))
    before = portfolio.round
    portfolio.refresh()
    portfolio.put_calendars({uuid(0): PUBLIC}, round_=before)

    assert calendar(when(portfolio, ended("light")), 0) is None


def test_what_an_older_round_brings_is_dropped() -> None:
    """Two refreshes: the slow answer to the first one does not overwrite the second."""
    fake = Fake(1)
    with ThreadPoolExecutor(2) as threads:
        portfolio = Portfolio(fake, STAFF, threads, now=Times())
        portfolio.want()
        when(portfolio, ended("light"))
        slow = fake.hold("light")
        portfolio.refresh()
        assert fake.reached["light"].wait(SECONDS)
        del fake.held["light"]
        fake.rows[BOOKING_OFFERINGS] = [fake._row(5), fake._row(6)]
        portfolio.refresh()
        new = when(portfolio, ended("light"))
        fake.rows[BOOKING_OFFERINGS] = []
        slow.set()

    assert len(new.offerings) == 2
    assert portfolio.snapshot() == new


@pytest.mark.parametrize("error", [ServerBroken(status=500), Forbidden(), KeyError("surprise")])
def test_a_failed_group_ends_alone_and_is_not_asked_again(
    of: Callable[..., Portfolio], error: Exception
) -> None:
    """Not even an error that nobody expected leaves it loading for ever."""
    fake = Fake(2)
    fake.failures["plans"] = error
    portfolio = of(fake)
    portfolio.want("plans", "partitions")
    snapshot = when(portfolio, ended("light", "plans", "partitions"))
    count = len(fake.asked)

    assert snapshot.state("plans").status == "failed"
    assert isinstance(snapshot.state("plans").error, WaldurError)
    assert "surprise" not in str(snapshot.state("plans").error)
    assert snapshot.state("partitions").status == "loaded"
    assert len(snapshot.offerings) == 2
    for _ in range(3):
        portfolio.want("plans", "partitions")
    assert len(fake.asked) == count
    fake.failures.clear()
    portfolio.refresh()
    assert when(portfolio, ended("light", "plans")).state("plans").error is None


def test_a_server_that_sends_every_field_is_asked_once(of: Callable[..., Portfolio]) -> None:
    """Groups that were wanted before the list came are there with it, and so are the others."""
    fake = Fake(2)
    fake.ignores_fields = True
    portfolio = of(fake)
    portfolio.want("plans", "partitions")
    snapshot = when(portfolio, ended("light", "plans", "partitions"))
    portfolio.want("texts", "software")

    assert fake.asked == [(BOOKING_OFFERINGS, "light")]
    assert all(snapshot.state(each).status == "loaded" for each in GROUPS)
    assert snapshot.loading == ()


def test_a_refresh_of_groups_reads_them_anew(of: Callable[..., Portfolio]) -> None:
    """Fields that are only kept from before do not count as sent."""
    fake = Fake(2)
    portfolio = of(fake)
    portfolio.want("plans")
    when(portfolio, ended("light", "plans"))
    fake.asked.clear()
    portfolio.refresh()
    when(portfolio, ended("light", "plans"))

    assert fake.asked == [(BOOKING_OFFERINGS, "light"), (BOOKING_OFFERINGS, "plans")]


def test_a_row_that_the_pages_lose_is_asked_for_by_itself(of: Callable[..., Portfolio]) -> None:
    """Its group still joins it; there is nothing to complain about."""
    fake = Fake(4)
    fake.hidden = {uuid(2)}
    portfolio = of(fake)
    portfolio.want("plans")
    snapshot = when(portfolio, ended("light", "plans"))

    assert snapshot.state("plans").unreadable == ()
    assert all("plans" in each.model_fields_set for each in snapshot.offerings)


def test_very_many_lost_rows_are_named_not_fetched(of: Callable[..., Portfolio]) -> None:
    """A server that loses everything is not asked for each offering by itself."""
    count = MOST_SINGLE_READS + 5
    fake = Fake(count)
    fake.hidden = {uuid(number) for number in range(count)}
    portfolio = of(fake)
    portfolio.want("plans")
    unreadable = when(portfolio, ended("light", "plans")).state("plans").unreadable

    assert len(unreadable) == 5
    assert all(bad.name and bad.reason for bad in unreadable)


def test_an_item_that_cannot_be_read_costs_itself(of: Callable[..., Portfolio]) -> None:
    """It is listed with its name and what is wrong; the others are there."""
    fake = Fake(3)
    fake.rows[BOOKING_OFFERINGS][1] |= {"latitude": "not a number"}
    fake.rows[BOOKING_OFFERINGS].append({"uuid": "odd", "name": "No identifier"})
    portfolio = of(fake)
    portfolio.want()
    snapshot = when(portfolio, ended("light"))
    bad = {each.name: each.reason for each in snapshot.state("light").unreadable}

    assert [each.uuid for each in snapshot.offerings] == [uuid(0), uuid(2)]
    assert set(bad) == {"Offering 1", "No identifier"}
    assert "latitude" in bad["Offering 1"]
    assert "not a number" not in bad["Offering 1"]


def test_rows_of_both_endpoints_are_told_apart(of: Callable[..., Portfolio]) -> None:
    """What a person owns they may act on; what only the other endpoint shows they may read."""
    fake = Fake(2)
    fake.rows[PROVIDER_OFFERINGS] = [fake._row(1), fake._row(7)]
    portfolio = of(fake, MANAGER)
    portfolio.want("plans")
    snapshot = when(portfolio, ended("light", "plans"))

    assert [each.uuid for each in snapshot.offerings] == [uuid(0), uuid(1), uuid(7)]
    assert snapshot.read_only == {uuid(7)}
    assert all("plans" in each.model_fields_set for each in snapshot.offerings)


@pytest.mark.parametrize("error", [Forbidden(), Gone()])
def test_an_endpoint_that_is_closed_to_a_person_is_no_failure(
    of: Callable[..., Portfolio], error: WaldurError
) -> None:
    """The offerings they own are there all the same."""
    fake = Fake(2)
    pages = fake.offerings_page

    def closed(source: str, fields: Iterable[str], *, page: int, page_size: int) -> Page:
        if source == PROVIDER_OFFERINGS:
            raise error
        return pages(source, fields, page=page, page_size=page_size)

    fake.offerings_page = closed  # type: ignore[method-assign]
    portfolio = of(fake, MANAGER)
    portfolio.want()
    snapshot = when(portfolio, ended("light"))

    assert snapshot.state("light").error is None
    assert len(snapshot.offerings) == 2


def test_versions_tell_whether_rows_changed(of: Callable[..., Portfolio]) -> None:
    """Progress alone leaves the version by which screens keep what they worked out."""
    fake = Fake(2)
    portfolio = of(fake)
    portfolio.want()
    loaded = when(portfolio, ended("light"))
    held = fake.hold("plans")
    portfolio.want("plans")
    asked = portfolio.snapshot()

    assert asked.version > loaded.version
    assert asked.rows_version == loaded.rows_version
    held.set()
    assert when(portfolio, ended("plans")).rows_version > loaded.rows_version
