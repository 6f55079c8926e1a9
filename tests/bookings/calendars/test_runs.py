"""A run sends each calendar once, stops when it should, and tells truly what came of each."""

import contextlib
import gc
import logging
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bookings.calendars import runs as runs_module
from bookings.calendars.actions import Action, Outcome
from bookings.calendars.journal import LEASE_SECONDS as ENTRY_LEASE_SECONDS
from bookings.calendars.journal import NOT_WRITTEN, DatabaseError, Entry, Journal
from bookings.calendars.on_record import OnRecord
from bookings.calendars.preflight import HAD_BY_ANOTHER, Plan, plan_of
from bookings.calendars.processes import this_process
from bookings.calendars.run_record import LEASE_SECONDS, Item, Run, RunRecord
from bookings.calendars.runner import Runner
from bookings.calendars.runs import (
    AFTER_RESTART,
    CANNOT_BE_REACHED,
    DID_NOT_ANSWER,
    RECORD_AWAY,
    RENEWAL_SECONDS,
    SENDING_AT_ONCE,
    UNANSWERED_LIMIT,
    UNDER_WAY_AT_ONCE,
    UNREACHABLE_LIMIT,
    Runs,
    may_stop,
)
from bookings.database import Database
from bookings.waldur.errors import (
    Busy,
    CalendarBusy,
    Forbidden,
    Gone,
    Refused,
    ServerBroken,
    SignedOut,
    TooSlow,
    Unreachable,
)
from bookings.waldur.models import Offering, Person
from bookings.waldur.protocol import Accepted

SERVER = "https://waldur.example/"
OLIVIA = Person(uuid="a" * 32, username="olivia", full_name="Olivia Owner")
HUGO = Person(uuid="b" * 32, username="hugo", full_name="Hugo Helper")
NO_ACCOUNT = Refused(status=400, words="Google credentials do not exist.")
BUSY = CalendarBusy(status=400, words="The calendar cannot be updated.")
SECONDS = 30.0
"""No test comes near this; it ends one that hangs."""


def uuid_of(number: int) -> str:
    """The uuid of a calendar."""
    return f"{number:032x}"


def offering(number: int, public: bool = False) -> Offering:
    """An offering with a calendar that has an id."""
    return Offering.model_validate({
        "uuid": uuid_of(number), "name": f"Lab {number}",
        "googlecalendar": {"backend_id": "t02", "public": public},
    })  # fmt: skip


def plan_for(*numbers: int, **known: Any) -> Plan:
    """A plan to share these calendars, which are private."""
    return plan_of(Action.SHARE, [offering(number) for number in numbers], **known)


def on_record(journal: Journal, number: int) -> OnRecord:
    """What the journal has of a calendar."""
    found = journal.latest(SERVER, uuid_of(number))

    assert found is not None
    return OnRecord({uuid_of(number): found}, journal.now())


class FakeClient:
    """A server that makes a calendar public when it is asked to, and counts what reaches it.

    `scripts` are the answers to the POSTs of a calendar, one after the other: a word, an error,
    or something to call; after them, and for other calendars, `answer`.
    """

    def __init__(self, answer: Any = "OK", **scripts: Sequence[Any]) -> None:
        self.root = SERVER
        self.answer = answer
        self.scripts = {uuid_of(int(key[1:])): list(script) for key, script in scripts.items()}
        self.posts: Counter[str] = Counter()
        self.public: set[str] = set()
        self.restarted = False
        """Whether the POSTs were an earlier process's."""
        self.reading: Callable[[str], object] = lambda uuid: None
        self._lock = threading.Lock()

    def act(self, uuid: str, action: str) -> Accepted:
        """Counts, then answers."""
        assert action in {Action.SHARE.value, Action.SYNC.value}
        with self._lock:
            self.posts[uuid] += 1
            script = self.scripts.get(uuid)
            answer = script.pop(0) if script else self.answer
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        with self._lock:
            self.public.add(uuid)
        return Accepted(202, str(answer))

    def calendar(self, uuid: str) -> Offering:
        """The calendar as it is now; `reading` is called for what is read after a POST."""
        if self.posts[uuid] or self.restarted:
            self.reading(uuid)
        return Offering.model_validate({
            "uuid": uuid, "googlecalendar": {"backend_id": "t02", "public": uuid in self.public},
        })  # fmt: skip


class Gate:
    """An answer that is held back until it is let go."""

    def __init__(self, answer: Any = "OK") -> None:
        self._answer = answer
        self._reached = threading.Semaphore(0)
        self._open = threading.Event()

    def __call__(self) -> Any:
        """What the server answers, when it does."""
        self._reached.release()
        assert self._open.wait(SECONDS)
        return self._answer

    def reached(self, times: int = SENDING_AT_ONCE) -> None:
        """Waits until so many POSTs have arrived."""
        for _ in range(times):
            assert self._reached.acquire(timeout=SECONDS)

    def open(self) -> None:
        """Lets all answers go."""
        self._open.set()


class Gauge:
    """How many there are now, and the most there ever were."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def add(self, number: int) -> None:
        """So many more, or fewer."""
        with self._lock:
            self.now += number
            self.most = max(self.most, self.now)


@pytest.fixture
def runs(runner: Runner) -> Iterator[Runs]:
    """The runs of this process; a busy calendar is tried again at once, twice."""
    runs = Runs(runner, busy_pauses=(0.0, 0.0))
    yield runs
    runner.closing.set()
    runs.close()


Finish = Callable[..., Run]


@pytest.fixture
def start(runs: Runs) -> Callable[..., Run]:
    """Starts a run as Olivia would."""
    asked = iter(range(10**9))

    def start(client: FakeClient, plan: Plan, person: Person = OLIVIA, **how: Any) -> Run:
        how = {"request": f"request {next(asked)}", **how}
        return runs.start(client, plan, person, **how)

    return start


@pytest.fixture
def ended(runs: Runs) -> Finish:
    """Waits for a run's end and gives it as it is on record."""

    def ended(run: Run) -> Run:
        assert runs.wait(run.id, SECONDS)
        found = runs.record.run(run.id)
        assert found is not None
        return found

    return ended


