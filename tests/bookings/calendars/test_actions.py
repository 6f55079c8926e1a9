"""What a calendar's state is, what may be done with it, and what an action's end looks like."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.calendars.actions import (
    ALREADY_SO,
    NO_CALENDAR,
    NO_CREDENTIALS,
    NOT_CONNECTED,
    Action,
    CalendarStatus,
    Judgement,
    Outcome,
    code_of,
    confirms,
    judge,
    next_step,
    outcome_of,
    public_link,
    state_sentence,
    status_of,
)
from bookings.waldur.errors import (
    Busy,
    CalendarBusy,
    Forbidden,
    Gone,
    NotWaldur,
    Refused,
    ServerBroken,
    SignedOut,
    TooSlow,
    Unreachable,
    UnreadableAnswer,
    WaldurError,
    by_code,
)
from bookings.waldur.models import GoogleCalendar, Offering

UUID = "0123456789abcdef0123456789abcdef"
LINK = "https://calendar.google.com/calendar/embed?src=t02%40group.calendar.google.com"
PRIVATE = GoogleCalendar(backend_id="t02@group.calendar.google.com", public=False)
PUBLIC = GoogleCalendar(backend_id="t02@group.calendar.google.com", public=True, http_link=LINK)
WITHOUT_ID = GoogleCalendar(backend_id=None, public=False)

actions = st.sampled_from(Action)
statuses = st.sampled_from(CalendarStatus)
outcomes = st.sampled_from(Outcome)
calendars = st.none() | st.builds(
    GoogleCalendar,
    backend_id=st.none() | st.sampled_from(["", "t02"]),
    public=st.none() | st.booleans(),
)


def offering(**fields: Any) -> Offering:
    """An offering of which the server sent these fields."""
    return Offering.model_validate({"uuid": UUID, **fields})


def error_codes() -> list[str]:
    """Every code that an error of the tree carries."""
    codes, pending = [], [WaldurError]
    while pending:
        error = pending.pop()
        codes.append(error.code)
        pending.extend(error.__subclasses__())
    return codes


any_code = st.none() | st.sampled_from([*error_codes(), NO_CREDENTIALS, ALREADY_SO, NO_CALENDAR])


def is_one_plain_sentence(text: str) -> bool:
    """Does it begin with a capital or a quote, and end with its only full stop?"""
    return text[0] in "“" or (text[0].isupper() and text.endswith(".") and "\n" not in text)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"googlecalendar": None}, CalendarStatus.NONE),
        ({"googlecalendar": PRIVATE}, CalendarStatus.PRIVATE),
        ({"googlecalendar": PUBLIC}, CalendarStatus.PUBLIC),
        ({"googlecalendar": WITHOUT_ID}, CalendarStatus.WITHOUT_ID),
        ({"googlecalendar": {"backend_id": "", "public": False}}, CalendarStatus.WITHOUT_ID),
        ({"googlecalendar": {"backend_id": None, "public": True}}, CalendarStatus.PUBLIC),
        ({"googlecalendar": {"backend_id": "t02"}}, CalendarStatus.UNKNOWN),
        ({}, CalendarStatus.UNKNOWN),
        ({"google_calendar_is_public": True}, CalendarStatus.PUBLIC),
        ({"google_calendar_is_public": False}, CalendarStatus.NOT_PUBLIC),
        (
            {"google_calendar_is_public": False, "google_calendar_link": LINK},
            CalendarStatus.NOT_PUBLIC,
        ),
        ({"google_calendar_is_public": None}, CalendarStatus.UNKNOWN),
        ({"google_calendar_link": LINK}, CalendarStatus.PUBLIC),
        ({"googlecalendar": None, "google_calendar_is_public": True}, CalendarStatus.NONE),
    ],
)
def test_the_status_follows_from_what_the_server_sent(
    fields: dict[str, Any], status: CalendarStatus
) -> None:
    """A field that was not sent is told from one that was sent empty."""
    assert status_of(offering(**fields)) is status


@pytest.mark.parametrize(
    "fields",
    [
        {"googlecalendar": PUBLIC},
        {"google_calendar_is_public": True, "google_calendar_link": LINK},
    ],
)
def test_a_public_calendar_has_its_link(fields: dict[str, Any]) -> None:
    """The link comes from either endpoint's field."""
    assert public_link(offering(**fields)) == LINK


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "ftp://calendar.example/x",
        "//calendar.example/x",
        "https://",
        "https:calendar.example",
        "https://[broken",
        "https://calendar.example/a b",
        "https://calendar.example/\n.evil",
        " https://calendar.example/",
    ],
)
def test_a_link_that_is_no_web_address_is_no_link(link: str | None) -> None:
    """Only complete http(s) addresses are handed to a browser."""
    assert public_link(offering(google_calendar_is_public=True, google_calendar_link=link)) is None


