"""The page of bookings: who booked what and when, and what waits for an answer."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bookings.schedule.conflicts import find_conflicts
from bookings.sign_ins import SignIn
from bookings.waldur.client import WaldurClient
from bookings.waldur.errors import Gone, ServerBroken
from bookings.waldur.listing import NO_END
from bookings.waldur.models import Booking, Offering, Slot, Unreadable
from components import booking_desk
from components.booking_tabs import single_offerings
from demo.faults import Fault
from demo.server import RunningDemo
from tests.pages.screens import press

OpenApp = Callable[..., AppTest]
PATH = "/api/booking-resources/"


def rows(at: AppTest) -> Any:
    """The table, with the columns in view."""
    return at.dataframe[0].value


def show_columns(at: AppTest, *columns: str) -> AppTest:
    """Brings other columns into view."""
    at.session_state["bookings.columns"] = list(columns)
    at.run()

    assert not at.exception
    return at


def said(at: AppTest) -> str:
    """What the page says outside of the table."""
    return "\n".join(
        each.value for each in [*at.caption, *at.info, *at.warning, *at.error, *at.markdown]
    ).replace("\\", "")


def asked(demo: RunningDemo) -> int:
    """How often the server was asked for bookings."""
    return sum(1 for each in demo.requests if each.path == PATH)


def test_what_waits_stands_first(app: OpenApp) -> None:
    """Requests come before everything, and are counted above."""
    at = app("/bookings")
    table = rows(at)
    waiting = table["status"] == "waits for an answer"

    assert waiting.any()
    assert waiting.is_monotonic_decreasing
    assert f"{waiting.sum()} requests wait for an answer" in [each.value for each in at.subheader]


def test_who_booked_what(app: OpenApp, demo: RunningDemo) -> None:
    """Offering, booker, organisation and project of each, as the server sent them."""
    columns = ("offering", "booker", "customer", "project", "uuid")
    table = rows(show_columns(app("/bookings"), *columns)).set_index("uuid")
    booking = next(iter(demo.world.reservations.values())).item
    row = table.loc[booking["uuid"]]

    assert row["offering"] == booking["offering_name"]
    assert row["booker"] == booking["created_by_full_name"]
    assert row["customer"] == booking["customer_name"]
    assert row["project"] == booking["project_name"]
    assert len(table) == len(demo.world.reservations)


@pytest.mark.parametrize("when", ["upcoming", "past"])
def test_filters_of_the_address(app: OpenApp, when: str) -> None:
    """What lies ahead can be had alone, and what is over too."""
    at = show_columns(app("/bookings", query={"when": when}), "when")

    assert set(rows(at)["when"]) == {when}


def test_a_service_manager_sees_those_of_the_organisation(app: OpenApp) -> None:
    """Fewer than staff, and more than none."""
    assert 0 < len(rows(app("/bookings", "manager"))) < len(rows(app("/bookings")))


def test_nobody_learns_why_it_is_empty(app: OpenApp) -> None:
    """Roles are named, the person's own too."""
    at = app("/bookings", "nobody")

    assert not at.dataframe
    assert "The server shows you no booking" in said(at)
    assert "You are here as: No role" in said(at)


def test_a_failure_is_not_an_empty_list(app: OpenApp, demo: RunningDemo) -> None:
    """What failed is said with a next step, and the next run tries again."""
    demo.faults.add(Fault(action="html", path=PATH, times=None))
    at = app("/bookings")

    assert not at.dataframe
    assert "The bookings could not be loaded." in said(at)
    assert "shows you no booking" not in said(at)

    demo.faults.clear()
    at.run()
    assert len(rows(at)) == len(demo.world.reservations)


def test_asked_once_until_refresh(app: OpenApp, demo: RunningDemo) -> None:
    """A click costs no request; Refresh reads anew."""
    at = app("/bookings")
    once = asked(demo)
    at.run()
    again = asked(demo)
    next(each for each in at.button if each.label == "Refresh").click().run()

    assert not at.exception
    assert once == again >= 1
    assert asked(demo) == 2 * once


def test_another_person_gets_their_own(app: OpenApp) -> None:
    """What one person has loaded is not shown to the next."""
    at = app("/bookings", "staff")
    everything = len(rows(at))
    app("/connection", "owner")
    at.run()

    assert len(rows(at)) < everything


