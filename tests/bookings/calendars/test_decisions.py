"""A booking is decided once, and what became of it is told truly."""

import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.calendars.actions import Action, Outcome
from bookings.calendars.decisions import (
    ENDED_OTHERWISE,
    NOT_WAITING,
    WAITING_STATE,
    Decision,
    code_of,
    confirms,
    may_reject,
    next_step,
    state_sentence,
)
from bookings.calendars.journal import Entry
from bookings.calendars.runner import LOST_ANSWER_SECONDS, NOTHING_SENT, Runner
from bookings.waldur.errors import (
    Forbidden,
    Gone,
    Refused,
    ServerBroken,
    SignedOut,
    TooSlow,
    Unreachable,
    UnreadableAnswer,
    WaldurError,
)
from bookings.waldur.models import Booking, Offering, Person
from bookings.waldur.protocol import Accepted

SERVER = "https://waldur.example/"
UUID = "b" * 32
OTHER = "d" * 32
OFFERING = "0123456789abcdef0123456789abcdef"
OLIVIA = Person(uuid="a" * 32, username="olivia", full_name="Olivia Owner")
STATES = ["Creating", "OK", "Erred", "Updating", "Terminating", "Terminated", "", "New one"]
SECONDS = 30.0
"""No test comes near this; it ends one that hangs."""


def booking(state: str = WAITING_STATE, uuid: str = UUID) -> Booking:
    """A booking of the one offering, in this state."""
    return Booking.model_validate({
        "uuid": uuid, "name": "Booking 1-0", "state": state, "offering_uuid": OFFERING,
        "offering_name": "Laser lab",
    })  # fmt: skip


class FakeClient:
    """A server that answers as it is told, and counts what reaches it.

    `states` are what is read one after the other, the last one for ever.
    """

    def __init__(self, answer: Any = "f" * 32, *states: Any) -> None:
        self.root = SERVER
        self.answer = answer
        self.states = list(states) or ["OK"]
        self.posts: list[tuple[str, str]] = []
        self.reads = 0
        self._lock = threading.Lock()

    def decide(self, booking_uuid: str, decision: str) -> Accepted:
        """Counts, then answers."""
        with self._lock:
            self.posts.append((booking_uuid, decision))
        answer = self.answer() if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Accepted) else Accepted(200, str(answer))

    def booking(self, uuid: str) -> Booking:
        """The next state."""
        with self._lock:
            self.reads += 1
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return booking(state, uuid)


class CalendarClient:
    """A server whose calendars become public when they are asked to."""

    def __init__(self, answer: Callable[[], str] = lambda: "OK") -> None:
        self.root = SERVER
        self._answer = answer
        self.posts: list[str] = []

    def act(self, uuid: str, action: str) -> Accepted:
        """Counts, then answers."""
        self.posts.append(uuid)
        return Accepted(202, self._answer())

    def calendar(self, uuid: str) -> Offering:
        """Public once it was asked to be."""
        calendar = {"backend_id": "t02", "public": bool(self.posts)}
        return Offering.model_validate({"uuid": uuid, "googlecalendar": calendar})


Decide = Callable[..., Entry]


@pytest.fixture
def decide(runner: Runner) -> Decide:
    """Decides and waits for the end."""

    def decide(client: FakeClient, decision: Decision = Decision.ACCEPT, seen: int = 0) -> Entry:
        started = runner.decide(client, booking(), decision, OLIVIA, seen=seen)
        assert runner.drain(SECONDS)
        ended = runner.latest(SERVER, OFFERING, UUID)
        assert ended is not None
        assert ended.id == started.id
        assert not ended.open
        return ended

    return decide


# --- rules ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "state", "verdict"),
    [
        (Decision.ACCEPT, "Creating", False),
        (Decision.ACCEPT, "OK", True),
        (Decision.ACCEPT, "Updating", True),
        (Decision.ACCEPT, "Erred", None),
        (Decision.ACCEPT, "Terminated", None),
        (Decision.ACCEPT, "", None),
        (Decision.REJECT, "Creating", False),
        (Decision.REJECT, "Terminated", True),
        (Decision.REJECT, "Terminating", True),
        (Decision.REJECT, "OK", None),
        (Decision.REJECT, "Erred", None),
    ],
)
def test_a_decision_is_confirmed_by_the_state_it_leads_to(
    decision: Decision, state: str, verdict: bool | None
) -> None:
    """A booking that waits may still follow; one in another state never will."""
    assert confirms(decision, state) is verdict


