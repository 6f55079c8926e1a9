"""Calendar actions: the order of refusals, the time line of jobs, and what stays invisible."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from demo.calendars import SHARE, SYNC, UNSHARE, Calendar, Worker, refusal
from demo.server import RunningDemo

NO_CREDENTIALS = ["Google credentials do not exist."]
BUSY = ["The calendar cannot be updated."]
PUBLIC = ["The calendar is public already."]
PRIVATE = ["The calendar is private already."]
MISSING = ["The calendar does not exist."]
EMPTY_CALENDAR = {"backend_id": None, "public": False, "http_link": None}
ACCEPTED = None


def post(client: httpx.Client, server: RunningDemo, role: str, action: str) -> httpx.Response:
    return client.post(f"/api/booking-offerings/{server.world.notable[role]}/{action}/")


def calendar_of(client: httpx.Client, server: RunningDemo, role: str) -> dict[str, Any] | None:
    path = f"/api/booking-offerings/{server.world.notable[role]}/"
    calendar: dict[str, Any] | None = client.get(path, params={"field": "googlecalendar"}).json()[
        "googlecalendar"
    ]
    return calendar


@pytest.mark.parametrize(
    ("role", "sync", "share", "unshare"),
    [
        ("private", ACCEPTED, ACCEPTED, PRIVATE),
        ("public", ACCEPTED, PUBLIC, ACCEPTED),
        ("none", ACCEPTED, ACCEPTED, MISSING),
        ("without_id", ACCEPTED, ACCEPTED, PRIVATE),
        ("erred", ACCEPTED, ACCEPTED, PRIVATE),
        ("stuck", BUSY, BUSY, BUSY),
        ("no_credentials", NO_CREDENTIALS, NO_CREDENTIALS, NO_CREDENTIALS),
        ("no_credentials_public", NO_CREDENTIALS, NO_CREDENTIALS, NO_CREDENTIALS),
        ("empty_refresh_token", NO_CREDENTIALS, NO_CREDENTIALS, NO_CREDENTIALS),
        ("no_customer", NO_CREDENTIALS, NO_CREDENTIALS, NO_CREDENTIALS),
        ("draft", ACCEPTED, ACCEPTED, PRIVATE),
        ("archived", ACCEPTED, ACCEPTED, MISSING),
    ],
)
def test_answers(start, client_of, clock, role, sync, share, unshare):
    """Each state of a calendar accepts or refuses each action in the server's words."""
    server = start()
    client = client_of(server)
    for action, refused in ((UNSHARE, unshare), (SHARE, share), (SYNC, sync)):
        response = post(client, server, role, action)
        if refused is ACCEPTED:
            assert (response.status_code, response.content) == (202, b'"OK"')
            # Put the row back, so that the next action meets the same state.
            clock.advance(10)
            _restore(server, role)
        else:
            assert (400, refused) == (response.status_code, response.json())


def _restore(server: RunningDemo, role: str) -> None:
    offering = server.world.offerings[server.world.notable[role]]
    kinds = {"public": Calendar("x", public=True), "private": Calendar("x")}
    kinds |= {"draft": Calendar("x"), "without_id": Calendar(), "erred": Calendar(state="ERRED")}
    offering.calendar = kinds.get(role)


@pytest.mark.parametrize(
    ("username", "role", "status"),
    [
        ("owner", "private", 202),
        ("owner", "not_owned", 404),
        ("manager", "private", 404),
        ("nobody", "private", 404),
        (None, "private", 401),
    ],
)
def test_who_may_act(start, client_of, username, role, status):
    """An owner acts on their own offerings; for others they do not exist."""
    server = start()
    response = post(client_of(server, username), server, role, SYNC)

    assert status == response.status_code
    if status == 404:
        assert response.json() == {"detail": "No Offering matches the given query."}


def test_body_is_not_looked_at(start, client_of):
    """An action takes any body of any type."""
    server = start()
    path = f"/api/booking-offerings/{server.world.notable['private']}/{SYNC}/"
    response = client_of(server).post(path, content=b"x", headers={"Content-Type": "text/plain"})

    assert response.status_code == 202


def test_share(start, client_of, clock):
    """A share is queued for two seconds, takes one, and flips `public` at its end."""
    server = start()
    client = client_of(server)
    post(client, server, "private", SHARE)
    assert post(client, server, "private", UNSHARE).json() == BUSY

    clock.advance(2.5)
    assert post(client, server, "private", SYNC).json() == BUSY
    before = calendar_of(client, server, "private")
    assert before
    assert before["public"] is False

    clock.advance(0.6)
    after = calendar_of(client, server, "private")
    assert after
    identifier = after["backend_id"].replace("@", "%40")
    assert after["public"] is True
    assert f"https://calendar.google.com/calendar/embed?src={identifier}" == after["http_link"]
    assert post(client, server, "private", SHARE).json() == PUBLIC