def test_unreadable_ones_are_counted(app: OpenApp, demo: RunningDemo) -> None:
    """A booking that cannot be read costs only itself, and is named."""
    broken = next(iter(demo.world.reservations.values())).item
    slots, broken["slots"] = broken["slots"], "none"
    try:
        at = app("/bookings")
    finally:
        broken["slots"] = slots

    assert at.expander[0].label == "1 booking could not be read and cannot be listed"
    assert len(rows(at)) == len(demo.world.reservations) - 1


def test_none_that_can_be_read_is_not_none(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every booking is broken the server is not said to show none."""
    broken = [Unreadable("a" * 32, "Course", "slots: not a list")]
    monkeypatch.setattr(WaldurClient, "bookings", lambda *_: ([], broken))
    at = app("/bookings")

    assert "None of the bookings could be read." in said(at)
    assert "shows you no booking" not in said(at)


def test_a_list_without_an_end_is_said(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no booking that could not be read."""
    end = [Unreadable("", "", NO_END)]
    monkeypatch.setattr(WaldurClient, "bookings", lambda *_: (many(2), end))
    at = app("/bookings")

    assert "There may be more." in said(at)
    assert "could not be read" not in said(at) + " ".join(each.label for each in at.expander)


# --- the tabs -----------------------------------------------------------------------------------

SINGLE = "/api/marketplace-bookings/"
Put = Callable[[list[Booking]], None]
TABS = ("List", "Calendar", "Utilisation", "Conflicts")
SignInAs = Callable[..., SignIn]


def args_of(at: AppTest) -> Any:
    """What the calendar on the page was given."""
    [component] = at.get("component_instance")
    return json.loads(component.proto.json_args)


def address_of(at: AppTest) -> str:
    """What the page's address is to say."""
    return next(
        each.proto.body for each in reversed(at.get("html")) if "desk-path" in each.proto.body
    )


def many(count: int, apart: timedelta = timedelta(hours=3)) -> list[Booking]:
    """Bookings of fifty offerings, one after the other."""
    begin = datetime.now(UTC).replace(microsecond=0)
    return [
        Booking.model_validate(
            {
                "uuid": f"{number:032x}",
                "name": f"Booking {number}",
                "state": "OK",
                "offering_uuid": f"{number % 50:032x}",
                "offering_name": f"Room {number % 50}",
                "slots": [
                    {
                        "start": begin + number * apart,
                        "end": begin + number * apart + timedelta(hours=2),
                    }
                ],
            }
        )
        for number in range(count)
    ]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts bookings of the test in place of the server's."""

    def put(bookings: list[Booking]) -> None:
        monkeypatch.setattr(WaldurClient, "bookings", lambda *_: (bookings, []))

    return put


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("count", [1, 5000])
def test_one_booking_and_five_thousand(app: OpenApp, listed: Put, tab: str, count: int) -> None:
    """Every tab is drawn; the calendar says where it does not hold everything."""
    listed(many(count))
    at = app("/bookings", query={"tab": tab})

    cut = f"The calendar holds the 2,000 of {count:,} times" in said(at)
    assert cut is (tab == "Calendar" and count == 5000)
    if tab == "Calendar":
        assert len(args_of(at)["events"]) == min(count, 2000)


@pytest.mark.parametrize("tab", TABS)
def test_a_booking_without_times_breaks_no_tab(app: OpenApp, listed: Put, tab: str) -> None:
    """It has a row, and no place in time."""
    listed([many(1)[0].model_copy(update={"slots": ()})])

    app("/bookings", query={"tab": tab})


@pytest.mark.parametrize("several", [True, False])
def test_several_times_are_not_one_long_one(app: OpenApp, listed: Put, several: bool) -> None:
    """Their number stands beside the first start and the last end."""
    bookings = many(3)
    if several:
        bookings[0] = bookings[0].model_copy(update={"slots": bookings[0].slots * 3})
    listed(bookings)
    table = rows(app("/bookings"))

    assert ("slots" in table) is several
    assert not several or sorted(table["slots"]) == [1, 1, 3]


def test_a_filter_that_leaves_nothing_draws_no_tab(app: OpenApp) -> None:
    """And says so."""
    at = app("/bookings", query={"tab": "Calendar", "q": "no such booking"})

    assert "No bookings fit these filters." in said(at)
    assert not at.get("component_instance")


def test_the_address_names_the_view(app: OpenApp) -> None:
    """Tab, filters, colours, range and what was asked for; what came in goes out."""
    query = {
        "tab": "Utilisation", "when": "upcoming", "colour": "offering", "day": "2026-02-03",
        "view": "week",
        "from": "2026-01-01", "to": "2026-01-31", "busy": "yes",
    }  # fmt: skip
    at = app("/bookings", query=query)
    address = address_of(at)

    for key, value in query.items():
        assert f"{key}={value}" in address
    assert [each.value.isoformat() for each in at.date_input][-2:] == ["2026-01-01", "2026-01-31"]


@pytest.mark.parametrize("odd", ["x", "0001-01-01", "9999-12-31", "2026-13-01", "", "2026-01-01x"])
def test_an_odd_day_in_the_address_does_no_harm(app: OpenApp, odd: str) -> None:
    """The usual days stand in its place."""
    app("/bookings", query={"tab": "Calendar", "day": odd, "colour": odd, "view": odd})
    app("/bookings", query={"tab": "Utilisation", "from": odd, "to": odd})


def test_events_are_text_in_colours_that_the_legend_names(app: OpenApp, demo: RunningDemo) -> None:
    """Titles are as the server wrote them, and every colour is explained."""
    for colour in ("state", "offering"):
        at = app("/bookings", query={"tab": "Calendar", "colour": colour})
        given = args_of(at)
        legend = next(
            each.proto.body for each in at.get("html") if "border-radius" in each.proto.body
        )

        assert len(given["events"]) == len(demo.world.reservations)
        assert given["options"]["timeZone"] == "UTC"
        assert {event["backgroundColor"] for event in given["events"]} <= {
            part.split(";")[0].split('"')[0] for part in legend.split("background:")[1:]
        }
        assert not any("url" in event for event in given["events"])
        assert "<script" not in legend


def days_in(at: AppTest) -> tuple[str, str, str]:
    """The type of the calendar's view, its first day and the first after it."""
    view = args_of(at)["options"]["views"]["chosen"]
    return view["type"], view["visibleRange"]["start"], view["visibleRange"]["end"]


def test_the_calendar_shows_the_days_that_were_chosen(app: OpenApp) -> None:
    """The address names them, and the calendar goes on without being made anew."""
    at = app("/bookings", query={"tab": "Calendar", "view": "week", "day": "2026-12-03"})
    [before] = at.get("component_instance")
    assert days_in(at) == ("timeGrid", "2026-11-30", "2026-12-07")

    press(at, "Later")
    assert days_in(at) == ("timeGrid", "2026-12-07", "2026-12-14")
    assert "view=week&amp;day=2026-12-10" in address_of(at)
    at.session_state["bookings.view"] = "List"
    press(at, "Earlier")
    assert days_in(at) == ("list", "2026-11-01", "2026-12-01")
    assert "view=list&amp;day=2026-11-01" in address_of(at)
    press(at, "Today")
    assert "day=" not in address_of(at)
    [after] = at.get("component_instance")
    assert before.proto.id == after.proto.id


def test_the_calendar_stays_where_it_was(app: OpenApp) -> None:
    """Another tab does not forget view and day."""
    at = app("/bookings", query={"tab": "Calendar"})
    at.session_state["bookings.view"] = "Day"
    at.run()
    press(at, "Later")
    there = days_in(at)
    for tab in ("Utilisation", "Calendar"):
        at.session_state["bookings.tab"] = tab
        at.run()
        assert not at.exception

    assert days_in(at) == there
    assert there[0] == "timeGrid"


def test_a_day_that_is_clicked_opens_once(app: OpenApp) -> None:
    """In a month; the browser repeats the click with every run, which changes nothing then."""
    at = app("/bookings", query={"tab": "Calendar", "day": "2026-12-01"})
    at.session_state["bookings.calendar.0"] = {
        "callback": "dateClick",
        "dateClick": {"date": "2026-12-24T00:00:00.000Z"},
    }
    at.run()

    assert not at.exception
    assert days_in(at) == ("timeGrid", "2026-12-24", "2026-12-25")
    assert "view=day&amp;day=2026-12-24" in address_of(at)
    at.session_state["bookings.view"] = "Month"
    at.run()
    assert days_in(at) == ("dayGrid", "2026-12-01", "2027-01-01")


def test_busy_times_do_not_take_the_colour_of_an_offering(
    app: OpenApp, two: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its square in the legend is the colour of its bookings."""
    begin = datetime.now(UTC) + timedelta(days=3)
    busy = Slot(
        start=begin, end=begin + timedelta(hours=1), created_by_full_name="Google Calendar"
    )  # fmt: skip
    monkeypatch.setattr(WaldurClient, "slots", lambda *_: [busy])
    at = app("/bookings", query={"tab": "Calendar", "colour": "offering", "busy": "yes"})
    who = booking_desk.session.current()
    assert who is not None
    assert booking_desk.reader(who).wait(30).done
    at.run()
    events = args_of(at)["events"]
    legend = next(each.proto.body for each in at.get("html") if "border-radius" in each.proto.body)
    squares = {part.split('"')[0] for part in legend.split("background:")[1:]}
    booked = {each["backgroundColor"] for each in events if each.get("classNames") == []}

    assert any("desk-busy" in each.get("classNames", ()) for each in events)
    assert len(booked) == len(two)
    assert booked <= squares


def test_a_click_shows_the_booking(app: OpenApp, demo: RunningDemo) -> None:
    """With all that is known of it; an event that is none shows nothing."""
    at = app("/bookings", query={"tab": "Calendar", "day": "2026-12-01"})
    [event] = [
        each for each in args_of(at)["events"] if next(iter(demo.world.reservations)) in each["id"]
    ]
    item = next(iter(demo.world.reservations.values())).item

    for id_, shown in ((event["id"], True), ("nothing", False), (None, False)):
        at.session_state["bookings.calendar.0"] = {
            "callback": "eventClick",
            "eventClick": {"event": {"id": id_}},
        }
        at.run()
        assert not at.exception
        assert any(
            f"Booked by: {item['created_by_full_name']}" in each.value for each in at.text
        ) is (shown)


def test_what_single_offerings_tell_is_asked_only_when_wanted(
    app: OpenApp, demo: RunningDemo, sign_in: SignInAs
) -> None:
    """Then once each, and a failure is one line of that offering."""
    broken = next(iter(demo.world.reservations.values())).item
    demo.faults.add(
        Fault(action="status", status=500, path=f"{SINGLE}{broken['offering_uuid']}/", times=None)
    )
    at = app("/bookings", query={"tab": "Calendar"})
    assert not [each for each in demo.requests if each.path.startswith(SINGLE)]

    at.toggle[0].set_value(True).run()
    who = booking_desk.session.current()
    assert who is not None
    assert booking_desk.reader(who).wait(30).done
    at.run()
    asked_for = [each.path for each in demo.requests if each.path.startswith(SINGLE)]
    at.run()

    assert not at.exception
    assert len(set(asked_for)) == len(
        {r.item["offering_uuid"] for r in demo.world.reservations.values()}
    )
    assert [each.path for each in demo.requests if each.path.startswith(SINGLE)] == asked_for
    kinds = {tuple(each.get("classNames", ())) for each in args_of(at)["events"]}
    assert ("desk-busy",) in kinds
    assert any(each.get("display") == "background" for each in args_of(at)["events"])
    assert f"{broken['offering_name']}: no busy times." in said(at).replace("\u200b", "")


# --- what "no conflict" says --------------------------------------------------------------------

NO_CONFLICT = "No conflict among these bookings."


@pytest.fixture
def two(listed: Put, demo: RunningDemo) -> list[str]:
    """A booking each of two offerings that can be ordered; their uuids."""
    active = [uuid for uuid, each in demo.world.offerings.items() if each.state == "Active"][:2]
    listed(
        [
            booking.model_copy(update={"offering_uuid": uuid, "offering_name": f"Room {uuid}"})
            for booking, uuid in zip(many(2), active, strict=True)
        ]
    )
    return active


def conflicts_tab(app: OpenApp, *, wait: bool = True) -> AppTest:
    """The tab, with what the single offerings tell."""
    at = app("/bookings", query={"tab": "Conflicts", "busy": "yes"})
    if wait:
        who = booking_desk.session.current()
        assert who is not None
        assert booking_desk.reader(who).wait(30).done
        at.run()
    assert not at.exception
    return at


def test_no_conflict_among_bookings_alone(app: OpenApp, listed: Put) -> None:
    """Nothing else was asked for, and the page says that only these are compared."""
    listed(many(3))
    at = app("/bookings", query={"tab": "Conflicts"})

    assert [each.value for each in at.success] == [NO_CONFLICT]
    assert "Bookings are compared with each other." in said(at)


def test_no_conflict_where_not_all_were_looked_for(
    app: OpenApp, listed: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were not found may be those of the bookings shown."""
    monkeypatch.setattr(booking_desk, "find_conflicts", partial(find_conflicts, most=1))
    listed(many(200, apart=timedelta(0)))
    at = app("/bookings", query={"tab": "Conflicts", "offering": "Room 49"})

    assert not at.success
    assert "No conflict found in what was read: of all bookings the first 1 conflicts." in said(at)


def refuse(error: Exception, uuid: str, answer: Any) -> Callable[..., Any]:
    """A request that fails for one offering."""

    def ask(_: WaldurClient, asked: str, *more: Any) -> Any:
        if asked == uuid:
            raise error
        return answer

    return ask


@pytest.mark.parametrize(
    ("what", "busy", "hours"),
    [
        ("nothing", 2, 2),
        ("slots", 1, 2),
        ("not found", 1, 2),
        ("hours", 2, 1),
        ("unreadable hours", 2, 0),
        ("broken hours", 2, 0),
        ("most", 1, 1),
    ],
)
def test_no_conflict_in_what_was_read(
    app: OpenApp,
    two: list[str],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    busy: int,
    hours: int,
) -> None:
    """Where something was not read, what was compared is said plainly."""
    offering = Offering.model_validate(
        {
            "uuid": two[1],
            "attributes": {"schedules": [{}] if what == "unreadable hours" else []},
        }
    )
    answer = (offering, ["attributes"] if what == "broken hours" else [])
    error = Gone(status=404) if what == "not found" else ServerBroken(status=500)
    slots_of = two[0] if what in {"slots", "not found"} else ""
    monkeypatch.setattr(WaldurClient, "slots", refuse(error, slots_of, []))
    hours_of = two[0] if what == "hours" else ""
    monkeypatch.setattr(WaldurClient, "offering", refuse(error, hours_of, answer))
    monkeypatch.setattr(single_offerings, "MOST_OFFERINGS", 1 if what == "most" else 60)
    at = conflicts_tab(app)

    assert [each.value for each in at.success] == ([NO_CONFLICT] if what == "nothing" else [])
    plain = (
        "No conflict found in what was read: bookings with each other, busy times of "
        f"{busy} of 2 offerings, availability of {hours} of 2."
    )
    assert (plain in said(at)) is (what != "nothing")
    assert ("no busy times." in said(at)) is (busy == 1 and hours == 2)


def test_no_conflict_while_it_is_read(
    app: OpenApp, two: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the reading ends with the sign-in."""
    going = threading.Event()

    def slots(*_: Any) -> list[Slot]:
        going.wait(30)
        return []

    monkeypatch.setattr(WaldurClient, "slots", slots)
    try:
        at = conflicts_tab(app, wait=False)
        assert not at.success
        assert "busy times of 0 of 2 offerings, availability of 0 of 2." in said(at)

        who = booking_desk.session.current()
        assert who is not None
        reader = booking_desk.reader(who)
        assert not reader.progress().done
        booking_desk.session.desk().sign_ins.end(who.id)
        assert reader.progress().done
    finally:
        going.set()


@pytest.mark.parametrize("conflict", ["yes", "no"])
def test_the_filter_for_conflicts_does_not_decide_what_is_read(
    app: OpenApp, demo: RunningDemo, conflict: str
) -> None:
    """Opened with a link it shows what it shows when it is chosen later."""

    def read(at: AppTest) -> AppTest:
        who = booking_desk.session.current()
        assert who is not None
        assert booking_desk.reader(who).wait(30).done
        return show_columns(at, "uuid")

    later = read(app("/bookings", query={"busy": "yes"}))
    later.selectbox[0].set_value(conflict.capitalize()).run()
    at_once = read(app("/bookings", query={"busy": "yes", "conflict": conflict}))

    assert set(rows(at_once)["uuid"]) == set(rows(later)["uuid"])
    assert f"Known of {len(offerings_of(demo))} of {len(offerings_of(demo))}" in said(at_once)


def offerings_of(demo: RunningDemo) -> set[str]:
    """The offerings that somebody booked."""
    return {each.item["offering_uuid"] for each in demo.world.reservations.values()}


def test_conflicts_are_looked_for_where_none_is_known(
    app: OpenApp, two: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing to show yet the offerings are read all the same."""
    begin = datetime.now(UTC)
    busy = Slot(
        start=begin - timedelta(hours=9), end=begin + timedelta(hours=9),
        created_by_full_name="Google Calendar",
    )  # fmt: skip
    monkeypatch.setattr(WaldurClient, "slots", lambda *_: [busy])
    monkeypatch.setattr(
        WaldurClient, "offering", lambda _, uuid, *__: (Offering.model_validate({"uuid": uuid}), [])
    )
    at = app("/bookings", query={"conflict": "yes", "busy": "yes"})
    who = booking_desk.session.current()
    assert who is not None
    assert booking_desk.reader(who).wait(30).done
    at.run()

    assert not at.exception
    assert len(rows(at)) == len(two)