@given(st.sampled_from(STATES))
def test_no_state_confirms_both_decisions(state: str) -> None:
    """What was accepted was not rejected."""
    assert not (confirms(Decision.ACCEPT, state) and confirms(Decision.REJECT, state))


@pytest.mark.parametrize(
    ("is_staff", "is_creator", "allowed"),
    [(True, False, True), (False, True, True), (True, True, True), (False, False, False)],
)
def test_who_may_reject_is_told_and_why_not(
    is_staff: bool, is_creator: bool, allowed: bool
) -> None:
    """The provider's own people are told who could."""
    may, reason = may_reject(is_staff=is_staff, is_creator=is_creator)

    assert may is allowed
    assert bool(reason) is not allowed
    assert allowed or "the provider's own people are refused" in reason


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused(status=409), NOT_WAITING),
        (Refused(status=400), Refused.code),
        (Forbidden(status=403), Forbidden.code),
        (Unreachable(sent=False), Unreachable.code),
    ],
)
def test_a_conflict_is_a_booking_that_does_not_wait(error: WaldurError, code: str) -> None:
    """Only 409 says so."""
    assert code_of(error) == code


@given(
    st.sampled_from(Outcome),
    st.none()
    | st.text()
    | st.sampled_from(
        [ENDED_OTHERWISE, NOT_WAITING, Forbidden.code, Gone.code, SignedOut.code, TooSlow.code]
    ),
)
def test_every_outcome_has_a_next_step(outcome: Outcome, code: str | None) -> None:
    """There is a sentence for people whatever happened, unknown codes included."""
    sentence = next_step(outcome, code)

    assert sentence.endswith(".")
    assert sentence[0].isupper()


@pytest.mark.parametrize(
    ("outcome", "code", "part"),
    [
        (Outcome.REFUSED, NOT_WAITING, "does not wait for an answer any more"),
        (Outcome.REFUSED, Forbidden.code, "Your role may not decide this booking."),
        (Outcome.REFUSED, Gone.code, "no such booking"),
        (Outcome.REFUSED, SignedOut.code, "Sign in again"),
        (Outcome.UNKNOWN, SignedOut.code, "before you press again"),
        (Outcome.REFUSED, Unreachable.code, "Check that the server is up"),
        (Outcome.REFUSED, "nobody's", "the booking was not changed"),
        (Outcome.UNKNOWN, TooSlow.code, "look at the booking's state before you press again"),
        (Outcome.CONFIRMED, SignedOut.code, "Nothing more needs to be done."),
        (Outcome.SENDING, None, "no need to press again"),
        (Outcome.UNKNOWN, ENDED_OTHERWISE, "The booking is in another state"),
    ],
)
def test_a_next_step_fits_the_cause(outcome: Outcome, code: str | None, part: str) -> None:
    """The cause decides where a person is sent."""
    assert part in next_step(outcome, code)


def test_words_are_those_of_the_buttons() -> None:
    """People know the decisions by these words; a state that was not told is said to be so."""
    assert [decision.label for decision in Decision] == ["Accept booking", "Reject booking"]
    assert state_sentence("OK") == "The booking's state is OK."
    assert state_sentence("") == "The booking's state is not told."


# --- decided --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "states", "remark"),
    [
        (Decision.ACCEPT, ["Creating", "OK"], "The booking's state is OK. Seen 4 s after"),
        (Decision.REJECT, ["Terminated"], "The booking's state is Terminated. Seen 2 s after"),
    ],
)
def test_a_state_that_is_read_back_confirms(
    decide: Decide, decision: Decision, states: list[str], remark: str
) -> None:
    """Accepted turns into Confirmed when the booking has the state, and not before."""
    client = FakeClient("f" * 32, *states)

    entry = decide(client, decision)

    assert entry.outcome is Outcome.CONFIRMED
    assert entry.remark.startswith(remark)
    assert (entry.action, entry.booking_uuid, entry.booking_name) == (
        decision,
        UUID,
        "Booking 1-0",
    )
    assert (entry.http_status, entry.offering_name, entry.person_name) == (
        200,
        "Laser lab",
        "olivia",
    )
    assert client.posts == [(UUID, decision.value)]
    assert client.reads == len(states)