def states(run: Run) -> list[str]:
    """The states of its calendars, in order."""
    return [item.state.value for item in run.items]


def posted(client: FakeClient, run: Run) -> list[int]:
    """How often each of the run's calendars was sent, in order."""
    return [client.posts[item.offering_uuid] for item in run.items]


# --- to the end -----------------------------------------------------------------------------


def test_every_calendar_is_done_once(
    start: Callable[..., Run], ended: Finish, journal: Journal
) -> None:
    """The run ends in order, with each calendar's word in the journal, and frees them all."""
    client = FakeClient()

    run = ended(start(client, plan_for(*range(20))))

    assert states(run) == ["Confirmed"] * 20
    assert posted(client, run) == [1] * 20
    assert (run.done, run.total, run.interrupted, run.stop_reason) == (20, 20, False, "")
    assert not run.alive
    entries = journal.entries(servers=None)
    assert {(e.run_id, e.person_name, e.http_status) for e in entries} == {(run.id, "olivia", 202)}
    again = ended(start(FakeClient(), plan_for(3, record=on_record(journal, 3))))
    assert states(again) == ["Confirmed"]


def test_what_the_plan_leaves_out_is_not_sent(start: Callable[..., Run], ended: Finish) -> None:
    """Pointless and foreign ones never, refused ones only when that is asked for."""
    poor = offering(4).model_copy(update={"customer_uuid": "c" * 32})
    offerings = [offering(1), offering(2, public=True), offering(3), poor]
    known: Any = {"read_only": [uuid_of(3)], "connected": {"c" * 32: False}}
    plan = plan_of(Action.SHARE, offerings, **known)
    client, bolder = FakeClient(), FakeClient(BUSY)

    run = ended(start(client, plan))
    also = ended(start(bolder, plan_of(Action.SHARE, offerings[1:], **known), also_refused=True))

    assert states(run) == ["Confirmed", "Left out", "Left out", "Left out"]
    assert posted(client, run) == [1, 0, 0, 0]
    assert [item.reason for item in run.items[1:]] == [
        step.foreseen.reason for step in plan.steps[1:]
    ]
    assert states(also) == ["Left out", "Left out", "Refused"]
    assert posted(bolder, also) == [0, 0, 3]


def test_a_run_of_nothing_ends(start: Callable[..., Run], ended: Finish) -> None:
    """There is nothing to wait for."""
    assert not ended(start(FakeClient(), plan_for())).alive


def test_failures_do_not_hold_up_the_others(start: Callable[..., Run], ended: Finish) -> None:
    """Each calendar has its own end, whatever became of its neighbours."""
    # Two that count as unanswered: a third could follow them in a row, which ends a run.
    client = FakeClient(
        n1=[NO_ACCOUNT], n2=[TooSlow()], n5=[Gone(status=404)], n6=[RuntimeError("x")],
        n7=[Unreachable(sent=False)], n8=[Forbidden(status=403)],
    )  # fmt: skip

    run = ended(start(client, plan_for(*range(12))))

    assert states(run) == [
        "Confirmed",
        "Refused",
        "Outcome unknown",
        "Confirmed",
        "Confirmed",
        "Refused",
        "Outcome unknown",
        "Refused",
        "Refused",
        "Confirmed",
        "Confirmed",
        "Confirmed",
    ]
    assert posted(client, run) == [1] * 12
    assert [item.failed for item in run.items].count(True) == 6
    assert run.items[1].entry is not None
    assert run.items[1].entry.words == NO_ACCOUNT.words


def test_few_are_sent_at_once(start: Callable[..., Run], ended: Finish) -> None:
    """Two POSTs are on their way together, and never a third."""
    together = threading.Barrier(SENDING_AT_ONCE)
    on_their_way = Gauge()

    def answer() -> str:
        on_their_way.add(1)
        together.wait(SECONDS)
        on_their_way.add(-1)
        return "OK"

    run = ended(start(FakeClient(answer), plan_for(*range(10 * SENDING_AT_ONCE))))

    assert set(states(run)) == {"Confirmed"}
    assert on_their_way.most == SENDING_AT_ONCE


def test_a_bounded_number_is_under_way(start: Callable[..., Run], ended: Finish) -> None:
    """So many are waited for together, and none is sent before one of them has ended."""
    together = threading.Barrier(UNDER_WAY_AT_ONCE)
    under_way = Gauge()

    def answer() -> str:
        under_way.add(1)
        return "OK"

    def reading(_uuid: str) -> None:
        together.wait(SECONDS)
        under_way.add(-1)

    client = FakeClient(answer)
    client.reading = reading
    run = ended(start(client, plan_for(*range(3 * UNDER_WAY_AT_ONCE))))

    assert set(states(run)) == {"Confirmed"}
    assert under_way.most == UNDER_WAY_AT_ONCE


# --- busy -----------------------------------------------------------------------------------


@pytest.mark.parametrize("busy", [BUSY, Busy(status=429, words="Slow down.")], ids=repr)
def test_a_busy_calendar_is_tried_again_later(
    start: Callable[..., Run], ended: Finish, busy: Exception
) -> None:
    """A refusal because it is busy is certain, so that it may be sent again; only that one is."""
    client = FakeClient(n1=[busy, busy, "OK"], n3=[busy, NO_ACCOUNT])

    run = ended(start(client, plan_for(*range(5))))

    assert states(run) == ["Confirmed", "Confirmed", "Confirmed", "Refused", "Confirmed"]
    assert posted(client, run) == [1, 3, 1, 2, 1]
    assert [item.attempts for item in run.items] == [1, 3, 1, 2, 1]


