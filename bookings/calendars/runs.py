"""Works through many calendars: a bounded number at once, once each, until told to stop.

A run is a job of the process, and everything about it is in the database: any tab, person and
replica can watch it and stop it. After a crash nothing is ever sent again by itself.
"""

import contextlib
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Collection

from bookings.calendars.actions import BUSY_CODES, SETTLING_SECONDS, Judgement, Outcome
from bookings.calendars.journal import Claimed, DatabaseError, Entry
from bookings.calendars.preflight import HAD_BY_ANOTHER, Plan, Step, Verdict
from bookings.calendars.run_record import Item, Lost, Run, RunRecord
from bookings.calendars.runner import DASHBOARD_STOPPED, Client, Runner, persist
from bookings.waldur.errors import (
    Busy,
    Forbidden,
    Gone,
    SignedOut,
    Unreachable,
    WaldurError,
)
from bookings.waldur.models import Person

SENDING_AT_ONCE = 2
"""POSTs of one run that may be on their way at once."""
UNDER_WAY_AT_ONCE = 12
"""Calendars of one run that may be sent and not yet seen to have changed: each is a queued job
on the server and a read every few seconds."""
RENEWAL_SECONDS = 2.0
"""Seconds between renewals of the lease, at which a stop asked for elsewhere is noticed."""
BUSY_PAUSES = (5.0, 10.0, 20.0)
"""Seconds until a calendar that was refused as busy is tried again; then no more. Where it is the
server that is busy, nothing else is sent meanwhile."""
UNREACHABLE_LIMIT = 3
"""So many calendars in a row that could not be sent because the server is away end the run."""
UNANSWERED_LIMIT = 3
"""So many in a row of which the server did not say whether it took them end the run too."""
CANNOT_BE_REACHED = "The server cannot be reached."
DID_NOT_ANSWER = "The server gave no usable answer three times in a row."
RECORD_AWAY = "The activity record cannot be written."
AFTER_RESTART = "after the dashboard was restarted"

NOT_YOURS_TO_STOP = (
    "You can read calendars of this run but not act on them; whoever began it, an owner of their "
    "organisations or staff can stop it."
)

_REACHED = frozenset({Outcome.ACCEPTED, Outcome.CONFIRMED})
_log = logging.getLogger(__name__)


def may_stop(run: Run, person: Person, acts_on: Collection[str]) -> Judgement:
    """May this person, who may act on these offerings, stop the run, and why not?

    Whoever may act on one of the calendars that are to be sent can undo what the run does to it.
    """
    own = run.person_uuid == person.uuid or bool(person.is_staff)
    if own or any(item.chosen and item.offering_uuid in acts_on for item in run.items):
        return Judgement(True, "")
    return Judgement(False, NOT_YOURS_TO_STOP)