def test_the_servers_own_status_is_on_record(decide: Decide) -> None:
    """Any 2xx takes the decision."""
    entry = decide(FakeClient(Accepted(202, "Taken."), "OK"))

    assert (entry.outcome, entry.http_status, entry.words) == (Outcome.CONFIRMED, 202, "Taken.")


def test_a_booking_that_goes_on_waiting_is_not_confirmed(decide: Decide) -> None:
    """The server took it, and nothing is claimed beyond that."""
    client = FakeClient("f" * 32, WAITING_STATE)

    entry = decide(client)

    assert entry.outcome is Outcome.NOT_CONFIRMED
    assert "The booking's state is Creating." in entry.remark
    assert "press Refresh in a minute" in entry.next_step
    assert len(client.posts) == 1


def test_a_booking_that_failed_after_the_decision_is_not_confirmed(decide: Decide) -> None:
    """A state the decision does not lead to ends the waiting, and is told."""
    client = FakeClient("f" * 32, "Erred")

    entry = decide(client)

    assert entry.outcome is Outcome.NOT_CONFIRMED
    assert "The booking's state is Erred." in entry.remark
    assert entry.error_code == ENDED_OTHERWISE
    assert "went another way" in entry.next_step
    assert (len(client.posts), client.reads) == (1, 1)


@pytest.mark.parametrize(
    ("error", "code", "part"),
    [
        (
            Refused(status=409, words="Valid states for operation: Creating."),
            NOT_WAITING,
            "somebody else decided, or it was withdrawn",
        ),
        (
            Forbidden(status=403, words="You do not have permission to perform this action."),
            Forbidden.code,
            "Staff, the person who booked",
        ),
        (Gone(status=404, words="No Resource matches."), Gone.code, "no such booking"),
    ],
)
def test_a_refusal_is_explained(decide: Decide, error: WaldurError, code: str, part: str) -> None:
    """The server's words are on record, with what a person can do; nothing is read or repeated."""
    client = FakeClient(error)

    entry = decide(client)

    assert (entry.outcome, entry.error_code) == (Outcome.REFUSED, code)
    assert (entry.http_status, entry.words) == (error.status, error.words)
    assert part in entry.next_step
    assert (len(client.posts), client.reads) == (1, 0)


def test_a_server_that_was_not_reached_has_decided_nothing(decide: Decide) -> None:
    """A refused connection is certain."""
    entry = decide(FakeClient(Unreachable(sent=False)))

    assert entry.outcome is Outcome.REFUSED
    assert entry.remark.startswith(NOTHING_SENT)


LOST = [ServerBroken(status=502), TooSlow(), Unreachable(), UnreadableAnswer(status=200)]


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_a_lost_answer_is_settled_by_the_state(decide: Decide, error: WaldurError) -> None:
    """An acceptance can take longer than an answer may: the state tells, no second POST does."""
    client = FakeClient(error, WAITING_STATE, "OK")

    entry = decide(client)

    assert entry.outcome is Outcome.CONFIRMED
    assert entry.remark.startswith(error.what)
    assert "The booking's state is OK." in entry.remark
    assert entry.remark.endswith(" Whether by this decision is not known.")
    assert (len(client.posts), client.reads) == (1, 2)


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_a_lost_answer_without_a_change_stays_unknown(
    decide: Decide, pauses: Any, error: WaldurError
) -> None:
    """It may still be on its way, so it is not called refused."""
    client = FakeClient(error, WAITING_STATE)

    entry = decide(client)

    assert entry.outcome is Outcome.UNKNOWN
    assert "No change was seen" in entry.remark
    assert len(client.posts) == 1
    assert LOST_ANSWER_SECONDS <= sum(pauses.slept) < LOST_ANSWER_SECONDS + 10