def test_a_calendar_that_stays_busy_is_given_up(start: Callable[..., Run], ended: Finish) -> None:
    """After the last pause it is refused in the server's words."""
    client = FakeClient(n1=[BUSY] * 9)

    run = ended(start(client, plan_for(1, 2)))

    assert states(run) == ["Refused", "Confirmed"]
    assert posted(client, run) == [3, 1]
    assert run.items[0].entry is not None
    assert run.items[0].entry.words == BUSY.words


def test_a_busy_answer_that_may_have_come_too_late_is_not_tried_again(
    start: Callable[..., Run], ended: Finish
) -> None:
    """503 does not say that nothing was done."""
    client = FakeClient(n1=[Busy(status=503)])

    run = ended(start(client, plan_for(1)))

    assert (states(run), posted(client, run)) == (["Outcome unknown"], [1])


def test_a_busy_calendar_waits_for_its_pause(
    runner: Runner, pauses: Any, ended: Finish, runs: Runs
) -> None:
    """Others go on meanwhile, and it is not sent before its time."""
    runs.busy_pauses = (60.0,)
    sent_at: list[float] = []

    def refuse() -> Exception:
        sent_at.append(pauses.now)
        return BUSY

    def accept() -> str:
        sent_at.append(pauses.now)
        return "OK"

    client = FakeClient(n1=[refuse, accept])
    run = runs.start(client, plan_for(*range(1, 60)), OLIVIA, request="r1")

    run = ended(run)

    assert set(states(run)) == {"Confirmed"}
    assert sent_at[1] - sent_at[0] >= 60.0


def test_a_calendar_that_rests_is_sent_after_its_rest(
    journal: Journal, wall: Any, pauses: Any
) -> None:
    """An action that has just ended is no reason to leave a calendar out."""
    runner = Runner(journal, settle=1.0, sleep=pauses.sleep, clock=pauses.clock)
    runs = Runs(runner)
    client = FakeClient()
    runner.submit(client, offering(1), Action.SHARE, HUGO, seen=0)
    assert runner.drain(SECONDS)
    client.public.clear()
    others = Gate()
    client.scripts[uuid_of(2)] = [others]

    run = runs.start(client, plan_for(1, 2, record=on_record(journal, 1)), OLIVIA, request="r1")
    others.reached(1)
    assert client.posts[uuid_of(1)] == 1
    wall.move(1.0)
    pauses.sleep(1.0)
    others.open()

    assert runs.wait(run.id, SECONDS)
    found = runs.record.run(run.id)
    assert found is not None
    assert (states(found), posted(client, found)) == (["Confirmed"] * 2, [2, 1])
    runner.close()


def test_what_nobody_waits_for_keeps_its_place_for_a_while(
    runner: Runner, runs: Runs, pauses: Any, ended: Finish
) -> None:
    """The server works on it all the same, and is not given more than so many at once."""
    runs.settling = 1.0
    asked_at: list[float] = []
    # Time passes as it does for a worker that waits.
    runner.clock = lambda: pauses.now + time.monotonic()

    def answer() -> str:
        asked_at.append(runner.clock())
        return "OK"

    plan = plan_of(Action.SYNC, [offering(number) for number in range(UNDER_WAY_AT_ONCE + 2)])
    run = ended(runs.start(FakeClient(answer), plan, OLIVIA, request="r1"))

    assert set(states(run)) == {"Accepted"}
    assert asked_at[UNDER_WAY_AT_ONCE] - asked_at[0] >= 1.0


@pytest.mark.parametrize(
    ("asked", "pause"), [(None, 0.2), (0.5, 0.5), (1e6, 1.0)], ids=["no", "some", "too much"]
)
def test_a_server_that_is_too_busy_is_left_alone(
    runner: Runner, runs: Runs, pauses: Any, ended: Finish, asked: float | None, pause: float
) -> None:
    """Nothing at all is sent for as long as the calendar's pause, or as the server asked for."""
    runs.busy_pauses = (0.2, 1.0)
    asked_at: list[float] = []
    runner.clock = lambda: pauses.now + time.monotonic()

    def answer() -> Any:
        asked_at.append(runner.clock())
        return Busy(status=429, retry_after=asked) if len(asked_at) == 1 else NO_ACCOUNT

    run = ended(runs.start(FakeClient(answer), plan_for(*range(20)), OLIVIA, request="r1"))

    assert set(states(run)) == {"Refused"}
    assert len(asked_at) == 21
    assert max(asked_at) - asked_at[0] >= pause
    # Some may be sent beside the refused one until its end is on record.
    assert sum(when - asked_at[0] < pause for when in asked_at) <= 10


# --- stopped --------------------------------------------------------------------------------


def test_a_stop_lets_what_was_sent_finish(
    runs: Runs, start: Callable[..., Run], ended: Finish
) -> None:
    """Nothing more is sent, and what is not sent says who had it stopped."""
    gate = Gate()
    client = FakeClient(gate)
    run = start(client, plan_for(*range(30)))
    gate.reached()

    runs.stop(run.id, "hugo")
    runs.stop(run.id, "olivia")
    gate.open()
    run = ended(run)

    left = 30 - SENDING_AT_ONCE
    assert states(run) == ["Confirmed"] * SENDING_AT_ONCE + ["Not sent"] * left
    assert posted(client, run) == [1] * SENDING_AT_ONCE + [0] * left
    assert {item.reason for item in run.items[SENDING_AT_ONCE:]} == {"Stopped by hugo."}
    assert (run.stop_reason, run.alive, run.interrupted) == ("Stopped by hugo.", False, False)


def test_a_stop_that_is_asked_for_elsewhere_is_noticed(
    database_url: str, pauses: Any, start: Callable[..., Run], ended: Finish
) -> None:
    """Another process writes it into the record; the next renewal of the lease reads it."""
    gate = Gate()
    client = FakeClient(gate)
    run = start(client, plan_for(*range(30)))
    gate.reached()
    elsewhere = Journal(database_url, holder="elsewhere:1:1")

    RunRecord(elsewhere).stop(run.id, "Stopped by hugo.")
    pauses.sleep(RENEWAL_SECONDS)
    gate.open()
    run = ended(run)

    assert run.counts == {"Confirmed": SENDING_AT_ONCE, "Not sent": 30 - SENDING_AT_ONCE}
    assert client.posts.total() == SENDING_AT_ONCE
    assert run.stop_reason == "Stopped by hugo."
    elsewhere.close()


