"""Requests that wait for an answer: accepted or rejected once, asked about before."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bookings.calendars.actions import Outcome
from bookings.calendars.decisions import WAITING_STATE, Decision
from bookings.calendars.journal import Entry
from bookings.desk import Desk
from bookings.waldur.client import WaldurClient
from bookings.waldur.models import Booking, Slot
from components import booking_desk, session
from demo.faults import Fault
from demo.people import TOKENS
from demo.server import RunningDemo
from tests.pages.screens import plain, press, tick, words

OpenApp = Callable[..., AppTest]
SECONDS = 30.0


@pytest.fixture(autouse=True)
def as_before(demo: RunningDemo) -> Iterator[None]:
    """Leaves the bookings to other tests as they were."""
    states = {key: each.item["state"] for key, each in demo.world.reservations.items()}
    yield
    for key, state in states.items():
        demo.world.reservations[key].item["state"] = state


def waiting(demo: RunningDemo) -> list[dict[str, Any]]:
    """The bookings that wait at the server, in the order of the page."""
    found = [
        each for each in demo.world.reservations.values() if each.item["state"] == WAITING_STATE
    ]
    now = datetime.now(UTC)
    return [each.item for each in sorted(found, key=lambda each: (each.end < now, each.start))]


def decide(at: AppTest, desk: Desk, uuid: str, decision: Decision) -> AppTest:
    """Presses the button of a request and the one of the question, and waits for the end."""
    while more := [b for b in at.button if b.key == "requests.more.above"]:
        more[0].click().run()
    next(b for b in at.button if str(b.key).startswith(f"request.{uuid}.{decision}.")).click().run()
    next(b for b in at.button if str(b.key).startswith(f"request.{uuid}.sure.")).click().run()

    assert not at.exception
    assert desk.runner.drain(SECONDS)
    at.run()
    assert not at.exception
    return at


def posts(demo: RunningDemo) -> list[str]:
    """What was sent."""
    return [each.path for each in demo.requests if each.method == "POST"]


def test_an_accepted_request_is_sent_once_and_confirmed(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """The server has it as OK, the record names who accepted, and the page says Confirmed."""
    item = waiting(demo)[0]
    at = decide(app("/bookings"), desk, item["uuid"], Decision.ACCEPT)

    assert posts(demo) == [f"/api/booking-resources/{item['uuid']}/accept/"]
    assert item["state"] == "OK"
    assert "Confirmed" in words(at)
    entry = desk.journal.latest(desk.servers[0], item["offering_uuid"], item["uuid"])
    assert entry is not None
    assert (entry.action, entry.outcome) == (Decision.ACCEPT, "Confirmed")
    assert entry.booking_name == item["name"]


def test_three_stand_on_the_list_and_the_others_behind_a_button(
    app: OpenApp, demo: RunningDemo
) -> None:
    """On other tabs the next one does, so that the tab stays on the screen."""

    def shown(at: AppTest) -> list[str]:
        keys = [str(each.key).split(".") for each in at.button]
        return [key[1] for key in keys if key[0] == "request" and key[2] == "accept"]

    uuids = [item["uuid"] for item in waiting(demo)]
    at = app("/bookings")
    assert shown(at) == uuids[:3]
    at = app("/bookings", query={"tab": "Calendar"})
    assert shown(at) == uuids[:1]

    for number in range(1, len(uuids) // 5 + 2):
        at.button(key="requests.more.above").click().run()
        assert not at.exception
        assert shown(at) == uuids[: 1 + 5 * number]
    assert not [each for each in at.button if each.label.startswith("Show more")]
    assert shown(press(at, "Show fewer")) == uuids[:1]


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> Booking:
    """The only request, at the same time as another booking."""
    begin = datetime.now(UTC) + timedelta(days=2)
    slot = Slot(start=begin, end=begin + timedelta(hours=2))
    mine, other = (
        Booking(
            uuid=letter * 32, name=f"Booking {letter}", state=state, slots=(slot,),
            offering_uuid="0" * 32, offering_name="Sauna",
        )
        for letter, state in (("a", "Creating"), ("b", "OK"))
    )  # fmt: skip
    monkeypatch.setattr(WaldurClient, "bookings", lambda *_: ([mine, other], []))
    return mine


def ask(at: AppTest, decision: Decision) -> AppTest:
    """Presses the first button of the first request."""
    next(b for b in at.button if f".{decision}." in str(b.key)).click().run()

    assert not at.exception
    return at


def test_the_question_names_the_conflicts(app: OpenApp, crowded: Booking) -> None:
    """They are warned of on the card and asked about again, with what was not compared."""
    at = app("/bookings")
    overlap = f"{crowded.name} and Booking b overlap"
    assert [overlap in each.value.replace("\\", "") for each in at.warning] == [True]

    ask(at, Decision.ACCEPT)
    assert [overlap in each.value.replace("\\", "") for each in at.warning] == [True, True]
    assert "Google's busy times and availability are switched off." in words(at)


def test_the_question_says_what_is_not_known(app: OpenApp, crowded: Booking) -> None:
    """An offering that the server does not tell of was not compared with its busy times."""
    at = app("/bookings", query={"busy": "yes"})
    who = session.current()
    assert who is not None
    assert booking_desk.reader(who).wait(SECONDS).done
    at.run()

    assert "not known: Google's busy times and availability." in words(ask(at, Decision.ACCEPT))


def test_a_request_without_times_says_so(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing line could be overlooked."""
    bare = Booking(uuid="a" * 32, name="Bare", state="Creating")
    monkeypatch.setattr(WaldurClient, "bookings", lambda *_: ([bare], []))

    assert "No time is given." in words(app("/bookings"))