def test_a_lost_answer_and_another_state_is_unknown(decide: Decide) -> None:
    """A booking that was withdrawn meanwhile does not show who did what; no look would tell."""
    client = FakeClient(TooSlow(), "Terminated")

    entry = decide(client)

    assert (entry.outcome, entry.error_code) == (Outcome.UNKNOWN, ENDED_OTHERWISE)
    assert not entry.worth_another_look
    assert entry.remark.endswith("The booking's state is Terminated.")
    assert (len(client.posts), client.reads) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "outcome"), [("f" * 32, Outcome.NOT_CONFIRMED), (TooSlow(), Outcome.UNKNOWN)]
)
def test_a_state_that_is_not_told_is_no_other_way(
    decide: Decide, answer: Any, outcome: Outcome
) -> None:
    """An answer without it says nothing of the booking, and a later look is worth it."""
    client = FakeClient(answer, "")

    entry = decide(client)

    assert entry.outcome is outcome
    assert entry.remark.endswith("The server does not tell this person the state.")
    assert entry.error_code != ENDED_OTHERWISE
    assert entry.worth_another_look
    assert (len(client.posts), client.reads) == (1, 1)


def test_a_state_that_may_not_be_read_any_more_ends_the_waiting(decide: Decide) -> None:
    """The decision was taken; that the sign-in ended since is said."""
    client = FakeClient("f" * 32, SignedOut(status=401))

    entry = decide(client)

    assert (entry.outcome, entry.error_code) == (Outcome.NOT_CONFIRMED, SignedOut.code)
    assert "The booking's state could not be read." in entry.remark
    assert "Sign in again" in entry.next_step


# --- looked at again ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "whose"),
    [("f" * 32, ""), (TooSlow(), " Whether by this decision is not known.")],
    ids=["accepted", "lost"],
)
def test_a_later_look_finds_the_decision_done(
    runner: Runner, decide: Decide, answer: Any, whose: str
) -> None:
    """What is claimed is the state; where no answer came somebody else may have decided so."""
    client = FakeClient(answer, WAITING_STATE)
    entry = decide(client)
    client.states = ["OK"]

    looked = runner.look_at_booking(client, entry)

    assert looked.outcome is Outcome.CONFIRMED
    assert looked.remark == (f"Seen when it was looked at again: The booking's state is OK.{whose}")
    assert looked == runner.latest(SERVER, OFFERING, UUID)
    assert len(client.posts) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"), [("f" * 32, Outcome.NOT_CONFIRMED), (TooSlow(), Outcome.UNKNOWN)]
)
@pytest.mark.parametrize("state", ["Erred", "Terminated"])
def test_a_booking_that_went_another_way_is_told_and_not_waited_for(
    runner: Runner, decide: Decide, answer: Any, outcome: Outcome, state: str
) -> None:
    """The state stands on record, nothing is claimed of the decision, and no look is offered."""
    client = FakeClient(answer, WAITING_STATE)
    entry = decide(client)
    client.states = [state]
    assert entry.worth_another_look

    looked = runner.look_at_booking(client, entry)

    assert (looked.outcome, looked.error_code) == (outcome, ENDED_OTHERWISE)
    assert looked.remark.endswith(
        f"Read when it was looked at again: The booking's state is {state}."
    )
    assert "press Refresh" in looked.next_step
    assert not looked.worth_another_look
    reads = client.reads
    assert runner.look_at_booking(client, looked) == looked
    assert client.reads == reads


@pytest.mark.parametrize("state", [WAITING_STATE, ""])
def test_a_look_that_shows_nothing_changes_nothing(
    runner: Runner, decide: Decide, state: str
) -> None:
    """A booking that still waits, or whose state is not told, says nothing of the decision."""
    client = FakeClient(TooSlow(), WAITING_STATE)
    entry = decide(client)
    client.states = [state]

    assert runner.look_at_booking(client, entry) == entry
    assert entry.worth_another_look


def test_looks_of_an_occasion_do_not_pile_up(runner: Runner, decide: Decide) -> None:
    """What was read last is on record, once."""
    client = FakeClient(TooSlow(), WAITING_STATE)
    entry = decide(client)

    for _ in range(3):
        looked = runner.look_at_booking(client, entry, occasion="at the next sign-in")

    assert looked.outcome is Outcome.UNKNOWN
    assert looked.remark == (
        f"{entry.remark} Read at the next sign-in: The booking's state is Creating."
    )