def test_a_stop_ends_the_tries_of_busy_calendars(
    runs: Runs, start: Callable[..., Run], ended: Finish
) -> None:
    """One that was refused as busy and waits for another try keeps the server's words."""
    runs.busy_pauses = (1e6,)
    gate = Gate()
    client = FakeClient(n1=[BUSY], n2=[gate])
    run = start(client, plan_for(1, 2, *range(3, 9)))
    gate.reached(1)

    runs.stop(run.id, "hugo")
    gate.open()
    run = ended(run)

    assert (states(run)[0], posted(client, run)[0]) == ("Refused", 1)
    assert run.items[0].entry is not None
    assert run.items[0].entry.words == BUSY.words


def test_a_stop_of_what_has_ended_changes_nothing(
    runs: Runs, start: Callable[..., Run], ended: Finish
) -> None:
    """A press that comes too late, and one on a run that never was."""
    run = ended(start(FakeClient(), plan_for(1)))

    runs.stop(run.id, "hugo")
    runs.stop(run.id + 1, "hugo")

    assert ended(run) == run


def test_a_sign_in_that_ends_stops_the_run(start: Callable[..., Run], ended: Finish) -> None:
    """From then on every POST would be refused, so that none is sent."""
    lock, taken = threading.Lock(), 0

    def answer() -> Any:
        nonlocal taken
        with lock:
            taken += 1
            return "OK" if taken <= 5 else SignedOut(status=401)

    client = FakeClient(answer)

    run = ended(start(client, plan_for(*range(40))))

    assert run.stop_reason == "The server does not accept this sign-in any more."
    assert run.counts["Confirmed"] == 5
    assert 1 <= run.counts["Refused"] <= SENDING_AT_ONCE
    assert run.counts["Not sent"] == 35 - run.counts["Refused"]
    assert client.posts.total() == 5 + run.counts["Refused"]
    assert {i.reason for i in run.items if not i.attempts} == {run.stop_reason}


def test_a_server_that_is_away_stops_the_run(start: Callable[..., Run], ended: Finish) -> None:
    """After so many in a row nothing more is tried."""
    client = FakeClient(Unreachable(sent=False))

    run = ended(start(client, plan_for(*range(40))))

    assert run.stop_reason == "The server cannot be reached."
    assert UNREACHABLE_LIMIT <= run.counts["Refused"] <= UNREACHABLE_LIMIT + SENDING_AT_ONCE - 1
    assert run.counts["Not sent"] == 40 - run.counts["Refused"]


def test_a_server_that_answers_between_is_not_away(
    start: Callable[..., Run], ended: Finish
) -> None:
    """A refused connection now and then does not end the run, whichever way the others end."""
    lock, taken = threading.Lock(), 0

    def answer() -> Any:
        nonlocal taken
        with lock:
            taken += 1
            if taken % 4 == 0:
                return NO_ACCOUNT
            return Unreachable(sent=False) if taken % 2 else "OK"

    client = FakeClient(answer)
    client.reading = lambda _uuid: None

    run = ended(start(client, plan_for(*range(40))))

    assert run.stop_reason == ""
    assert run.counts == {"Refused": 30, "Confirmed": 10}


def test_ends_that_were_waited_for_do_not_hide_that_the_server_is_away(
    start: Callable[..., Run], ended: Finish
) -> None:
    """What was sent before the server went away ends between the failures, and says nothing."""
    lock, taken = threading.Lock(), 0

    def answer() -> Any:
        nonlocal taken
        with lock:
            taken += 1
            return "OK" if taken <= 8 else Unreachable(sent=False)

    def reading(_uuid: str) -> None:
        raise Unreachable(sent=False)

    client = FakeClient(answer)
    client.reading = reading

    run = ended(start(client, plan_for(*range(40))))

    assert run.stop_reason == "The server cannot be reached."
    assert run.counts["Not confirmed"] == 8
    # The last acceptance may be on record only after failures that were sent beside it.
    beside = (SENDING_AT_ONCE - 1) * (UNREACHABLE_LIMIT - 1)
    assert run.counts["Refused"] <= beside + UNREACHABLE_LIMIT + SENDING_AT_ONCE - 1


def test_a_server_that_does_not_answer_stops_the_run(
    start: Callable[..., Run], ended: Finish
) -> None:
    """After so many in a row of which nobody knows whether it took them."""
    answers = iter([TooSlow(), ServerBroken(status=502), Busy(status=503)] * 20)
    client = FakeClient(lambda: next(answers))

    run = ended(start(client, plan_for(*range(40))))

    assert run.stop_reason == DID_NOT_ANSWER
    unknown = run.counts["Outcome unknown"]
    assert UNANSWERED_LIMIT <= unknown <= UNANSWERED_LIMIT + SENDING_AT_ONCE - 1
    assert run.counts["Not sent"] == 40 - unknown


def test_answers_that_are_lost_now_and_then_do_not_stop_the_run(
    start: Callable[..., Run], ended: Finish
) -> None:
    """An answer between them shows that the server is there."""
    lock, taken = threading.Lock(), 0

    def answer() -> Any:
        nonlocal taken
        with lock:
            taken += 1
            return TooSlow() if taken % 6 == 0 else NO_ACCOUNT

    run = ended(start(FakeClient(answer), plan_for(*range(36))))

    assert run.stop_reason == ""
    assert run.counts == {"Outcome unknown": 6, "Refused": 30}