@pytest.mark.parametrize(
    "calendar",
    [
        None,
        {"backend_id": "t02", "public": False, "http_link": LINK},
        {"backend_id": None, "public": True, "http_link": "https://calendar.example/?src=None"},
    ],
)
def test_a_calendar_nobody_can_read_has_no_link(calendar: dict[str, Any] | None) -> None:
    """A link is given only for a public calendar that has an id."""
    assert public_link(offering(googlecalendar=calendar)) is None


@given(actions, statuses, st.booleans(), st.none() | actions)
def test_every_button_is_judged(
    action: Action, status: CalendarStatus, read_only: bool, in_flight: Action | None
) -> None:
    """A disabled button always has a reason, and nothing unowned or in flight is allowed."""
    judgement = judge(action, status, read_only=read_only, in_flight=in_flight)

    if read_only or in_flight is not None:
        assert not judgement.allowed
    assert judgement.allowed or judgement.reason
    assert not judgement.reason or is_one_plain_sentence(judgement.reason)


@pytest.mark.parametrize(
    ("action", "status", "allowed"),
    [
        (Action.SYNC, CalendarStatus.NONE, True),
        (Action.SYNC, CalendarStatus.PRIVATE, True),
        (Action.SYNC, CalendarStatus.PUBLIC, True),
        (Action.SYNC, CalendarStatus.WITHOUT_ID, True),
        (Action.SHARE, CalendarStatus.NONE, True),
        (Action.SHARE, CalendarStatus.PRIVATE, True),
        (Action.SHARE, CalendarStatus.PUBLIC, False),
        (Action.SHARE, CalendarStatus.WITHOUT_ID, True),
        (Action.UNSHARE, CalendarStatus.NONE, False),
        (Action.UNSHARE, CalendarStatus.PRIVATE, False),
        (Action.UNSHARE, CalendarStatus.PUBLIC, True),
        (Action.UNSHARE, CalendarStatus.WITHOUT_ID, False),
        *((action, CalendarStatus.NOT_PUBLIC, True) for action in Action),
        *((action, CalendarStatus.UNKNOWN, True) for action in Action),
    ],
)
def test_a_button_works_where_the_server_would_accept(
    action: Action, status: CalendarStatus, allowed: bool
) -> None:
    """The rules are the ones a server was seen to follow."""
    assert judge(action, status, read_only=False).allowed is allowed


@given(actions, statuses, st.booleans(), st.sampled_from([None, *Action]))
def test_a_provider_without_an_account_is_told_and_not_stopped(
    action: Action, status: CalendarStatus, read_only: bool, in_flight: Action | None
) -> None:
    """What is forbidden keeps its own reason; True and not known change nothing."""
    usual = judge(action, status, read_only=read_only, in_flight=in_flight)
    told = judge(action, status, read_only=read_only, in_flight=in_flight, connected=False)

    assert told == (Judgement(True, NOT_CONNECTED) if usual.allowed else usual)
    for connected in (True, None):
        same = judge(action, status, read_only=read_only, in_flight=in_flight, connected=connected)
        assert same == usual


def test_reasons_name_the_cause() -> None:
    """Role first, then the action in flight, then the calendar's state."""
    role = judge(Action.SHARE, CalendarStatus.PUBLIC, read_only=True, in_flight=Action.SYNC)
    flight = judge(Action.SHARE, CalendarStatus.PUBLIC, read_only=False, in_flight=Action.SYNC)
    state = judge(Action.SHARE, CalendarStatus.PUBLIC, read_only=False)

    assert "an owner of its organisation or staff can" in role.reason
    assert "Sync calendar" in flight.reason
    assert state.reason == "The calendar is public already."


@pytest.mark.parametrize(
    ("action", "before", "after", "verdict"),
    [
        (Action.SYNC, None, None, False),
        (Action.SYNC, None, WITHOUT_ID, False),
        (Action.SYNC, None, PRIVATE, True),
        (Action.SYNC, WITHOUT_ID, PRIVATE, True),
        (Action.SYNC, PRIVATE, PRIVATE, None),
        (Action.SYNC, PUBLIC, None, None),
        (Action.SHARE, None, WITHOUT_ID, False),
        (Action.SHARE, None, PUBLIC, True),
        (Action.SHARE, PRIVATE, PRIVATE, False),
        (Action.SHARE, PRIVATE, PUBLIC, True),
        (Action.SHARE, PUBLIC, PUBLIC, None),
        (Action.UNSHARE, PUBLIC, PUBLIC, False),
        (Action.UNSHARE, PUBLIC, PRIVATE, True),
        (Action.UNSHARE, PUBLIC, None, False),
        (Action.UNSHARE, PRIVATE, PRIVATE, None),
        (Action.UNSHARE, None, PRIVATE, None),
    ],
)
def test_an_action_is_confirmed_by_its_visible_change_only(
    action: Action,
    before: GoogleCalendar | None,
    after: GoogleCalendar | None,
    verdict: bool | None,
) -> None:
    """`public` flipping and the first id are the only ends that a client can see."""
    assert confirms(action, before, after) is verdict