def test_only_the_latest_decision_is_looked_at(runner: Runner, decide: Decide) -> None:
    """A later one may have brought the state about."""
    client = FakeClient(TooSlow(), WAITING_STATE)
    first = decide(client)
    decide(FakeClient("f" * 32, "OK"), seen=1)
    reads = client.reads

    assert runner.look_at_booking(client, first) == first
    assert client.reads == reads


# --- once -----------------------------------------------------------------------------------


def test_a_double_press_sends_once(runner: Runner) -> None:
    """Of many presses on one sight one is sent, the opposite decision included."""
    client = FakeClient("f" * 32, "OK")
    together = threading.Barrier(8)

    def press(number: int) -> Entry:
        together.wait(SECONDS)
        decision = Decision.REJECT if number % 2 else Decision.ACCEPT
        return runner.decide(client, booking(), decision, OLIVIA, seen=0)

    with ThreadPoolExecutor(8) as presses:
        entries = list(presses.map(press, range(8)))

    assert runner.drain(SECONDS)
    assert len(client.posts) == 1
    assert {entry.id for entry in entries} == {entries[0].id}


def test_a_press_on_an_old_page_is_shown_the_decision(runner: Runner, decide: Decide) -> None:
    """The decision is over, but this page has not seen it: nothing is sent."""
    ended = decide(FakeClient("f" * 32, "OK"))
    client = FakeClient()

    assert runner.decide(client, booking(), Decision.REJECT, OLIVIA, seen=0) == ended
    assert client.posts == []


def test_a_page_that_has_seen_the_refusal_can_decide_again(decide: Decide) -> None:
    """A refusal changed nothing."""
    decide(FakeClient(Forbidden(status=403)), Decision.REJECT)

    entry = decide(FakeClient("f" * 32, "OK"), seen=1)

    assert (entry.sequence, entry.outcome) == (2, Outcome.CONFIRMED)


def test_bookings_of_one_offering_are_decided_side_by_side(runner: Runner) -> None:
    """Each has its own numbers."""
    client = FakeClient("f" * 32, "OK")

    first = runner.decide(client, booking(), Decision.ACCEPT, OLIVIA, seen=0)
    second = runner.decide(client, booking(uuid=OTHER), Decision.ACCEPT, OLIVIA, seen=0)

    assert runner.drain(SECONDS)
    assert (first.sequence, second.sequence) == (1, 1)
    assert sorted(uuid for uuid, _ in client.posts) == [UUID, OTHER]


def test_a_calendar_and_a_booking_do_not_wait_for_each_other(runner: Runner) -> None:
    """While either is on its way the other is sent and ends."""
    reached, answer = threading.Semaphore(0), threading.Event()

    def wait() -> str:
        reached.release()
        assert answer.wait(SECONDS)
        return "OK"

    lab = Offering.model_validate({
        "uuid": OFFERING, "googlecalendar": {"backend_id": "t02", "public": False},
    })  # fmt: skip
    calendar, decisions = CalendarClient(wait), FakeClient(wait, "OK")

    action = runner.submit(calendar, lab, Action.SHARE, OLIVIA, seen=0)
    decision = runner.decide(decisions, booking(), Decision.ACCEPT, OLIVIA, seen=0)

    assert reached.acquire(timeout=SECONDS)
    assert reached.acquire(timeout=SECONDS)
    answer.set()
    assert runner.drain(SECONDS)
    assert (len(calendar.posts), len(decisions.posts)) == (1, 1)
    for entry in (action, decision):
        ended = runner.latest(SERVER, OFFERING, entry.booking_uuid)
        assert ended is not None
        assert (ended.id, ended.outcome) == (entry.id, Outcome.CONFIRMED)


def test_the_token_is_let_go_with_the_decision(runner: Runner, decide: Decide) -> None:
    """After the end nothing here keeps the client."""
    client = FakeClient(TooSlow(), WAITING_STATE, "OK")
    decide(client)
    kept = weakref.ref(client)
    runner.close()

    del client
    gc.collect()

    assert kept() is None