class Runs:
    """The runs of one process. May be used from many threads.

    What earlier processes of this place left is closed as interrupted at once. `busy_pauses` and
    `settling` (seconds) are there for tests. Raises DatabaseError.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        busy_pauses: tuple[float, ...] = BUSY_PAUSES,
        settling: float = SETTLING_SECONDS,
    ) -> None:
        self.runner = runner
        self.record = RunRecord(runner.journal)
        self.record.recover()
        self.busy_pauses = busy_pauses
        self.settling = settling
        self._workers: dict[int, _Worker] = {}
        self._changed = threading.Condition()

    def start(
        self,
        client: Client,
        plan: Plan,
        person: Person,
        *,
        request: str,
        also_refused: bool = False,
    ) -> Run:
        """Puts the plan on record and works through it in the background.

        `request` names what the person asked for: what is asked a second time is not begun
        again. With `also_refused` those are sent too that will probably be refused. Raises
        DatabaseError when it cannot be recorded; then nothing is sent.
        """
        sent = {Verdict.WILL_DO, Verdict.REFUSED} if also_refused else {Verdict.WILL_DO}
        items = [
            Item(
                position,
                step.offering.uuid,
                step.offering.name,
                step.foreseen.verdict,
                step.foreseen.reason,
                chosen=step.foreseen.verdict in sent,
                ended=False,
            )
            for position, step in enumerate(plan.steps)
        ]
        run, fresh = self.record.begin(
            request=request,
            server=client.root,
            action=plan.action,
            person_uuid=person.uuid,
            person_name=person.named,
            items=items,
        )
        if fresh:
            worker = _Worker(self, client, person, run, plan)
            with self._changed:
                self._workers[run.id] = worker
            try:
                threading.Thread(target=worker.work, name=f"calendar-run-{run.id}").start()
            except RuntimeError:  # the system gives no more threads
                worker.give_up()
        return run

    def stop(self, run_id: int, by: str) -> None:
        """Has a run send no more, wherever it runs. What was sent is finished."""
        self.record.stop(run_id, f"Stopped by {by}.")
        with self._changed:
            worker = self._workers.get(run_id)
        if worker is not None:
            worker.wake()

    def wait(self, run_id: int, seconds: float) -> bool:
        """Waits until a run of this process has ended; False if it has not after `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: run_id not in self._workers, seconds)

    def look(self, client: Client, run: Run, *, occasion: str = "", own: bool = False) -> bool:
        """Reads the calendars whose end is not known, and records what they show.

        Gives False if this person could not read all of them. In a run of their own what is gone
        counts as read: nobody is going to see more of it. Raises the errors of
        bookings.waldur.errors, and DatabaseError.
        """
        whole = True
        for item in run.items:
            if item.entry is None or not item.entry.worth_another_look:
                continue
            # What this person may not see any more does not hide the others.
            try:
                self.runner.look_again(client, item.entry, occasion=occasion)
            except Gone:
                whole = whole and own
            except Forbidden:
                whole = False
        return whole

    def look_after_restart(self, client: Client, person: Person) -> list[int]:
        """Reads the state of this person's interrupted runs that nobody has read yet.

        Gives their numbers. Nothing is sent. Raises what `look` raises; a run that was not read
        whole is read again at the next call.
        """
        looked = []
        for header in self.record.runs(client.root, person_uuid=person.uuid):
            if not header.interrupted or header.looked:
                continue
            run = self.record.run(header.id)
            # The process of another host may still hold an entry of a run that it gave up.
            if run is None or any(item.under_way for item in run.items):
                continue
            if not self.record.mark_looked(run.id):
                continue
            try:
                whole = self.look(client, run, occasion=AFTER_RESTART, own=True)
            except (WaldurError, DatabaseError):
                self.record.mark_looked(run.id, looked=False)
                raise
            if not whole:
                self.record.mark_looked(run.id, looked=False)
            looked.append(run.id)
        return looked

    def close(self) -> None:
        """Waits for the runs to end; the runner must be closing, so that they send no more."""
        with self._changed:
            workers = list(self._workers.values())
        for worker in workers:
            worker.wake()
        with self._changed:
            self._changed.wait_for(lambda: not self._workers)

    def ended(self, run_id: int) -> None:
        """Forgets a run, and with it the client and its token."""
        with self._changed:
            self._workers.pop(run_id, None)
            self._changed.notify_all()


_Event = tuple[int, Entry, bool, float | None]
"""A position, and what is told of its entry."""


class _Worker:
    """Works through one run in a thread of its own, which alone changes what is below."""

    def __init__(self, runs: Runs, client: Client, person: Person, run: Run, plan: Plan) -> None:
        self._runs = runs
        self._runner = runs.runner
        self._record = runs.record
        self._client = client
        self._person = person
        self._run = run
        self._steps = dict(enumerate(plan.steps))
        self._items = {item.position: item for item in run.items}
        self._events: queue.SimpleQueue[_Event | None] = queue.SimpleQueue()
        self._waiting = deque(i.position for i in run.items if i.chosen and not i.ended)
        self._later: list[tuple[float, int]] = []
        self._sending: set[int] = set()
        self._under_way: set[int] = set()
        self._settling: list[float] = []
        self._pauses: list[float] = []
        self._seen = {position: step.seen for position, step in self._steps.items()}
        self._tries: dict[int, int] = {}
        self._unreachable = 0
        self._unanswered = 0
        self._record_away = False
        self._renewed = float("-inf")
        self._stopping = ""

    def wake(self) -> None:
        """Has the worker look at once whether it is to stop."""
        self._events.put(None)

    def give_up(self) -> None:
        """Ends the run without having sent anything."""
        self._stopping = "This dashboard could not begin it."
        self._give_up_waiting()
        self._written(lambda: self._record.finish(self._run.id))
        self._runs.ended(self._run.id)

    def work(self) -> None:
        """The whole run."""
        try:
            while self._waiting or self._later or self._under_way:
                self._check()
                if self._stopping:
                    self._give_up_waiting()
                else:
                    self._send_some()
                if self._waiting or self._later or self._under_way:
                    self._listen()
            self._written(lambda: self._record.finish(self._run.id))
        except Exception as error:  # noqa: BLE001 nobody else would ever hear of it
            # The text of an unknown exception could hold anything, a header included.
            _log.error("Calendar run %s ended with %s", self._run.id, type(error).__name__)
        finally:
            self._runs.ended(self._run.id)

    # --- steps ------------------------------------------------------------------------------

    def _check(self) -> None:
        """Renews the lease now and then, and notices when it is to stop."""
        if self._runner.closing.is_set():
            self._stopping = self._stopping or DASHBOARD_STOPPED
        now = self._runner.clock()
        if now - self._renewed < RENEWAL_SECONDS:
            return
        self._renewed = now
        try:
            asked = self._record.hold(self._run.id)
        except Lost:
            self._stopping = self._stopping or "The run was given up."
        except DatabaseError as error:
            # Each send is recorded first, so that nothing is sent while the record is away.
            _log.warning("The lease of calendar run %s was not renewed: %s", self._run.id, error)
        else:
            self._stopping = self._stopping or asked

    def _send_some(self) -> None:
        now = self._runner.clock()
        due = [position for when, position in self._later if when <= now]
        self._later = [each for each in self._later if each[0] > now]
        self._waiting.extendleft(reversed(due))
        self._settling = [when for when in self._settling if when > now]
        self._pauses = [when for when in self._pauses if when > now]
        while (
            self._waiting
            and not self._stopping
            and not self._pauses
            and len(self._sending) < SENDING_AT_ONCE
            and len(self._under_way) + len(self._settling) < UNDER_WAY_AT_ONCE
        ):
            self._send(self._waiting.popleft())

    def _send(self, position: int) -> None:
        step: Step = self._steps[position]
        seen = self._seen[position]
        # Before it is handed over: the answer may come before the next line.
        self._sending.add(position)
        self._under_way.add(position)
        try:
            entry = self._runner.submit(
                self._client,
                step.offering,
                self._run.action,
                self._person,
                seen=seen,
                run_id=self._run.id,
                follow=lambda *told: self._events.put((position, *told)),
            )
        except Claimed:
            self._not_sent(position, HAD_BY_ANOTHER)
            return
        except DatabaseError as error:
            self._stopping = RECORD_AWAY
            self._not_sent(position, str(error))
            return
        if entry.run_id == self._run.id and entry.sequence == seen + 1:
            self._seen[position] = entry.sequence
            return
        if entry.sequence == seen and not entry.open:
            # It ended a moment ago, and its calendar rests.
            self._sending.discard(position)
            self._under_way.discard(position)
            self._again_in(self._runner.settle.total_seconds(), position)
            return
        other = f"“{entry.action.label}” of {entry.person_name}"
        if entry.sequence > seen:
            self._not_sent(position, f"{other} came first, after the plan was made.")
        else:
            self._not_sent(position, f"{other} is not finished yet.")

    def _listen(self) -> None:
        """Waits for news, or until something is due."""
        now = self._runner.clock()
        due = [*(when for when, _ in self._later), *self._settling, *self._pauses]
        pause = min([RENEWAL_SECONDS, *(when - now for when in due)])
        with contextlib.suppress(queue.Empty):
            event = self._events.get(timeout=max(0.01, pause))
            while True:
                if event is None:
                    self._renewed = float("-inf")
                else:
                    self._heard(*event)
                event = self._events.get_nowait()

    def _heard(self, position: int, entry: Entry, done: bool, retry_after: float | None) -> None:
        answered = done or (entry.open and entry.outcome is not Outcome.SENDING)
        # What ends with its answer keeps its place until it is known whether to go on.
        if answered and position in self._sending:
            self._sending.discard(position)
            self._count_failures(entry)
        elif entry.outcome in _REACHED:
            self._unreachable = self._unanswered = 0
        refused = entry.outcome is Outcome.REFUSED
        if refused and entry.error_code == SignedOut.code:
            self._stopping = self._stopping or "The server does not accept this sign-in any more."
        if refused and entry.error_code == Busy.code:
            # The server itself is too busy: it is left alone.
            self._pauses.append(self._runner.clock() + self._pause(position, retry_after))
        if not done:
            return
        self._under_way.discard(position)
        if entry.outcome is Outcome.ACCEPTED:
            self._settling.append(self._runner.clock() + self._runs.settling)
        if refused and entry.error_code in BUSY_CODES and self._waits(position, retry_after):
            return
        item = self._items[position]
        self._written(lambda: self._record.end_items(self._run, [item]))

    def _count_failures(self, entry: Entry) -> None:
        """Counts the POSTs in a row that the server did not answer; too many end the run."""
        if entry.outcome is Outcome.UNKNOWN:
            # Without a code it was a failure of our own.
            self._unreachable = 0
            self._unanswered += entry.error_code is not None
        elif entry.outcome is Outcome.REFUSED and entry.http_status is None:
            unreachable = entry.error_code == Unreachable.code
            self._unreachable += unreachable
            self._unanswered += unreachable
        else:
            self._unreachable = self._unanswered = 0
        if self._unreachable >= UNREACHABLE_LIMIT:
            self._stopping = self._stopping or CANNOT_BE_REACHED
        elif self._unanswered >= UNANSWERED_LIMIT:
            self._stopping = self._stopping or DID_NOT_ANSWER

    def _pause(self, position: int, retry_after: float | None) -> float:
        """Seconds to wait after a calendar was refused as busy, as often as it was by now."""
        pauses, tries = self._runs.busy_pauses, self._tries.get(position, 0)
        longest = pauses[-1] if pauses else 0.0
        pause = pauses[tries] if tries < len(pauses) else longest
        return min(max(pause, retry_after or 0.0), longest)

    def _waits(self, position: int, retry_after: float | None) -> bool:
        """Has a calendar that was refused as busy tried again later; False if it is given up."""
        tries = self._tries.get(position, 0)
        if tries >= len(self._runs.busy_pauses) or self._stopping:
            return False
        self._again_in(self._pause(position, retry_after), position)
        self._tries[position] = tries + 1
        return True

    def _again_in(self, seconds: float, position: int) -> None:
        self._later.append((self._runner.clock() + seconds, position))

    def _not_sent(self, position: int, reason: str) -> None:
        self._sending.discard(position)
        self._under_way.discard(position)
        item = self._items[position]
        self._written(lambda: self._record.end_items(self._run, [item], reason))

    def _give_up_waiting(self) -> None:
        """Ends what was not sent; what was sent goes on to its end."""
        left = [*self._waiting, *(position for _, position in self._later)]
        self._waiting.clear()
        self._later.clear()
        self._settling.clear()
        self._pauses.clear()
        if not left:
            return
        tried = [self._items[position] for position in left if position in self._tries]
        others = [self._items[position] for position in left if position not in self._tries]
        # All at once: while the record is away each write may take long to fail.
        self._written(lambda: self._record.stop(self._run.id, self._stopping))
        self._written(lambda: self._record.end_items(self._run, tried))
        self._written(lambda: self._record.end_items(self._run, others, self._stopping))

    def _written(self, write: Callable[[], object]) -> None:
        """Writes, in several tries; where the record stays away, the journal tells all the same."""
        try:
            # A record that stayed away once is not waited for again and again.
            write() if self._record_away else persist(write, self._runner.sleep)
            self._record_away = False
        except DatabaseError as error:
            self._record_away = True
            _log.warning("Calendar run %s could not be written: %s", self._run.id, error)


__all__ = ["Runs", "may_stop"]