@given(actions, calendars)
def test_no_change_confirms_nothing(action: Action, calendar: GoogleCalendar | None) -> None:
    """The same state before and after is never a confirmation."""
    assert not confirms(action, calendar, calendar)


@given(actions, outcomes, any_code | st.text())
def test_every_outcome_has_a_next_step(action: Action, outcome: Outcome, code: str | None) -> None:
    """There is one sentence for people whatever happened, unknown codes included."""
    assert is_one_plain_sentence(next_step(action, outcome, code))


@pytest.mark.parametrize(
    ("outcome", "code", "part"),
    [
        (Outcome.REFUSED, NO_CREDENTIALS, "service provider"),
        (Outcome.REFUSED, CalendarBusy.code, "wait a minute"),
        (Outcome.REFUSED, Gone.code, "deleted"),
        (Outcome.REFUSED, SignedOut.code, "Sign in again"),
        (Outcome.NOT_CONFIRMED, SignedOut.code, "Sign in again"),
        (Outcome.NOT_CONFIRMED, None, "look again in a minute"),
        (Outcome.UNKNOWN, TooSlow.code, "before you press again"),
    ],
)
def test_a_next_step_fits_the_cause(outcome: Outcome, code: str | None, part: str) -> None:
    """The cause decides where a person is sent."""
    assert part in next_step(Action.SHARE, outcome, code)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Google credentials do not exist.", NO_CREDENTIALS),
        ("The calendar is public already.", ALREADY_SO),
        ("The calendar is private already.", ALREADY_SO),
        ("The calendar does not exist.", NO_CALENDAR),
        ("Something else.", Refused.code),
        ("", Refused.code),
    ],
)
def test_a_refusal_is_known_by_its_words(words: str, code: str) -> None:
    """The server's four reasons lead to different next steps."""
    assert code_of(Refused(method="POST", status=400, words=words)) == code


def test_words_of_other_errors_are_not_taken_for_reasons() -> None:
    """A server error that quotes a reason is still a server error."""
    error = ServerBroken(status=500, words="Google credentials do not exist.")

    assert code_of(error) == ServerBroken.code


@given(st.sampled_from(sorted(error_codes())))
def test_own_codes_are_nobody_elses(code: str) -> None:
    """The finer codes do not collide with those of the error tree."""
    assert by_code(code) is not None
    assert code not in {NO_CREDENTIALS, ALREADY_SO, NO_CALENDAR}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refused(status=400), Outcome.REFUSED),
        (CalendarBusy(status=400), Outcome.REFUSED),
        (SignedOut(status=401), Outcome.REFUSED),
        (Forbidden(status=403), Outcome.REFUSED),
        (Gone(status=404), Outcome.REFUSED),
        (Gone(sent=False), Outcome.REFUSED),
        (Refused(status=405), Outcome.REFUSED),
        (NotWaldur(status=301), Outcome.REFUSED),
        (Busy(status=429), Outcome.REFUSED),
        (Busy(status=503), Outcome.UNKNOWN),
        (ServerBroken(status=500), Outcome.UNKNOWN),
        (ServerBroken(status=502), Outcome.UNKNOWN),
        (TooSlow(), Outcome.UNKNOWN),
        (Unreachable(), Outcome.UNKNOWN),
        (Unreachable(sent=False), Outcome.REFUSED),
        (UnreadableAnswer(status=202), Outcome.UNKNOWN),
        (WaldurError(), Outcome.UNKNOWN),
    ],
)
def test_only_a_clear_no_is_a_refusal(error: WaldurError, outcome: Outcome) -> None:
    """Whatever may have come after the work was queued is unknown."""
    assert outcome_of(error) is outcome


def test_finality_follows_from_the_word_where_it_can() -> None:
    """Sending, Accepted and Outcome unknown can still change by themselves."""
    open_ones = {outcome for outcome in Outcome if not outcome.final}

    assert open_ones == {Outcome.SENDING, Outcome.ACCEPTED, Outcome.UNKNOWN}


@given(calendars)
def test_every_state_has_a_sentence(calendar: GoogleCalendar | None) -> None:
    """The record can say what was read, whatever it was."""
    assert is_one_plain_sentence(state_sentence(calendar))


def test_labels_are_those_of_the_buttons() -> None:
    """People know the actions by these words."""
    labels = [action.label for action in Action]

    assert labels == ["Sync calendar", "Share calendar", "Unshare calendar"]