def test_unshare(start, client_of, clock):
    """An unshare takes the link away."""
    server = start()
    client = client_of(server)
    post(client, server, "public", UNSHARE)
    clock.advance(3.1)
    after = calendar_of(client, server, "public")

    assert after
    assert (after["public"], after["http_link"]) == (False, None)


def test_creation(start, client_of, clock):
    """A first sync makes the row at once, its identifier a second after the start."""
    server = start()
    client = client_of(server)
    assert calendar_of(client, server, "none") is None

    post(client, server, "none", SYNC)
    assert calendar_of(client, server, "none") == EMPTY_CALENDAR

    clock.advance(2.9)
    assert calendar_of(client, server, "none") == EMPTY_CALENDAR

    clock.advance(0.2)
    created = calendar_of(client, server, "none")
    assert created
    assert created["backend_id"].endswith("@group.calendar.google.com")
    assert post(client, server, "none", SYNC).json() == BUSY

    clock.advance(1)
    assert post(client, server, "none", SYNC).status_code == 202


def test_share_creates(start, client_of, clock):
    """A share without a calendar makes one and publishes it."""
    server = start()
    client = client_of(server)
    post(client, server, "none", SHARE)
    clock.advance(4.1)
    calendar = calendar_of(client, server, "none")

    assert calendar
    assert calendar["public"] is True
    assert calendar["backend_id"]


@pytest.mark.parametrize(
    ("role", "action"),
    [("failing", SHARE), ("failing", SYNC), ("failing_public", UNSHARE), ("failing_new", SYNC)],
)
def test_failure_is_invisible(start, client_of, clock, role, action):
    """A job that fails changes nothing that can be seen, and a retry is accepted."""
    server = start()
    client = client_of(server)
    before = calendar_of(client, server, role) or EMPTY_CALENDAR
    for _ in range(2):
        assert post(client, server, role, action).status_code == 202
        clock.advance(60)
        assert before == calendar_of(client, server, role)

    row = server.world.offerings[server.world.notable[role]].calendar
    assert row
    assert row.state == "ERRED"


def test_public_without_id(shared_demo, staff):
    """A public row without identifier links to None, as the real server writes it."""
    calendar = calendar_of(staff, shared_demo, "public_without_id")

    assert calendar
    assert calendar["http_link"] == "https://calendar.google.com/calendar/embed?src=None"


def test_parallel_posts(start, client_of):
    """Of three actions at once one is accepted and two find the calendar busy."""
    server = start()
    client = client_of(server)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: post(client, server, "private", SYNC), range(3)))

    assert sorted(answer.status_code for answer in answers) == [202, 400, 400]


def test_sync_replaces_busy_times(start, client_of, clock):
    """After a sync the busy times are those that Google returns."""
    server = start()
    client = client_of(server)
    role = next(
        role
        for role, uuid in server.world.notable.items()
        if role.startswith(("private", "tied"))
        and (offering := server.world.offerings[uuid]).provider.can_reach_google
        and offering.state == "Active"
        and offering.calendar
        and offering.calendar.busy_slots
    )
    path = f"/api/marketplace-bookings/{server.world.notable[role]}/"
    names = [row["created_by_full_name"] for row in client.get(path).json()]
    assert "google calendar" in names

    post(client, server, role, SYNC)
    clock.advance(5)
    names = [row["created_by_full_name"] for row in client.get(path).json()]
    assert "google calendar" not in names


def test_order_of_refusals():
    """Credentials come before busy, busy before public and private."""
    busy_public = Calendar("x", public=True, state="UPDATING")

    assert NO_CREDENTIALS[0] == refusal(busy_public, SHARE, can_reach_google=False)
    assert BUSY[0] == refusal(busy_public, SHARE, can_reach_google=True)
    assert NO_CREDENTIALS[0] == refusal(None, UNSHARE, can_reach_google=False)


@pytest.mark.parametrize(
    ("fails", "moments"),
    [
        (False, [(0.0, "CREATION_SCHEDULED"), (2.0, "CREATING"), (3.9, "CREATING"), (4.0, "OK")]),
        (True, [(1.9, "CREATION_SCHEDULED"), (2.0, "CREATING"), (3.0, "ERRED")]),
    ],
)
def test_states_of_a_job(fails, moments):
    """The row passes through the states of the server's database."""
    now = 100.0
    row = Worker(lambda: now).start(None, SYNC, new_backend_id="new", fails=fails)
    for passed, state in moments:
        row.settle(now + passed)

        assert state == row.state


def test_times_are_options(start, client_of, clock):
    """Queueing and work can be made short for tests that cannot move a clock."""
    server = start(queueing=0.01, working=0.01)
    client = client_of(server)
    post(client, server, "private", SHARE)
    clock.advance(0.03)
    calendar = calendar_of(client, server, "private")

    assert calendar
    assert calendar["public"] is True
