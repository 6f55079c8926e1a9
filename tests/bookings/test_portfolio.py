"""What a person has loaded: group by group, honestly, and only theirs."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bookings.portfolio import Portfolio, Snapshot
from bookings.waldur.client import WaldurClient
from bookings.waldur.errors import ServerBroken, SignedOut
from bookings.waldur.models import GoogleCalendar
from demo.faults import Fault
from demo.people import TOKENS
from demo.server import RunningDemo, running

SECONDS = 20.0


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Few threads, so that one that waited for another would show."""
    with ThreadPoolExecutor(2) as threads:
        yield threads


def of(demo: RunningDemo, person: str, pool: ThreadPoolExecutor) -> Portfolio:
    """The empty portfolio of a person."""
    client = WaldurClient(demo.url, TOKENS[person], sleep=lambda _: None)
    return Portfolio(client, client.me(), pool)


def loaded(portfolio: Portfolio, *groups: str) -> Snapshot:
    """The snapshot when these groups have ended, well or not."""
    portfolio.want(*groups)
    wanted = ("light", *groups)
    snapshot = portfolio.wait(
        lambda s: all(s.state(each).status in {"loaded", "failed"} for each in wanted), SECONDS
    )

    assert not snapshot.loading
    return snapshot


def test_the_light_group_comes_first_and_alone(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """What was not wanted is not asked for, and rows have no field of it."""
    snapshot = loaded(of(demo, "staff", pool))

    assert len(snapshot.offerings) == 100
    assert all("plans" not in each.model_fields_set for each in snapshot.offerings)
    assert snapshot.state("plans").status == "absent"
    assert snapshot.state("light").as_of is not None


def test_groups_join_the_rows(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """Each group fills the same offerings, whichever comes first."""
    snapshot = loaded(of(demo, "staff", pool), "plans", "partitions", "texts")

    assert all({"plans", "partitions"} <= each.model_fields_set for each in snapshot.offerings)
    assert any(each.partitions for each in snapshot.offerings)


def test_a_list_is_never_asked_for_schedules_or_secrets(
    demo: RunningDemo, pool: ThreadPoolExecutor
) -> None:
    """Neither the field that can break a page nor the one that holds credentials."""
    loaded(of(demo, "owner", pool), "plans", "partitions", "software", "texts", "access")

    asked = [str(each.query) for each in demo.requests]
    assert asked
    assert not [query for query in asked if "attributes" in query or "secret" in query]


def test_a_manager_reads_what_the_provider_endpoint_shows(
    demo: RunningDemo, pool: ThreadPoolExecutor
) -> None:
    """Rows of the other endpoint are read-only, with their groups and without secrets."""
    snapshot = loaded(of(demo, "manager", pool), "plans")

    assert snapshot.offerings
    assert snapshot.read_only == {each.uuid for each in snapshot.offerings}
    assert any(each.plans for each in snapshot.offerings)
    assert not [each for each in snapshot.offerings if "secret_options" in (each.model_extra or {})]


def test_nobody_has_an_empty_list_that_is_loaded(
    demo: RunningDemo, pool: ThreadPoolExecutor
) -> None:
    """Nothing to see is an answer, not a failure."""
    snapshot = loaded(of(demo, "nobody", pool), "plans")

    assert snapshot.offerings == ()
    assert snapshot.state("light").status == "loaded"


def test_a_failed_list_is_no_empty_list(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """The error is kept, other groups end with it, and wanting again does not ask again."""
    portfolio = of(demo, "staff", pool)
    demo.faults.add(Fault(action="html", method="GET", path="/api/booking-offerings/", times=99))
    snapshot = loaded(portfolio, "plans")

    assert isinstance(snapshot.state("light").error, ServerBroken)
    assert snapshot.state("plans").status == "failed"
    before = len(demo.requests)
    loaded(portfolio, "plans")
    assert len(demo.requests) == before


def test_refresh_after_a_failure_loads(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """A person who presses Refresh gets the list once the server is well."""
    portfolio = of(demo, "staff", pool)
    demo.faults.add(Fault(action="html", method="GET", path="/api/booking-offerings/", times=99))
    loaded(portfolio, "plans")
    demo.faults.clear()
    portfolio.refresh()
    snapshot = loaded(portfolio, "plans")

    assert len(snapshot.offerings) == 100
    assert snapshot.state("plans").error is None


def test_a_refresh_that_fails_keeps_the_old_rows(
    demo: RunningDemo, pool: ThreadPoolExecutor
) -> None:
    """Old rows stay with their age and an error beside them."""
    portfolio = of(demo, "staff", pool)
    first = loaded(portfolio)
    demo.faults.add(Fault(action="html", method="GET", path="/api/booking-offerings/", times=99))
    portfolio.refresh()
    second = loaded(portfolio)

    assert second.state("light").status == "failed"
    assert len(second.offerings) == len(first.offerings)
    assert second.state("light").as_of == first.state("light").as_of


def test_one_failed_group_leaves_the_others(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """Plans that cannot be read cost the plans only."""
    portfolio = of(demo, "staff", pool)
    loaded(portfolio)
    demo.faults.add(Fault(action="status", status=403, method="GET", path=".*", times=1))
    failed = loaded(portfolio, "plans")
    both = loaded(portfolio, "partitions")

    assert failed.state("plans").status == "failed"
    assert both.state("partitions").status == "loaded"
    assert len(both.offerings) == 100


def test_a_refused_token_signs_out(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """The portfolio says so, loads no more, and a single offering raises it too."""
    with running(offerings=30, login=0) as other:
        portfolio = of(other, "staff", pool)
        snapshot = loaded(portfolio)
        other.world.revoke("staff")
        with pytest.raises(SignedOut):
            portfolio.single(snapshot.offerings[0].uuid)

        assert portfolio.signed_out
        before = len(other.requests)
        portfolio.refresh()
        portfolio.want("plans")
        assert len(other.requests) == before


def test_many_portfolios_on_one_thread_all_end(demo: RunningDemo) -> None:
    """No group holds the thread that its list would need."""
    with ThreadPoolExecutor(1) as single:
        portfolios = [of(demo, "owner", single) for _ in range(5)]
        for each in portfolios:
            each.want("plans", "partitions")

        assert all(loaded(each, "plans", "partitions").offerings for each in portfolios)


def test_people_share_nothing(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """Two portfolios on the same threads hold what each person may see."""
    staff, owner = of(demo, "staff", pool), of(demo, "owner", pool)
    staff.want("plans")
    owner.want("plans")

    assert len(loaded(staff, "plans").offerings) == 100
    assert 0 < len(loaded(owner, "plans").offerings) < 100


def test_rows_lost_in_paging_are_found(pool: ThreadPoolExecutor) -> None:
    """Equal names change places between pages; the count tells, and more walks find them."""
    with running(offerings=700, login=0) as large:
        snapshot = loaded(of(large, "staff", pool), "partitions")

    assert len({each.uuid for each in snapshot.offerings}) == 700
    assert all("partitions" in each.model_fields_set for each in snapshot.offerings)


def test_a_single_offering_has_every_field(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """It is read once and kept until Refresh."""
    portfolio = of(demo, "staff", pool)
    uuid = demo.world.notable["rich"]
    first = portfolio.single(uuid)
    count = len(demo.requests)

    assert portfolio.single(uuid) is first
    assert len(demo.requests) == count
    assert first.offering.attributes is not None
    portfolio.refresh()
    assert portfolio.single(uuid) is not first


@pytest.mark.parametrize("kind", ["poisonous", "poisonous_null"])
def test_a_broken_schedule_costs_only_itself(
    demo: RunningDemo, pool: ThreadPoolExecutor, kind: str
) -> None:
    """The server fails on the whole item; everything but the schedules is read all the same."""
    single = of(demo, "staff", pool).single(demo.world.notable[kind])

    assert single.broken_fields == ("attributes",)
    assert single.offering.name
    assert "plans" in single.offering.model_fields_set


def test_a_manager_reads_one_offering_without_its_secrets(
    demo: RunningDemo, pool: ThreadPoolExecutor
) -> None:
    """Even before the list has come the right endpoint is found."""
    portfolio = of(demo, "manager", pool)
    uuid = loaded(portfolio).offerings[0].uuid
    single = of(demo, "manager", pool).single(uuid)

    assert single.read_only
    assert "secret_options" not in (single.offering.model_extra or {})
    assert not [each for each in demo.requests if "secret" in str(each.query)]


def test_a_calendar_that_was_read_shows_everywhere(
    demo: RunningDemo, pool: ThreadPoolExecutor
) -> None:
    """In the list and in the single offering, with a new version for what is worked out."""
    portfolio = of(demo, "staff", pool)
    before = loaded(portfolio)
    uuid = demo.world.notable["none"]
    portfolio.single(uuid)
    new = GoogleCalendar(backend_id="x", public=True, http_link=None)
    portfolio.put_calendars({uuid: new})
    after = portfolio.snapshot()

    found = after.find(uuid)
    assert found is not None
    assert found.googlecalendar == new
    assert portfolio.single(uuid).offering.googlecalendar == new
    assert after.rows_version > before.rows_version


def test_stopping_loads_no_more(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """After the end of a sign-in nothing is asked of the server."""
    portfolio = of(demo, "staff", pool)
    portfolio.stop()
    before = len(demo.requests)
    portfolio.want("plans")
    portfolio.refresh()

    assert len(demo.requests) == before
    assert portfolio.snapshot() == Snapshot()


def test_waiting_ends_with_its_time(demo: RunningDemo, pool: ThreadPoolExecutor) -> None:
    """Whoever waits for what does not come gets what is there."""
    reached = threading.Event()

    def never(_: Snapshot) -> bool:
        reached.set()
        return False

    assert of(demo, "staff", pool).wait(never, 0.01).offerings == ()
    assert reached.is_set()