def test_a_dashboard_that_is_stopped_ends_its_runs(
    runner: Runner, runs: Runs, start: Callable[..., Run], ended: Finish
) -> None:
    """The POSTs on their way are waited for, and the rest is recorded as not sent."""
    gate = Gate()
    client = FakeClient(gate)
    run = start(client, plan_for(*range(30)))
    gate.reached()

    runner.closing.set()
    gate.open()
    runner.close()
    runs.close()
    run = ended(run)

    assert client.posts.total() == SENDING_AT_ONCE
    assert all(client.posts[item.offering_uuid] for item in run.items if item.state.value in {
        "Confirmed", "Not confirmed",
    })  # fmt: skip
    assert sum(run.counts.values()) == 30
    assert run.counts["Confirmed"] + run.counts["Not confirmed"] == SENDING_AT_ONCE
    assert not run.alive
    unsent = [i for i in run.items if not client.posts[i.offering_uuid]]
    assert {i.state.value for i in unsent} <= {"Not sent", "Refused"}
    assert {i.entry.remark if i.entry else i.reason for i in unsent} <= {
        "The dashboard was stopped.",
        "Nothing was sent to the server. The dashboard was stopped.",
    }


def test_an_interpreter_that_ends_ends_its_runs(
    runner: Runner, start: Callable[..., Run], ended: Finish, journal: Journal
) -> None:
    """It takes no new work without saying so before; not every calendar finds that out itself."""
    gate = Gate()
    client = FakeClient(gate)
    run = start(client, plan_for(*range(30)))
    gate.reached()

    runner._senders.shutdown(wait=False)
    gate.open()
    run = ended(run)

    assert client.posts.total() == SENDING_AT_ONCE
    assert run.counts["Not sent"] >= 30 - 3 * SENDING_AT_ONCE
    assert run.stop_reason == "The dashboard was stopped."
    assert len(journal.entries(servers=None)) == 30 - run.counts["Not sent"]


def test_a_run_that_lost_its_lease_sends_no_more(
    wall: Any, pauses: Any, start: Callable[..., Run], ended: Finish
) -> None:
    """Its calendars may be another's by now."""
    gate = Gate()
    client = FakeClient(gate)
    run = start(client, plan_for(*range(30)))
    gate.reached()

    wall.move(LEASE_SECONDS)
    pauses.sleep(RENEWAL_SECONDS)
    gate.open()
    run = ended(run)

    assert client.posts.total() == SENDING_AT_ONCE
    assert run.counts == {"Confirmed": SENDING_AT_ONCE, "Not sent": 30 - SENDING_AT_ONCE}
    assert {i.reason for i in run.items if not i.attempts} == {"The run was given up."}


def test_a_run_that_gets_no_thread_is_ended(
    monkeypatch: pytest.MonkeyPatch, runs: Runs, start: Callable[..., Run], ended: Finish
) -> None:
    """A system that gives no more threads does not leave a run that nobody works on."""

    class NoThread:
        def __init__(self, **_how: Any) -> None:
            """Takes what a thread takes."""

        def start(self) -> None:
            """Fails as a thread does."""
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(runs_module, "threading", SimpleNamespace(Thread=NoThread))
    client = FakeClient()

    run = ended(start(client, plan_for(1, 2)))

    assert (states(run), client.posts.total()) == (["Not sent"] * 2, 0)
    assert run.items[0].reason == "This dashboard could not begin it."
    runs.close()


# --- others ---------------------------------------------------------------------------------


def test_what_somebody_did_meanwhile_is_not_done_again(
    runner: Runner, start: Callable[..., Run], ended: Finish
) -> None:
    """The plan had not seen it, so that calendar is left to the person who looked."""
    first = FakeClient()
    runner.submit(first, offering(1), Action.SHARE, HUGO, seen=0)
    assert runner.drain(SECONDS)
    client = FakeClient()

    run = ended(start(client, plan_for(1, 2)))

    assert (states(run), posted(client, run)) == (["Not sent", "Confirmed"], [0, 1])
    assert run.items[0].reason == "“Share calendar” of hugo came first, after the plan was made."


def test_what_somebody_is_doing_is_not_done_beside_it(
    runner: Runner, start: Callable[..., Run], ended: Finish
) -> None:
    """Not even where the person wants to send what will be refused."""
    gate = Gate()
    runner.submit(FakeClient(gate), offering(1), Action.SHARE, HUGO, seen=0)
    gate.reached(1)
    client = FakeClient()
    plan = plan_for(1, 2, record=on_record(runner.journal, 1))

    run = ended(start(client, plan, also_refused=True))
    gate.open()

    assert (states(run), posted(client, run)) == (["Not sent", "Confirmed"], [0, 1])
    assert run.items[0].reason == "“Share calendar” of hugo is not finished yet."


def test_two_runs_over_the_same_calendars_send_each_once(
    start: Callable[..., Run], ended: Finish
) -> None:
    """The later one is told of each, and does what the first has not."""
    gate = Gate()
    client, other = FakeClient(gate), FakeClient()
    run = start(client, plan_for(*range(10)))
    gate.reached()

    later = ended(start(other, plan_for(*range(5, 15)), HUGO))
    gate.open()
    run = ended(run)

    assert states(run) == ["Confirmed"] * 10
    assert states(later) == ["Not sent"] * 5 + ["Confirmed"] * 5
    assert {item.reason for item in later.items[:5]} == {HAD_BY_ANOTHER}
    assert later.person_name == "hugo"
    assert set((client.posts + other.posts).values()) == {1}


def test_a_request_that_is_made_twice_is_one_run(
    runs: Runs, start: Callable[..., Run], ended: Finish
) -> None:
    """A double click, a reload or a second tab: however many ask, it is begun once."""
    together = threading.Barrier(4)
    client = FakeClient()

    def press(_number: int) -> Run:
        together.wait(SECONDS)
        return start(client, plan_for(*range(6)), request="r1")

    with ThreadPoolExecutor(4) as presses:
        found = list(presses.map(press, range(4)))
    run = ended(found[0])

    assert {each.id for each in found} == {run.id}
    assert posted(client, run) == [1] * 6
    assert ended(start(client, plan_for(7), request="r1")) == run
    assert client.posts.total() == 6


