"""Runs whose answers are spoilt on the way: each fault for every calendar, and all mixed.

Real HTTP, the real client, and a server that counts. Pauses are short, and time runs faster.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bookings.calendar_receipt import receipt_items
from bookings.calendars.actions import Action
from bookings.calendars.journal import Journal
from bookings.calendars.on_record import OnRecord
from bookings.calendars.preflight import plan_of
from bookings.calendars.run_record import Run
from bookings.calendars.runner import Runner
from bookings.calendars.runs import Runs
from bookings.waldur import client as wire
from bookings.waldur.client import WaldurClient
from bookings.waldur.models import Offering, Person
from tests.bookings.calendars.counting_server import (
    TOKEN,
    CountingServer,
    Fault,
    Point,
    counting,
)
from tests.bookings.calendars.receipts import check

CALENDARS = 12
FASTER = 50
MARI = Person(uuid="a" * 32, username="mari")
SECONDS = 60.0


def pause(seconds: float) -> None:
    """A pause that is over sooner."""
    time.sleep(seconds / FASTER)


def now() -> float:
    """Seconds that pass as much faster."""
    return time.monotonic() * FASTER


@contextmanager
def runs_in(database: Path) -> Iterator[Runs]:
    """The runs of one process."""
    journal = Journal(f"sqlite:///{database}")
    runner = Runner(journal, sleep=pause, clock=now, settle=0, patience=10)
    runs = Runs(runner, busy_pauses=(0.05, 0.05, 0.05))
    try:
        yield runs
    finally:
        runner.close()
        runs.close()
        journal.close()


def share_all(runs: Runs, waldur: CountingServer) -> Run:
    """Shares all calendars, as they are now, and waits for the end."""
    root = waldur.url
    client = WaldurClient(root, TOKEN, sleep=pause, jitter=lambda: 0)
    offerings = [Offering.model_validate(waldur.item(uuid)) for uuid in waldur.calendars]
    journal = runs.runner.journal
    record = OnRecord(journal.latest_of(root, list(waldur.calendars)), journal.now())
    plan = plan_of(Action.SHARE, offerings, record=record)
    try:
        run = runs.start(client, plan, MARI, request=f"share {len(runs.record.runs(root))}")
        assert runs.wait(run.id, SECONDS)
    finally:
        client.close()
    found = runs.record.run(run.id)
    assert found is not None
    return found


def states(run: Run) -> set[str]:
    """The words of a receipt."""
    return {each["state"] for each in receipt_items(run)}


@contextmanager
def short_patience() -> Iterator[None]:
    """A POST is waited for 30 seconds; a late answer here is later than this.

    So may be any other answer on a busy machine: not for tests in which it would matter.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "POST_SECONDS", 0.3)
        yield


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.LOST, {"Confirmed"}),
        (Fault.BAD_GATEWAY, {"Outcome unknown"}),
        (Fault.BAD_GATEWAY_AFTER, {"Confirmed"}),
        (Fault.RESET, {"Outcome unknown"}),
        (Fault.HALF, {"Confirmed"}),
        (Fault.SLOW, {"Confirmed"}),
        (Fault.SLOW_BEFORE, {"Outcome unknown"}),
        (Fault.NO, {"Refused"}),
        (Fault.FAILS, {"Not confirmed"}),
        (Fault.SIGNED_OUT, {"Refused"}),
    ],
)
def test_a_fault_of_every_answer(database: Path, fault: Fault, words: set[str]) -> None:
    """One POST each, and what can be said of it; too many without an answer end the run."""
    late = fault in {Fault.SLOW, Fault.SLOW_BEFORE}
    with (
        counting(CALENDARS) as waldur,
        runs_in(database) as runs,
        short_patience() if late else nullcontext(),
    ):
        for each in waldur.calendars.values():
            each.faults = [fault] * 5
        run = share_all(runs, waldur)

        check(receipt_items(run), waldur, looked=False)
        left = {"Not sent"} if run.stop_reason else set()
        assert states(run) - left == words
        assert max(each.posts for each in waldur.calendars.values()) == 1


def test_a_busy_calendar_is_tried_again_and_only_then(database: Path) -> None:
    """Three times more; nothing was done before, as the server said so."""
    with counting(CALENDARS) as waldur, runs_in(database) as runs:
        for number, each in enumerate(waldur.calendars.values()):
            each.faults = [Fault.BUSY] * (number % 6)
        run = share_all(runs, waldur)

        check(receipt_items(run), waldur, looked=False)
        for number, (item, each) in enumerate(
            zip(run.items, waldur.calendars.values(), strict=True)
        ):
            assert item.attempts == each.posts == min(number % 6 + 1, 4)
            assert item.state.value == ("Confirmed" if number % 6 < 4 else "Refused")


def test_a_server_that_goes_away_is_told_as_it_is(database: Path) -> None:
    """Refused connections sent nothing, and what was sent before is not known to be done."""
    with counting(CALENDARS) as waldur, runs_in(database) as runs:

        def go_away(point: Point, count: int) -> bool:
            if point is Point.ARRIVED and count == 3:
                waldur.take_no_more()
            return point is Point.READ

        waldur.hook = go_away
        run = share_all(runs, waldur)

        check(receipt_items(run), waldur, looked=False)
        assert "Refused" in states(run)
        assert "Confirmed" not in states(run)
        assert max(each.posts for each in waldur.calendars.values()) == 1


def test_a_server_that_is_away_ends_the_run(database: Path) -> None:
    """After three connections that were refused nothing more is tried."""
    with counting(CALENDARS) as waldur, runs_in(database) as runs:
        waldur.take_no_more()
        run = share_all(runs, waldur)

        check(receipt_items(run), waldur, looked=False)
        assert run.stop_reason == "The server cannot be reached."
        assert states(run) == {"Refused", "Not sent"}
        assert waldur.posts == 0


faults = st.lists(st.sampled_from(list(Fault)), max_size=2)


@settings(
    max_examples=12,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
@given(script=st.lists(faults, min_size=CALENDARS, max_size=CALENDARS))
def test_any_faults_at_once(empty_database: Path, script: Sequence[list[Fault]]) -> None:
    """Whatever goes wrong with whichever, and then the person looks, and asks again."""
    with (
        tempfile.TemporaryDirectory() as folder,
        counting(CALENDARS) as waldur,
        runs_in(Path(shutil.copy(empty_database, folder))) as runs,
    ):
        for each, its in zip(waldur.calendars.values(), script, strict=True):
            each.faults = list(its)
        with short_patience():
            run = share_all(runs, waldur)
        check(receipt_items(run), waldur, looked=False)

        posts = waldur.posts
        waldur.finish_work()
        client = WaldurClient(waldur.url, TOKEN)
        runs.look(client, run)
        client.close()
        looked = runs.record.run(run.id)
        assert looked is not None
        check(receipt_items(looked), waldur, looked=True)
        assert waldur.posts == posts

        public = waldur.public()
        before = {uuid: each.posts for uuid, each in waldur.calendars.items()}
        for each in waldur.calendars.values():
            each.faults = []
        share_all(runs, waldur)
        sent = {uuid for uuid, each in waldur.calendars.items() if each.posts > before[uuid]}
        assert sent == waldur.calendars.keys() - public
        assert waldur.public() == waldur.calendars.keys()
