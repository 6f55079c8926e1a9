"""The same promises with the real client: what a network does to a POST, counted."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bookings.calendars.actions import NO_CREDENTIALS, Action, Outcome
from bookings.calendars.journal import Entry
from bookings.calendars.runner import NOTHING_SENT, Runner
from bookings.waldur.client import WaldurClient
from bookings.waldur.errors import CalendarBusy, SignedOut
from bookings.waldur.models import Offering, Person

ROOT = "https://waldur.example/"
UUID = "0123456789abcdef0123456789abcdef"
PATH = f"/api/booking-offerings/{UUID}/"
TOKEN = "0123456789abcdef0123" * 2
OLIVIA = Person(uuid="a" * 32, username="olivia")
PRIVATE = {"backend_id": "t02@group.calendar.google.com", "public": False, "http_link": None}
SECONDS = 30.0

Answer = Callable[[httpx.Request], httpx.Response]


class Wire:
    """A server with one offering, whose answers to a POST are made by `answer`.

    `gets` are those after a POST, `gets_before` those before.
    """

    def __init__(self, answer: Answer, *, works: bool = True) -> None:
        self.answer = answer
        self.works = works
        self.calendar: dict[str, Any] | None = dict(PRIVATE)
        self.posts: list[str] = []
        self.gets_before = self.gets = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Counts and answers one request."""
        if request.method == "GET":
            self.gets += bool(self.posts)
            self.gets_before += not self.posts
            assert request.url.path == PATH
            return httpx.Response(200, json={"uuid": UUID, "googlecalendar": self.calendar})
        self.posts.append(request.url.path)
        if self.works and self.calendar is not None:
            public = request.url.path.endswith("/share_google_calendar/")
            self.calendar = {**self.calendar, "public": public}
        return self.answer(request)


def raising(error: type[httpx.TransportError]) -> Answer:
    """An answer that never arrives."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise error("lost", request=request)

    return answer


def answering(status: int, **content: Any) -> Answer:
    """An answer that arrives."""
    return lambda request: httpx.Response(status, **content)


@pytest.fixture
def press(runner: Runner, pauses: Any) -> Callable[[Wire], Entry]:
    """Presses Share four times on the same page, as one person, and waits for the end."""

    def press(wire: Wire) -> Entry:
        client = WaldurClient(
            ROOT, TOKEN, transport=httpx.MockTransport(wire), sleep=pauses.sleep, jitter=lambda: 0
        )
        offering = Offering.model_validate({"uuid": UUID, "googlecalendar": PRIVATE})
        for _ in range(4):
            runner.submit(client, offering, Action.SHARE, OLIVIA, seen=0)
        assert runner.drain(SECONDS)
        client.close()
        entry = runner.latest(ROOT, UUID)
        assert entry is not None
        assert not entry.open
        assert TOKEN not in repr(entry)
        return entry

    return press


def test_an_accepted_action_is_confirmed(press: Callable[[Wire], Entry]) -> None:
    """202 "OK" and the flip of `public`: four clicks, one POST."""
    wire = Wire(answering(202, json="OK"))

    entry = press(wire)

    assert wire.posts == [f"{PATH}share_google_calendar/"]
    assert (entry.outcome, entry.http_status, entry.words) == (Outcome.CONFIRMED, 202, "OK")


LOST = [
    pytest.param(raising(httpx.ReadError), id="dropped"),
    pytest.param(raising(httpx.RemoteProtocolError), id="cut off"),
    pytest.param(raising(httpx.WriteError), id="dropped while writing"),
    pytest.param(raising(httpx.ReadTimeout), id="hanging"),
    pytest.param(answering(502, html="<h1>Bad gateway</h1>"), id="502"),
    pytest.param(answering(503), id="503"),
    pytest.param(answering(504), id="504"),
    pytest.param(answering(500, html="<h1>Server Error (500)</h1>"), id="500"),
    pytest.param(answering(200, html="<h1>Sign in to the Wi-Fi</h1>"), id="not the server"),
    pytest.param(answering(202, content=b'"O'), id="half an answer"),
]


@pytest.mark.parametrize("answer", LOST)
def test_a_lost_answer_after_the_work_is_found_out(
    press: Callable[[Wire], Entry], answer: Answer
) -> None:
    """The server did the work and the answer got lost: Confirmed, after one POST."""
    wire = Wire(answer)

    entry = press(wire)

    assert wire.posts == [f"{PATH}share_google_calendar/"]
    assert entry.outcome is Outcome.CONFIRMED
    assert "The calendar is public." in entry.remark


@pytest.mark.parametrize("answer", LOST)
def test_a_lost_answer_without_the_work_is_unknown(
    press: Callable[[Wire], Entry], answer: Answer
) -> None:
    """Nobody can tell whether it will still be done: Outcome unknown, after one POST."""
    wire = Wire(answer, works=False)

    entry = press(wire)

    assert wire.posts == [f"{PATH}share_google_calendar/"]
    assert wire.gets > 1
    assert entry.outcome is Outcome.UNKNOWN
    assert "before you press again" in entry.next_step


@pytest.mark.parametrize(
    ("status", "body", "words", "code"),
    [
        (
            400,
            ["Google credentials do not exist."],
            "Google credentials do not exist.",
            NO_CREDENTIALS,
        ),
        (
            400,
            ["The calendar cannot be updated."],
            "The calendar cannot be updated.",
            CalendarBusy.code,
        ),
        (401, {"detail": "Token has expired."}, "Token has expired.", SignedOut.code),
        (401, {"detail": f"Unknown: {TOKEN}"}, "Unknown: …", SignedOut.code),
        (404, {"detail": "No Offering matches the given query."}, None, "gone"),
        (429, {"detail": "Request was throttled."}, None, "busy"),
    ],
)
def test_a_refusal_has_the_servers_words(
    press: Callable[[Wire], Entry], status: int, body: Any, words: str | None, code: str
) -> None:
    """Whether a list or an object, the reason is one sentence in the record; nothing is read."""
    wire = Wire(answering(status, json=body), works=False)

    entry = press(wire)

    assert (entry.outcome, entry.http_status, entry.error_code) == (Outcome.REFUSED, status, code)
    assert entry.words == (words or body["detail"])
    assert (len(wire.posts), wire.gets_before, wire.gets) == (1, 1, 0)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout])
def test_a_refused_connection_sent_nothing(
    press: Callable[[Wire], Entry], error: type[httpx.TransportError]
) -> None:
    """It is certain that nothing happened, and that is what is said."""
    wire = Wire(raising(error), works=False)

    entry = press(wire)

    assert (entry.outcome, entry.http_status) == (Outcome.REFUSED, None)
    assert entry.remark.startswith(NOTHING_SENT)
    assert (len(wire.posts), wire.gets_before, wire.gets) == (1, 1, 0)


def test_a_redirect_is_not_followed(press: Callable[[Wire], Entry]) -> None:
    """The token goes nowhere else, and a POST does not turn into a GET."""
    wire = Wire(answering(301, headers={"Location": "https://elsewhere.example/"}), works=False)

    entry = press(wire)

    assert (entry.outcome, entry.http_status) == (Outcome.REFUSED, 301)
    assert (len(wire.posts), wire.gets_before, wire.gets) == (1, 1, 0)