def test_runs_of_one_moment_send_each_calendar_once(
    start: Callable[..., Run], ended: Finish
) -> None:
    """Several people who start the same at once."""
    together = threading.Barrier(3)
    client = FakeClient()

    def press(_number: int) -> Run:
        together.wait(SECONDS)
        return start(client, plan_for(*range(8)))

    with ThreadPoolExecutor(3) as presses:
        found = [ended(run) for run in presses.map(press, range(3))]

    assert client.posts == Counter({uuid_of(number): 1 for number in range(8)})
    confirmed = [i.offering_uuid for run in found for i in run.items if not i.failed]
    assert sorted(confirmed) == sorted(client.posts)


# --- trouble of our own ---------------------------------------------------------------------


def test_nothing_is_sent_that_is_not_on_record(database_url: str, wall: Any, pauses: Any) -> None:
    """When the journal cannot be written the run stops, and what was done stays done."""

    class FailingJournal(Journal):
        left = 3

        def begin(self, **how: Any) -> Entry:
            self.left -= 1
            if self.left < 0:
                raise DatabaseError(NOT_WRITTEN)
            return super().begin(**how)

    journal = FailingJournal(database_url, clock=wall)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    runs = Runs(runner)
    client = FakeClient()

    started = runs.start(client, plan_for(*range(20)), OLIVIA, request="r1")

    assert runs.wait(started.id, SECONDS)
    run = runs.record.run(started.id)
    assert run is not None
    assert run.counts == {"Confirmed": 3, "Not sent": 17}
    assert client.posts.total() == 3
    assert run.stop_reason == RECORD_AWAY
    assert {item.reason for item in run.items[3:]} == {NOT_WRITTEN, RECORD_AWAY}
    runner.close()
    journal.close()


class FlakyDatabase(Database):
    """A database that can be taken away, and counts what was tried meanwhile."""

    away = False
    tries = 0

    @contextlib.contextmanager
    def writing(self, sentence: str = "It cannot be written.") -> Iterator[Connection]:
        """Fails while it is away."""
        if self.away:
            self.tries += 1
            raise DatabaseError(sentence)
        with super().writing(sentence) as connection:
            yield connection


def test_a_database_that_goes_away_ends_the_run_soon(
    database_url: str, wall: Any, pauses: Any
) -> None:
    """However many are left, they are not each tried; the record tells later what is known."""
    journal = Journal(database_url, clock=wall)
    journal.close()
    database = journal.database = FlakyDatabase(database_url)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    runs = Runs(runner)
    gate = Gate()
    client = FakeClient(gate)
    started = runs.start(client, plan_for(*range(500)), OLIVIA, request="r1")
    gate.reached()

    database.away = True
    gate.open()
    assert runs.wait(started.id, SECONDS)
    assert runner.drain(SECONDS)
    assert client.posts.total() == SENDING_AT_ONCE
    assert database.tries < 60
    database.away = False

    wall.move(ENTRY_LEASE_SECONDS)
    run = runs.record.run(started.id)
    assert run is not None
    assert run.interrupted
    assert run.counts == {"Outcome unknown": SENDING_AT_ONCE, "Not sent": 500 - SENDING_AT_ONCE}
    assert all(client.posts[i.offering_uuid] for i in run.items if i.state is Outcome.UNKNOWN)
    runner.close()
    journal.close()


@pytest.mark.parametrize("write", ["end_items", "finish"])
def test_the_end_of_a_run_waits_for_the_database_to_come_back(
    monkeypatch: pytest.MonkeyPatch, start: Callable[..., Run], ended: Finish, write: str
) -> None:
    """A record that is away at that moment does not leave a complete run that looks broken."""
    original, failures = getattr(RunRecord, write), iter(range(4))

    def away(*args: Any, **how: Any) -> Any:
        if next(failures, None) is not None:
            raise DatabaseError(NOT_WRITTEN)
        return original(*args, **how)

    monkeypatch.setattr(RunRecord, write, away)

    run = ended(start(FakeClient(), plan_for(1, 2)))

    assert (states(run), run.done) == (["Confirmed"] * 2, 2)
    assert (run.alive, run.interrupted) == (False, False)


def test_a_run_that_cannot_be_recorded_is_not_begun(
    database_url: str, wall: Any, pauses: Any
) -> None:
    """The person is told at once, and the same request can be made again."""
    journal = Journal(database_url, clock=wall)
    journal.close()
    database = journal.database = FlakyDatabase(database_url)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    runs = Runs(runner)
    client = FakeClient()
    database.away = True

    with pytest.raises(DatabaseError):
        runs.start(client, plan_for(1), OLIVIA, request="r1")

    assert client.posts.total() == 0
    database.away = False
    run = runs.start(client, plan_for(1), OLIVIA, request="r1")
    assert runs.wait(run.id, SECONDS)
    assert client.posts.total() == 1
    runner.close()
    journal.close()