def test_staff_can_reject(app: OpenApp, desk: Desk, demo: RunningDemo) -> None:
    """The booking ends."""
    item = waiting(demo)[0]
    decide(app("/bookings"), desk, item["uuid"], Decision.REJECT)

    assert item["state"] == "Terminated"


def test_asking_is_not_sending(app: OpenApp, demo: RunningDemo) -> None:
    """The first button only asks; Cancel leaves it at that."""
    item = waiting(demo)[0]
    at = app("/bookings")
    key = f"request.{item['uuid']}.accept."
    next(b for b in at.button if str(b.key).startswith(key)).click().run()

    assert "The booking becomes firm." in words(at)
    at.run()
    assert "The booking becomes firm." in words(at)  # another request may have the page redrawn
    press(at, "Cancel")
    assert "The booking becomes firm." not in words(at)
    assert posts(demo) == []
    assert item["state"] == WAITING_STATE


def test_an_owner_is_told_that_rejecting_will_probably_be_refused(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """It is a judgement: the server decides, and its refusal is explained."""
    at = app("/bookings", "owner")
    button = next(each for each in at.button if each.label == "Reject booking")

    assert "staff, the person who booked" in button.help
    assert not button.disabled
    uuid = str(button.key).split(".")[1]
    at = decide(at, desk, uuid, Decision.REJECT)
    assert "Your role may not decide this booking." in words(at)
    assert demo.world.reservations[uuid].item["state"] == WAITING_STATE


def test_what_was_decided_elsewhere_leaves_the_requests(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """A decision that ended after the list was read has the list read again."""
    item = waiting(demo)[0]
    at = app("/bookings")
    who = session.current()
    assert who is not None
    booking = who.client.booking(item["uuid"])
    desk.runner.decide(who.client, booking, Decision.ACCEPT, who.person, seen=0)
    assert desk.runner.drain(SECONDS)
    at.run()

    assert not at.exception
    assert not [b for b in at.button if str(b.key).startswith(f"request.{item['uuid']}")]


def test_what_somebody_else_decided_is_explained(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """A 409 is told with the server's words and a next step."""
    item = waiting(demo)[0]
    at = app("/bookings")
    item["state"] = "OK"
    at = decide(at, desk, item["uuid"], Decision.ACCEPT)

    assert "Refused" in words(at)
    assert "Valid states for operation: Creating." in words(at)
    assert "somebody else decided, or it was withdrawn" in words(at)


def colleague(desk: Desk, item: dict[str, Any], decision: Decision) -> None:
    """The owner decides, in a browser of their own."""
    client = desk.client(desk.servers[0], TOKENS["owner"])
    booking = client.booking(item["uuid"])
    desk.runner.decide(client, booking, decision, client.me(), seen=0)
    assert desk.runner.drain(SECONDS)
    client.close()


@pytest.mark.parametrize("late", ["at the question", "at the button"])
def test_what_was_not_sent_stays_told(
    app: OpenApp, desk: Desk, demo: RunningDemo, late: str
) -> None:
    """A colleague's decision came first: it is theirs, until the person closes it."""
    item = waiting(demo)[0]
    at = app("/bookings")
    button = next(b for b in at.button if str(b.key).startswith(f"request.{item['uuid']}.reject."))
    if late == "at the question":
        button.click().run()
        button = next(b for b in at.button if ".sure." in str(b.key))
    colleague(desk, item, Decision.ACCEPT)
    button.click().run()
    for _ in range(3):
        assert not at.exception
        assert "Your “Reject booking” was not sent: “Accept booking” of owner came first." in words(
            at
        )
        assert "Confirmed" in words(at)
        assert "not by you" not in words(at)  # once is enough
        at.run()

    assert posts(demo) == [f"/api/booking-resources/{item['uuid']}/accept/"]
    at = press(at, "Close what was decided")
    assert "was not sent" not in words(at)
    assert "Accept booking**" not in words(at)


def test_what_somebody_else_decided_after_a_refusal_is_theirs(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """The box of one's own decision does not pass a colleague's off as that."""
    item = waiting(demo)[0]
    demo.faults.replace([Fault("status", path=r"/reject/$", method="POST", status=403)])
    at = decide(app("/bookings"), desk, item["uuid"], Decision.REJECT)
    assert "not by you" not in words(at)
    client = desk.client(desk.servers[0], TOKENS["owner"])
    booking = client.booking(item["uuid"])
    desk.runner.settle = timedelta(0)
    desk.runner.decide(client, booking, Decision.ACCEPT, client.me(), seen=1)
    assert desk.runner.drain(SECONDS)
    at.run()

    assert "What follows was asked for by owner, not by you." in words(at)


def test_a_request_that_still_waits_tells_what_was_not_sent(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """A colleague's try was refused: one may press again, and the note goes with that."""
    item = waiting(demo)[0]
    at = app("/bookings")
    demo.faults.replace([Fault("status", path=r"/accept/$", method="POST", status=403)])
    button = next(b for b in at.button if str(b.key).startswith(f"request.{item['uuid']}.accept."))
    colleague(desk, item, Decision.ACCEPT)
    button.click().run()
    at.run()
    assert "Your “Accept booking” was not sent" in words(at)
    assert "press again if you still want to." in words(at)

    desk.runner.settle = timedelta(0)
    at = decide(at, desk, item["uuid"], Decision.ACCEPT)
    assert "was not sent" not in words(at)
    assert item["state"] == "OK"


def test_a_forbidden_decision_is_explained(app: OpenApp, desk: Desk, demo: RunningDemo) -> None:
    """A 403 says whose decision it is."""
    item = waiting(demo)[0]
    demo.faults.replace(
        [Fault("status", path=r"/accept/$", method="POST", status=403, body={"detail": "No."})]
    )
    at = decide(app("/bookings"), desk, item["uuid"], Decision.ACCEPT)

    assert "Your role may not decide this booking." in words(at)
    assert item["state"] == WAITING_STATE


def test_a_lost_answer_is_looked_up_and_not_repeated(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """The booking was accepted although the connection broke: that is what is told."""
    item = waiting(demo)[0]
    demo.faults.replace([Fault("lost", path=r"/accept/$", method="POST")])
    at = decide(app("/bookings"), desk, item["uuid"], Decision.ACCEPT)

    assert len(posts(demo)) == 1
    assert "The change is there all the same." in words(at)


def leave_unknown(desk: Desk, item: dict[str, Any]) -> Entry:
    """A decision of the person who is signed in, whose answer was lost."""
    who = session.current()
    assert who is not None
    entry = desk.journal.begin(
        server=desk.servers[0], offering_uuid=item["offering_uuid"], offering_name="Any",
        action=Decision.ACCEPT, person_uuid=who.person.uuid, person_name="staff", seen=0,
        before=None, before_known=False, booking_uuid=item["uuid"], booking_name=item["name"],
    )  # fmt: skip
    return desk.journal.note(entry, Outcome.UNKNOWN, open=False)


def test_a_lost_decision_can_be_looked_at_again(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """That nothing has changed is said; a booking that was accepted leaves the requests."""
    item = waiting(demo)[0]
    at = app("/bookings")
    entry = leave_unknown(desk, item)
    at = press(at.run(), "Look again")
    assert "no change. The booking's state is Creating." in words(at)

    item["state"] = "OK"
    at = press(at, "Look again")
    assert not [b for b in at.button if str(b.key).startswith(f"request.{item['uuid']}")]
    ended = desk.journal.latest(desk.servers[0], entry.offering_uuid, entry.booking_uuid)
    assert ended is not None
    assert ended.outcome is Outcome.CONFIRMED
    assert posts(demo) == []


def test_a_lost_decision_can_be_looked_at_again_in_the_activity(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """The opened action tells what the booking shows now, and whose work that may be."""
    item = waiting(demo)[0]
    at = app("/activity")
    leave_unknown(desk, item)
    at = tick(at.run(), "activity.", 0)
    item["state"] = "OK"
    at = press(at, "Look again")

    assert "The booking's state is OK. Whether by this decision is not known." in words(at)
    assert "Look again" not in {each.label for each in at.button}


def test_a_moment_says_itself_in_utc_when_it_is_pointed_at(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """Beside what is drawn in the person's own time."""
    at = app("/bookings")
    entry = leave_unknown(desk, waiting(demo)[0])
    at.run()

    drawn = next(each for each in at.markdown if "**Accept booking**" in each.value)
    assert plain(drawn.help) == f"{entry.created:%Y-%m-%dT%H:%M:%S}Z"


def test_a_decision_stands_in_the_activity(app: OpenApp, desk: Desk, demo: RunningDemo) -> None:
    """Like every action."""
    item = waiting(demo)[0]
    decide(app("/bookings"), desk, item["uuid"], Decision.ACCEPT)
    table = app("/activity").dataframe[0].value

    assert "Accept booking" in table["action"].tolist()


def test_the_page_of_the_offering_knows_of_a_decision(
    app: OpenApp, desk: Desk, demo: RunningDemo
) -> None:
    """What it had read before is read again, and only then."""
    item = waiting(demo)[0]

    def asked() -> int:
        return sum("offering_uuid=" in each.query for each in demo.requests)

    def state(at: AppTest) -> str:
        table = next(each.value for each in at.dataframe if "Booked by" in each.value)
        return str(table.set_index("Booking")["State"][item["name"]])

    at = app("/offering", query={"uuid": item["offering_uuid"], "tab": "Bookings"})
    assert state(at) == "waits for an answer"
    once = asked()
    who = session.current()
    assert who is not None
    booking = who.client.booking(item["uuid"])
    at.run()
    assert asked() == once
    desk.runner.decide(who.client, booking, Decision.ACCEPT, who.person, seen=0)
    assert desk.runner.drain(SECONDS)
    at.run()

    assert not at.exception
    assert state(at) == "accepted"
    again = asked()
    at.run()
    assert once < asked() == again
