"""Sends actions and decisions: one POST per journal entry, then reads until the end is known.

An action is a job of the process. It outlives the click, the tab and the session that asked for
it, and nothing here ever sends a POST a second time.
"""

import logging
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, repeat
from typing import Protocol, TypeVar

from bookings.calendars import actions, decisions
from bookings.calendars.actions import Action, Outcome, outcome_of
from bookings.calendars.decisions import Decision
from bookings.calendars.journal import DatabaseError, Entry, Journal, Superseded
from bookings.waldur.errors import Forbidden, Gone, SignedOut, WaldurError
from bookings.waldur.models import Booking, GoogleCalendar, Offering, Person
from bookings.waldur.protocol import Accepted

WORKERS = 8
"""POSTs that may be on their way at once."""
WATCHERS = 32
"""Accepted actions whose end is waited for at once; a watcher sleeps most of the time."""

PATIENCE_SECONDS = 60.0
"""How long an accepted action is watched. An unhindered one takes 3 to 5 seconds."""
LOST_ANSWER_SECONDS = 20.0
"""How long the state is read after a lost answer; the action may never have arrived."""
SETTLE_SECONDS = 3.0
"""How long a calendar rests after an action. A quick answer must not turn the second click of
an impatient person into a second request; the server starts on an action after 2 seconds."""
PAUSES = (2.0, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Seconds between reads, the last one for ever. A server starts on an action after 2 seconds."""
DECISION_PATIENCE_SECONDS = 30.0
"""How long a booking that was decided on is watched."""
NOTE_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds between tries to write an outcome while the database is away."""
_EARLIER_LOOK = re.compile(r" Read [^.:]*: [^.]*\.$")
"""What an earlier look put at the end of a remark."""

NOTHING_SENT = "Nothing was sent to the server."
_BY_WHOM = "Whether by this decision is not known."
DASHBOARD_STOPPED = "The dashboard was stopped."
"""Why what was not sent yet is not: read afterwards, by whoever comes back."""

_SHUT_DOWN = "cannot schedule new futures"
"""How the error of a pool begins that is shut down, or whose interpreter is."""
NO_THREAD = "The system gave this dashboard no thread to work with."

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class Client(Protocol):
    """Acts as one person on one server; bookings.waldur.client.WaldurClient does."""

    root: str

    def act(self, uuid: str, action: str) -> Accepted:
        """Sends one POST, once, and gives the server's acceptance."""
        ...

    def calendar(self, uuid: str) -> Offering:
        """Reads an offering's calendar."""
        ...


class BookingClient(Protocol):
    """Decides bookings as one person on one server; WaldurClient does."""

    root: str

    def decide(self, booking_uuid: str, decision: str) -> Accepted:
        """Sends one POST, once, and gives the server's acceptance."""
        ...

    def booking(self, uuid: str) -> Booking:
        """Reads a booking."""
        ...


Follow = Callable[[Entry, bool, float | None], object]
"""Told of each thing that becomes known of an entry, with True when nothing more will, and with
the seconds for which a refusal asked to wait. Of a refusal it is told before that is on record,
too: whoever is about to send more must not wait for the database."""


def _nobody(_entry: Entry, _done: bool, _retry_after: float | None) -> None:
    """Follows nothing."""


def persist(write: Callable[[], Result], sleep: Callable[[float], object]) -> Result:
    """Writes; while the database is away, tries again for two minutes. Raises DatabaseError."""
    for pause in NOTE_PAUSES:
        try:
            return write()
        except DatabaseError:
            sleep(pause)
    return write()


class Runner:
    """Sends and watches the actions and decisions of one process. May be used from many threads.

    `sleep` and `clock` (seconds, only differences count) are there for tests; without `sleep`
    a pause ends early when the runner is closed. Without `watches` an accepted action ends as
    Accepted, and the state is read only after a lost answer. What earlier processes of this place
    left open in the journal is closed at once. Raises DatabaseError.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        workers: int = WORKERS,
        patience: float = PATIENCE_SECONDS,
        settle: float = SETTLE_SECONDS,
        watches: bool = True,
    ) -> None:
        journal.recover()
        self.journal = journal
        self.clock = clock
        self.patience = patience
        self.settle = timedelta(seconds=settle)
        self.watches = watches
        self.closing = threading.Event()
        self.sleep = sleep or self.closing.wait
        self._senders = ThreadPoolExecutor(workers, thread_name_prefix="calendar-send")
        self._watchers = ThreadPoolExecutor(WATCHERS, thread_name_prefix="calendar-watch")
        self._jobs: set[_Job] = set()
        self._jobs_changed = threading.Condition()

    def submit(
        self,
        client: Client,
        offering: Offering,
        action: Action,
        person: Person,
        *,
        seen: int,
        run_id: int | None = None,
        follow: Follow = _nobody,
    ) -> Entry:
        """Puts the action on record and has it sent; gives the entry that counts now.

        `seen` is the sequence of the latest entry that was on the screen when the person
        pressed (0 for none). If somebody was first, or an action of this calendar is still
        being worked on, nothing is sent and that entry is given. Raises Claimed while a run
        other than `run_id` has the calendar, and DatabaseError when it cannot be recorded; then
        nothing is sent either. Only what is sent is followed.
        """
        latest = self.latest(client.root, offering.uuid)
        if latest is not None and self.in_motion(latest):
            return latest
        before, known = _lasting_sight(offering, action)
        try:
            entry = self.journal.begin(
                server=client.root,
                offering_uuid=offering.uuid,
                offering_name=offering.name,
                action=action,
                person_uuid=person.uuid,
                person_name=person.named,
                seen=seen,
                before=before,
                before_known=known,
                run_id=run_id,
            )
        except Superseded as first:
            return first.latest
        self._send(_CalendarJob(self, client, entry, follow))
        return entry

    def decide(
        self,
        client: BookingClient,
        booking: Booking,
        decision: Decision,
        person: Person,
        *,
        seen: int,
    ) -> Entry:
        """Puts a decision on a booking on record and has it sent, as `submit` does an action."""
        offering_uuid = booking.offering_uuid or ""
        latest = self.latest(client.root, offering_uuid, booking.uuid)
        if latest is not None and self.in_motion(latest):
            return latest
        try:
            entry = self.journal.begin(
                server=client.root,
                offering_uuid=offering_uuid,
                offering_name=booking.offering_name,
                action=decision,
                person_uuid=person.uuid,
                person_name=person.named,
                seen=seen,
                before=None,
                before_known=False,
                booking_uuid=booking.uuid,
                booking_name=booking.name,
            )
        except Superseded as first:
            return first.latest
        self._send(_DecisionJob(self, client, entry, _nobody))
        return entry

    def latest(self, server: str, offering_uuid: str, booking_uuid: str = "") -> Entry | None:
        """The newest action of a calendar (decision on a booking), whoever asked for it."""
        return self.journal.latest(server, offering_uuid, booking_uuid)

    def in_motion(self, entry: Entry) -> bool:
        """Whether an action is being worked on, or ended so lately that its calendar rests."""
        if entry.open or entry.finished is None:
            return entry.open
        return self.journal.now() - entry.finished < self.settle

    def look_again(self, client: Client, entry: Entry, *, occasion: str = "") -> Entry:
        """Reads the calendar once; gives the entry, confirmed if the change is there now.

        Only the latest entry of a calendar can be confirmed: a later action, or one that is
        begun during the reading, may have made the change. With `occasion`, the end of a
        sentence, what was read is recorded even if it shows no change. Raises the errors of
        bookings.waldur.errors, and DatabaseError.
        """
        latest = self._to_be_read(client.root, entry)
        if latest is None or isinstance(latest.action, Decision):
            return latest or entry
        if latest.open or latest.outcome in {Outcome.CONFIRMED, Outcome.REFUSED}:
            return latest
        before, known = latest.calendar_before(accepted=latest.outcome is not Outcome.UNKNOWN)
        reading = client.calendar(latest.offering_uuid)
        if "googlecalendar" not in reading.model_fields_set:
            return latest
        state = actions.state_sentence(reading.googlecalendar)
        if known and actions.confirms(latest.action, before, reading.googlecalendar):
            when = occasion or "when it was looked at again"
            return self.journal.revise(latest, Outcome.CONFIRMED, remark=f"Seen {when}: {state}")
        if not occasion:
            return latest
        remark = _looked(latest, occasion, state)
        return self.journal.revise(latest, latest.outcome, remark=remark)

    def look_at_booking(self, client: BookingClient, entry: Entry, *, occasion: str = "") -> Entry:
        """Reads the booking of a decision once, as `look_again` does a calendar.

        What the decision leads to is confirmed, and where no answer to it came, that somebody
        else may have decided the same is on record with it. A booking that went another way
        is not waited for any more.
        """
        latest = self._to_be_read(client.root, entry)
        if latest is None or not latest.booking_uuid or not latest.worth_another_look:
            return latest or entry
        state = client.booking(latest.booking_uuid).state
        if not state:
            return latest
        said = decisions.state_sentence(state)
        verdict = decisions.confirms(Decision(latest.action.value), state)
        when = occasion or "when it was looked at again"
        if verdict:
            lost = latest.outcome is Outcome.UNKNOWN
            remark = f"Seen {when}: {said} {_BY_WHOM if lost else ''}".strip()
            return self.journal.revise(latest, Outcome.CONFIRMED, remark=remark)
        if verdict is False and not occasion:
            return latest
        remark = _looked(latest, when, said)
        code = decisions.ENDED_OTHERWISE if verdict is None else None
        return self.journal.revise(latest, latest.outcome, remark=remark, error_code=code)

    def note_nothing_told(self, entry: Entry, occasion: str) -> Entry:
        """Records that a look on this occasion told nothing, in an earlier look's place."""
        remark = _looked(entry, occasion, "The server told nothing of it.")
        return self.journal.revise(entry, entry.outcome, remark=remark)

    def _to_be_read(self, root: str, entry: Entry) -> Entry | None:
        """The entry as it is now; None if it is not the latest of its calendar or booking."""
        if root != entry.server:
            raise ValueError("the entry is about another server")
        latest = self.latest(entry.server, entry.offering_uuid, entry.booking_uuid)
        return latest if latest is not None and latest.id == entry.id else None

    def drain(self, timeout: float) -> bool:
        """Waits until no job is left; False if some are after `timeout` seconds."""
        with self._jobs_changed:
            return self._jobs_changed.wait_for(lambda: not self._jobs, timeout)

    def close(self) -> None:
        """Sends nothing more, ends the watching, records both, and waits for that.

        A POST that is on its way is waited for. To be called when the server stops.
        """
        self.closing.set()
        self._senders.shutdown()
        self._watchers.shutdown()

    def watch(self, job: "_Job") -> bool:
        """Has a job's end waited for; False when there is no thread for it."""
        return self._hand_over(self._watchers, job.watch)

    def _hand_over(self, pool: ThreadPoolExecutor, step: Callable[[], None]) -> bool:
        """Has a pool do a step; False if it is certain that it never will."""
        taken = threading.Lock()

        def take() -> None:
            if taken.acquire(blocking=False):
                step()

        try:
            pool.submit(take)
        except RuntimeError as error:
            if _SHUT_DOWN in str(error):
                # The interpreter may be ending without a word to this: the runs are to hear of it.
                self.closing.set()
            # Where the system gives no more threads the step is queued already: it is taken back,
            # unless a thread has come to it.
            return not taken.acquire(blocking=False)
        return True

    def done(self, job: "_Job") -> None:
        """Forgets a job, and with it the client and its token."""
        with self._jobs_changed:
            self._jobs.discard(job)
            self._jobs_changed.notify_all()

    def _send(self, job: "_Job") -> None:
        with self._jobs_changed:
            self._jobs.add(job)
        if not self._hand_over(self._senders, job.send):
            job.nothing_sent(DASHBOARD_STOPPED if self.closing.is_set() else NO_THREAD)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What a read showed. `verdict` as confirms() gives it; `state` is a sentence."""

    verdict: bool | None
    state: str


class _NotTold(Exception):
    """The server does not tell this person the state."""


class _NotSent(Exception):
    """It may not be sent; says why, and the code of the error if that was one."""

    def __init__(self, reason: str, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class _Job(ABC):
    """One action on its way: `send`, then perhaps `watch`, each in a thread of a pool.

    `entry` is what the journal says, or should say, at any time. However a step ends, the
    entry is closed or handed on.
    """

    subject = "The calendar's state"
    by_whom = ""
    """What a change that is seen after a lost answer leaves open."""

    def __init__(self, runner: Runner, entry: Entry, follow: Follow) -> None:
        self._runner = runner
        self.entry = entry
        self._follow = follow
        self._answered_at = 0.0
        self._retry_after: float | None = None

    # --- what differs -----------------------------------------------------------------------

    @abstractmethod
    def _post(self) -> Accepted:
        """Sends it; gives the server's acceptance."""

    @abstractmethod
    def _code_of(self, error: WaldurError) -> str:
        """The code of the error for the record."""

    @abstractmethod
    def _look(self, *, accepted: bool) -> _Sight:
        """Reads the state once. Raises WaldurError, and _NotTold."""

    @abstractmethod
    def _undecidable(self, state: str, *, accepted: bool) -> None:
        """Records that no state could ever show it, now that it is `state`."""

    def _prepare(self) -> bool:
        """Does what comes just before the POST; True if that took time. Raises _NotSent."""
        return False

    def _patience(self) -> float:
        """Seconds for which the end of an accepted one is waited for."""
        return self._runner.patience

    def _has_visible_end(self) -> bool:
        """Whether there is anything to wait for after it was accepted."""
        return True

    # --- steps ------------------------------------------------------------------------------

    def send(self) -> None:
        """The POST, once."""
        handed_on = False
        try:
            handed_on = self._send() and self._runner.watch(self)
            if self.entry.open and not handed_on:
                self._give_up_watching()
        except Exception as error:  # noqa: BLE001 nobody else would ever hear of it
            self._crashed(error)
        finally:
            if not handed_on:
                self._end()

    def watch(self) -> None:
        """Reads the state until it shows the end, or for as long as there is patience."""
        try:
            self._watch()
        except Exception as error:  # noqa: BLE001 nobody else would ever hear of it
            self._crashed(error)
        finally:
            self._end()

    def nothing_sent(self, reason: str) -> None:
        """Records that the action was given up before it was sent, and ends the job."""
        try:
            self._note(Outcome.REFUSED, remark=f"{NOTHING_SENT} {reason}")
        finally:
            self._end()

    def _send(self) -> bool:
        """Sends; True if the end is to be waited for."""
        try:
            # It may have waited in the queue for longer than its lease.
            self._hold_unsent()
            if self._prepare():
                self._hold_unsent()
        except _NotSent as error:
            remark = f"{NOTHING_SENT} {error.reason}"
            self._note(Outcome.REFUSED, error_code=error.code, remark=remark)
            return False
        try:
            accepted = self._post()
        except WaldurError as error:
            self._answered_at = self._runner.clock()
            return self._failed(error)
        self._answered_at = self._runner.clock()
        return self._accepted(*accepted)

    def _hold_unsent(self) -> None:
        """Holds the entry for a lease, in which it may be sent. Raises _NotSent."""
        if self._runner.closing.is_set():
            raise _NotSent(DASHBOARD_STOPPED)
        try:
            self.entry = self._runner.journal.renew(self.entry)
        except Superseded:
            raise _NotSent("It waited too long, and was given up.") from None
        except DatabaseError:
            raise _NotSent("The activity record could not be written.") from None

    def _accepted(self, status: int, words: str) -> bool:
        if not self._has_visible_end():
            self._note(Outcome.ACCEPTED, http_status=status, words=words, remark=_NO_VISIBLE_END)
            return False
        if not self._runner.watches:
            self._note(Outcome.ACCEPTED, http_status=status, words=words, remark=NOT_WATCHED)
            return False
        self._note(Outcome.ACCEPTED, open=True, http_status=status, words=words)
        return self.entry.open

    def _failed(self, error: WaldurError) -> bool:
        outcome, code = outcome_of(error), self._code_of(error)
        self._retry_after = error.retry_after
        if outcome is Outcome.REFUSED:
            refused = replace(self.entry, outcome=outcome, open=False, error_code=code)
            self._follow(refused, False, self._retry_after)
        unsent = f"{NOTHING_SENT} {error.what}"
        self._note(
            outcome,
            open=outcome is Outcome.UNKNOWN,
            http_status=error.status,
            error_code=code,
            words=error.words,
            remark=error.what if error.sent else unsent,
        )
        return self.entry.open

    # --- watching ---------------------------------------------------------------------------

    def _watch(self) -> None:
        entry = self.entry
        accepted = entry.outcome is Outcome.ACCEPTED
        limit = self._patience() if accepted else LOST_ANSWER_SECONDS
        trouble = f"{self.subject} was not read."
        error_code: str | None = None
        state: str | None = None
        for pause in _pauses(limit):
            self._runner.sleep(pause)
            if self._runner.closing.is_set():
                trouble, state = "This dashboard was stopped while it waited.", None
                break
            try:
                self._hold()
            except Superseded as late:
                ended, remark = self._in_place_of(late, entry.outcome, entry.remark)
                self._note(ended, remark=remark)
                return
            try:
                sight = self._look(accepted=accepted)
            except WaldurError as error:
                trouble, state = f"{self.subject} could not be read. {error.what}", None
                if isinstance(error, (SignedOut, Gone, Forbidden)):
                    error_code = error.code
                    break
            except _NotTold:
                trouble, state = "The server does not tell this person the state.", None
                break
            else:
                state = sight.state
                if sight.verdict:
                    self._confirmed(state, accepted=accepted)
                    return
                if sight.verdict is None:
                    self._undecidable(state, accepted=accepted)
                    return
            if self._waited() >= limit:
                break
        seen = f"No change was seen in {self._waited():.0f} s. {state}" if state else trouble
        self._note(
            Outcome.NOT_CONFIRMED if accepted else Outcome.UNKNOWN,
            error_code=error_code,
            remark=f"The server accepted it. {seen}" if accepted else f"{entry.remark} {seen}",
        )

    def _hold(self) -> None:
        """Holds the entry for another lease. Raises Superseded."""
        try:
            self.entry = self._runner.journal.renew(self.entry)
        except DatabaseError as error:
            # The POST is out. Its end is worth finding even if the lease runs out meanwhile.
            _log.warning(
                "The lease of calendar action %s was not renewed: %s", self.entry.id, error
            )

    def _confirmed(self, state: str, *, accepted: bool) -> None:
        seconds = f"{self._waited():.0f} s"
        if accepted:
            remark = f"{state} Seen {seconds} after the server accepted it."
        else:
            known = f"{self.entry.remark} The change is there all the same."
            remark = f"{known} {state} Seen {seconds} later. {self.by_whom}"
        self._note(Outcome.CONFIRMED, remark=remark)

    def _give_up_watching(self) -> None:
        accepted = self.entry.outcome is Outcome.ACCEPTED
        stopped = "This dashboard was stopped before the end was seen."
        why = stopped if self._runner.closing.is_set() else f"{NOT_WATCHED} {NO_THREAD}"
        self._note(
            Outcome.NOT_CONFIRMED if accepted else Outcome.UNKNOWN,
            remark=f"{self.entry.remark} {why}",
        )

    def _waited(self) -> float:
        return self._runner.clock() - self._answered_at

    # --- the record -------------------------------------------------------------------------

    def _note(
        self,
        outcome: Outcome,
        *,
        open: bool = False,
        http_status: int | None = None,
        error_code: str | None = None,
        words: str = "",
        remark: str = "",
    ) -> None:
        """Writes to the journal; while that is away, tries again for some time.

        Where the entry was closed meanwhile it stays so, and what is known is written all the
        same.
        """

        def write(outcome: Outcome, remark: str, *, open: bool) -> Entry:
            return persist(
                lambda: self._runner.journal.note(
                    self.entry,
                    outcome,
                    open=open,
                    http_status=http_status,
                    error_code=error_code,
                    words=words,
                    remark=remark.strip(),
                ),
                self._runner.sleep,
            )

        try:
            self.entry = write(outcome, remark, open=open)
        except Superseded as late:
            self.entry = write(*self._in_place_of(late, outcome, remark), open=False)
        self._follow(self.entry, False, self._retry_after)

    def _in_place_of(self, late: Superseded, outcome: Outcome, remark: str) -> tuple[Outcome, str]:
        """What is said of an action that was closed before this could be noted of it."""
        known = late.latest
        if known.id == self.entry.id and known.outcome is Outcome.CONFIRMED:
            return known.outcome, known.remark  # somebody has looked, and saw the change
        why = _OVERTAKEN if known.sequence > self.entry.sequence else _GIVEN_UP
        if Outcome.ACCEPTED in {outcome, self.entry.outcome}:
            return Outcome.NOT_CONFIRMED, f"The server accepted it. {why}"
        return Outcome.UNKNOWN, f"{self.entry.remark or remark} {why}"

    def _end(self) -> None:
        """The last thing a job does, however it went."""
        self._runner.done(self)
        self._follow(self.entry, True, self._retry_after)

    def _crashed(self, error: Exception) -> None:
        # The text of an unknown exception could hold anything, a header included.
        stage, kind = self.entry.outcome, type(error).__name__
        _log.error("Calendar action %s, %s, ended with %s", self.entry.id, stage, kind)
        if isinstance(error, DatabaseError):
            return  # it was tried again already; the lease will run out
        accepted = self.entry.outcome is Outcome.ACCEPTED
        try:
            self._note(
                Outcome.NOT_CONFIRMED if accepted else Outcome.UNKNOWN,
                remark="This dashboard failed while it worked on this.",
            )
        except DatabaseError:
            _log.error("The outcome of calendar action %s could not be recorded", self.entry.id)


class _CalendarJob(_Job):
    """An action on a calendar."""

    def __init__(self, runner: Runner, client: Client, entry: Entry, follow: Follow) -> None:
        super().__init__(runner, entry, follow)
        self._client = client
        # The calendar before, once it is known.
        self._seen_before: tuple[GoogleCalendar | None] | None = None

    @property
    def _action(self) -> Action:
        return Action(self.entry.action.value)

    def _prepare(self) -> bool:
        """Reads the calendar: what a page showed may be old, and others act on it too.

        A calendar that cannot be read is not known; then only a change under our eyes counts.
        """
        if self.entry.before_known:
            return False
        try:
            reading = self._client.calendar(self.entry.offering_uuid)
        except SignedOut as error:
            raise _NotSent(error.what, error.code) from None
        except WaldurError:
            return True
        known = "googlecalendar" in reading.model_fields_set
        self.entry = replace(self.entry, before=reading.googlecalendar, before_known=known)
        return True

    def _post(self) -> Accepted:
        return self._client.act(self.entry.offering_uuid, self.entry.action.value)

    def _code_of(self, error: WaldurError) -> str:
        return actions.code_of(error)

    def _has_visible_end(self) -> bool:
        return self.entry.has_visible_end

    def _look(self, *, accepted: bool) -> _Sight:
        if self._seen_before is None:
            before, known = self.entry.calendar_before(accepted=accepted)
            self._seen_before = (before,) if known else None
        reading = self._client.calendar(self.entry.offering_uuid)
        if "googlecalendar" not in reading.model_fields_set:
            raise _NotTold
        calendar = reading.googlecalendar
        if self._seen_before is None:
            # Nobody saw it before, so only a change from here on proves anything.
            self._seen_before = (calendar,)
        verdict = actions.confirms(self._action, self._seen_before[0], calendar)
        return _Sight(verdict, actions.state_sentence(calendar))

    def _undecidable(self, state: str, *, accepted: bool) -> None:
        if accepted:
            self._note(Outcome.ACCEPTED, remark=_NO_VISIBLE_END)
            return
        remark = self.entry.remark
        if self._action is Action.SYNC:
            remark += " A sync of a calendar that exists leaves nothing to see."
        else:
            remark += f" {state} Whether by this action is not known."
        self._note(Outcome.UNKNOWN, remark=remark)


class _DecisionJob(_Job):
    """A decision on a booking."""

    subject = "The booking's state"
    # A calendar is read before; a booking is not, and others may decide it.
    by_whom = _BY_WHOM

    def __init__(self, runner: Runner, client: BookingClient, entry: Entry, follow: Follow) -> None:
        super().__init__(runner, entry, follow)
        self._client = client

    def _post(self) -> Accepted:
        return self._client.decide(self.entry.booking_uuid, self.entry.action.value)

    def _code_of(self, error: WaldurError) -> str:
        return decisions.code_of(error)

    def _patience(self) -> float:
        return min(self._runner.patience, DECISION_PATIENCE_SECONDS)

    def _look(self, *, accepted: bool) -> _Sight:
        state = self._client.booking(self.entry.booking_uuid).state
        if not state:
            raise _NotTold
        verdict = decisions.confirms(Decision(self.entry.action.value), state)
        return _Sight(verdict, decisions.state_sentence(state))

    def _undecidable(self, state: str, *, accepted: bool) -> None:
        self._note(
            Outcome.NOT_CONFIRMED if accepted else Outcome.UNKNOWN,
            error_code=decisions.ENDED_OTHERWISE,
            remark=f"{self.entry.remark} {state}",
        )


_OVERTAKEN = "Another action was begun before the end was seen."
_GIVEN_UP = "It was given up before the end was seen."
_NO_VISIBLE_END = "A sync of a calendar that exists has no end that could be seen."
NOT_WATCHED = "Its end was not waited for."


def _lasting_sight(offering: Offering, action: Action) -> tuple[GoogleCalendar | None, bool]:
    """The calendar as the person saw it, and whether that is to count as the one before.

    Only where it rules out that any change could be claimed: it may be hours old.
    """
    before = offering.googlecalendar
    known = "googlecalendar" in offering.model_fields_set
    return before, known and actions.confirms(action, before, None) is None


def _looked(entry: Entry, occasion: str, said: str) -> str:
    """The remark of an entry with what its last look told, once."""
    return f"{_EARLIER_LOOK.sub('', entry.remark)} Read {occasion}: {said}".strip()


def _pauses(limit: float) -> Iterator[float]:
    """Growing pauses that add up to `limit`, or little more."""
    total = 0.0
    for pause in chain(PAUSES, repeat(PAUSES[-1])):
        yield pause
        total += pause
        if total >= limit:
            return


__all__ = ["NOT_WATCHED", "BookingClient", "Client", "Follow", "Runner", "persist"]