def test_a_mistake_of_ours_does_not_leave_a_run_for_ever(
    database_url: str, wall: Any, pauses: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged by its kind only; what waits is read as interrupted when the lease is over."""

    class BrokenJournal(Journal):
        def begin(self, **_how: Any) -> Entry:
            raise ValueError("Authorization: Token 1234")

    journal = BrokenJournal(database_url, clock=wall)
    runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
    runs = Runs(runner)
    client = FakeClient()

    with caplog.at_level(logging.DEBUG):
        started = runs.start(client, plan_for(1, 2), OLIVIA, request="r1")
        assert runs.wait(started.id, SECONDS)

    assert "ValueError" in caplog.text
    assert "1234" not in caplog.text
    wall.move(LEASE_SECONDS)
    run = runs.record.run(started.id)
    assert run is not None
    assert (states(run), run.interrupted, client.posts.total()) == (["Not sent"] * 2, True, 0)
    runner.close()
    journal.close()


def test_the_token_is_let_go_with_the_run(
    runner: Runner, runs: Runs, start: Callable[..., Run], ended: Finish
) -> None:
    """After the end nothing here keeps the client, however the calendars ended."""
    # Errors of its own: an error that is kept keeps the frames through which it went.
    client = FakeClient(
        n1=[CalendarBusy(status=400), "OK"],
        n2=[TooSlow()],
        n3=[Refused(status=400)],
        n4=[RuntimeError("x")],
    )
    kept = weakref.ref(client)
    run = ended(start(client, plan_for(*range(8))))

    for thread in threading.enumerate():
        if thread.name == f"calendar-run-{run.id}":
            thread.join(SECONDS)
    runner.close()
    del client
    gc.collect()

    assert kept() is None


# --- whatever the server answers ------------------------------------------------------------

ANSWERS: dict[str, Any] = {
    "done": "OK",
    "stuck": "OK",
    "busy": BUSY,
    "too many": Busy(status=429),
    "no": NO_ACCOUNT,
    "lost": TooSlow(),
    "lost, done": TooSlow(),
    "cut off": Unreachable(),
    "broken": ServerBroken(status=500),
    "away": Unreachable(sent=False),
}
CERTAINLY_BUSY = {"busy", "too many"}
ENDS = {
    "done": "Confirmed",
    "stuck": "Not confirmed",
    "busy": "Refused",
    "too many": "Refused",
    "no": "Refused",
    "lost": "Outcome unknown",
    "lost, done": "Confirmed",
    "cut off": "Outcome unknown",
    "broken": "Outcome unknown",
    "away": "Refused",
}


class ScriptedClient(FakeClient):
    """A server that follows a script of the words above for each calendar, then does it."""

    def __init__(self, words: dict[str, list[str]]) -> None:
        super().__init__()
        self.words = words
        self.given: dict[str, list[str]] = {uuid: [] for uuid in words}

    def act(self, uuid: str, action: str) -> Accepted:
        """The next word's answer."""
        with self._lock:
            self.posts[uuid] += 1
            word = self.words[uuid].pop(0) if self.words[uuid] else "done"
            self.given[uuid].append(word)
            if word in {"done", "lost, done"}:
                self.public.add(uuid)
        answer = ANSWERS[word]
        if isinstance(answer, Exception):
            raise answer
        return Accepted(202, str(answer))


@given(st.lists(st.lists(st.sampled_from(sorted(ANSWERS)), max_size=4), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_each_calendar_is_sent_once_and_its_end_is_true(
    runs: Runs, start: Callable[..., Run], ended: Finish, scripts: list[list[str]]
) -> None:
    """One POST, and one more for each certain refusal as busy; the receipt has every calendar."""
    first = 1000 * len(runs.record.runs(SERVER, limit=10_000))
    numbers = [first + number for number in range(len(scripts))]
    client = ScriptedClient(
        {uuid_of(n): list(script) for n, script in zip(numbers, scripts, strict=True)}
    )

    run = ended(start(client, plan_for(*numbers)))

    assert [item.offering_uuid for item in run.items] == [uuid_of(n) for n in numbers]
    assert not run.alive
    assert run.done == run.total == len(scripts)
    for item in run.items:
        given_words = client.given[item.offering_uuid]
        assert all(word in CERTAINLY_BUSY for word in given_words[:-1])
        assert len(given_words) <= 1 + len(runs.busy_pauses)
        assert item.attempts == len(given_words)
        if not given_words:
            assert run.stop_reason in {CANNOT_BE_REACHED, DID_NOT_ANSWER}
            assert (item.state.value, item.reason) == ("Not sent", run.stop_reason)
            continue
        assert item.state.value == ENDS[given_words[-1]]
        gave_up = len(given_words) > len(runs.busy_pauses) or run.stop_reason
        assert given_words[-1] not in CERTAINLY_BUSY or gave_up


@pytest.mark.parametrize(
    ("person", "acts_on", "allowed"),
    [
        (OLIVIA, (), True),
        (HUGO, (), False),
        (HUGO, (1,), True),
        (HUGO, (2, 9), False),
        (Person(uuid=HUGO.uuid, is_staff=True), (), True),
    ],
    ids=["own", "other", "one of them", "left out", "staff"],
)
def test_who_may_stop_a_run(
    start: Callable[..., Run],
    ended: Finish,
    person: Person,
    acts_on: tuple[int, ...],
    allowed: bool,
) -> None:
    """Its person, staff, and who may act on one of those that are to be sent."""
    plan = plan_of(Action.SHARE, [offering(1), offering(2, public=True), offering(3)])
    run = ended(start(FakeClient(), plan))

    judged = may_stop(run, person, [uuid_of(number) for number in acts_on])

    assert (judged.allowed, judged.reason == "") == (allowed, allowed)


# --- looking again --------------------------------------------------------------------------


def leave(
    database_url: str, wall: Any, holder: str, person: Person = OLIVIA, first: int = 1
) -> int:
    """Leaves a run as a process that dies does; gives its number.

    The first calendar was being sent, the second accepted, the third confirmed, the fourth was
    waiting.
    """
    journal = Journal(database_url, clock=wall, holder=holder)
    items = [
        Item(i, step.offering.uuid, step.offering.name, step.foreseen.verdict, "", True, False)
        for i, step in enumerate(plan_for(*range(first, first + 4)).steps)
    ]
    run, _ = RunRecord(journal).begin(
        request=f"{person.username} {first}",
        server=SERVER,
        action=Action.SHARE,
        person_uuid=person.uuid,
        person_name=person.username,
        items=items,
    )
    for item, outcome in zip(
        items, [Outcome.SENDING, Outcome.ACCEPTED, Outcome.CONFIRMED], strict=False
    ):
        entry = journal.begin(
            server=SERVER,
            offering_uuid=item.offering_uuid,
            offering_name="",
            action=Action.SHARE,
            person_uuid=person.uuid,
            person_name=person.username,
            seen=0,
            before=offering(1).googlecalendar,
            run_id=run.id,
        )
        if outcome is not Outcome.SENDING:
            journal.note(entry, outcome, open=outcome is Outcome.ACCEPTED)
    journal.close()
    return run.id


@pytest.fixture
def dead() -> str:
    """A holder that was a process of this place."""
    return f"{this_process().partition(':')[0]}:999999999:1"


@pytest.fixture
def restarted(journal: Journal, pauses: Any) -> Iterator[Callable[[], Runs]]:
    """Starts the runs of a new process, after what was left."""
    with contextlib.ExitStack() as closing:

        def restart() -> Runs:
            runner = Runner(journal, settle=0, sleep=pauses.sleep, clock=pauses.clock)
            closing.callback(runner.close)
            return Runs(runner)

        yield restart


def test_after_a_restart_nothing_is_sent_and_the_state_is_read(
    database_url: str, wall: Any, dead: str, restarted: Callable[[], Runs]
) -> None:
    """For the person who had it running, once; what is seen is on record."""
    left = leave(database_url, wall, dead)
    runs = restarted()
    client = FakeClient()
    client.restarted = True
    client.public = {uuid_of(1), uuid_of(2)}

    interrupted = runs.record.run(left)
    assert interrupted is not None
    assert states(interrupted) == ["Outcome unknown", "Not confirmed", "Confirmed", "Not sent"]
    assert runs.look_after_restart(client, HUGO) == []
    assert runs.look_after_restart(client, OLIVIA) == [left]
    assert runs.look_after_restart(client, OLIVIA) == []

    run = runs.record.run(left)
    assert run is not None
    assert states(run) == ["Confirmed", "Confirmed", "Confirmed", "Not sent"]
    assert run.items[0].entry is not None
    assert AFTER_RESTART in run.items[0].entry.remark
    assert client.posts.total() == 0


def test_what_may_not_be_seen_any_more_does_not_hide_the_others(
    database_url: str, wall: Any, dead: str, restarted: Callable[[], Runs]
) -> None:
    """An offering that was deleted meanwhile does not keep the rest unread for ever."""
    left = leave(database_url, wall, dead)
    runs = restarted()
    client = FakeClient()
    client.restarted = True
    client.public = {uuid_of(2)}

    def reading(uuid: str) -> None:
        if uuid == uuid_of(1):
            raise Gone(status=404)

    client.reading = reading

    assert runs.look_after_restart(client, OLIVIA) == [left]
    run = runs.record.run(left)
    assert run is not None
    assert states(run)[:2] == ["Outcome unknown", "Confirmed"]
    client.reading = lambda uuid: pytest.fail("read twice")
    assert runs.look_after_restart(client, OLIVIA) == []


@pytest.mark.parametrize("error", [SignedOut(status=401), TooSlow()], ids=repr)
def test_a_state_that_could_not_be_read_is_read_the_next_time(
    database_url: str, wall: Any, dead: str, restarted: Callable[[], Runs], error: Exception
) -> None:
    """A server that is away at the start does not use up the one look."""
    left = leave(database_url, wall, dead)
    runs = restarted()
    client = FakeClient()
    client.restarted = True
    client.public = {uuid_of(1), uuid_of(2)}

    def reading(_uuid: str) -> None:
        raise error

    client.reading = reading
    with pytest.raises(type(error)):
        runs.look_after_restart(client, OLIVIA)

    client.reading = lambda _uuid: None
    assert runs.look_after_restart(client, OLIVIA) == [left]


def test_what_another_host_may_still_work_on_is_not_read_yet(
    database_url: str, wall: Any, restarted: Callable[[], Runs]
) -> None:
    """Its run is given up before its last actions are; the one look waits for these."""
    left = leave(database_url, wall, "elsewhere:1:1")
    runs = restarted()
    client = FakeClient()
    client.restarted = True
    client.public = {uuid_of(1), uuid_of(2)}

    assert runs.look_after_restart(client, OLIVIA) == []
    wall.move(LEASE_SECONDS)
    assert runs.look_after_restart(client, OLIVIA) == []
    wall.move(ENTRY_LEASE_SECONDS)
    assert runs.look_after_restart(client, OLIVIA) == [left]

    run = runs.record.run(left)
    assert run is not None
    assert states(run) == ["Confirmed", "Confirmed", "Confirmed", "Not sent"]


def test_a_look_reads_only_what_is_not_certain(
    runs: Runs, start: Callable[..., Run], ended: Finish
) -> None:
    """A press on the button of the receipt; a calendar that lagged behind is confirmed."""
    client = FakeClient(n2=[TooSlow()], n3=[NO_ACCOUNT], n4=[Forbidden(status=403)])
    run = ended(start(client, plan_for(1, 2, 3, 4)))
    assert run.worth_a_look
    read: list[str] = []
    client.reading = read.append
    client.public.add(uuid_of(2))

    runs.look(client, run)

    run = ended(run)
    assert read == [uuid_of(2)]
    assert states(run) == ["Confirmed", "Confirmed", "Refused", "Refused"]
    assert not run.worth_a_look
    assert posted(client, run) == [1] * 4


@pytest.mark.parametrize(
    ("error", "whole", "again"),
    [(Gone(status=404), False, False), (Forbidden(status=403), False, True), (None, True, False)],
    ids=["gone", "forbidden", "readable"],
)
def test_a_look_tells_whether_it_saw_all(
    database_url: str,
    wall: Any,
    dead: str,
    restarted: Callable[[], Runs],
    error: Exception | None,
    whole: bool,
    again: bool,
) -> None:
    """What is gone for the person who had it running is never going to be read by anybody."""
    left = leave(database_url, wall, dead)
    runs = restarted()
    client = FakeClient()
    client.restarted = True

    def reading(uuid: str) -> None:
        if error is not None and uuid == uuid_of(1):
            raise error

    client.reading = reading
    run = runs.record.run(left)
    assert run is not None

    assert runs.look(client, run) is whole
    assert runs.look_after_restart(client, OLIVIA) == [left]
    assert runs.look_after_restart(client, OLIVIA) == ([left] if again else [])
