"""A run is on record before it is sent; each calendar has one run at a time, and one state."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.calendars.actions import ALREADY_SO, Action, Outcome
from bookings.calendars.journal import LEASE_SECONDS as ENTRY_LEASE_SECONDS
from bookings.calendars.journal import Claimed, DatabaseError, Entry, Journal
from bookings.calendars.preflight import HAD_BY_ANOTHER, Verdict
from bookings.calendars.processes import this_process
from bookings.calendars.retention import forget
from bookings.calendars.run_record import (
    INTERRUPTED,
    LEASE_SECONDS,
    RENEWAL_SECONDS,
    Item,
    ItemState,
    Lost,
    Run,
    RunRecord,
)
from bookings.waldur.errors import Busy, CalendarBusy

SERVER = "https://waldur.example/"
OTHER_SERVER = "https://other.example/"
PERSON = "a" * 32
PLACE = this_process().partition(":")[0]
SECONDS = 30.0
"""No test comes near this; it ends one that hangs."""
_REQUESTS = itertools.count()


def uuid_of(number: int) -> str:
    """The uuid of a calendar."""
    return f"{number:032x}"


def item(number: int, position: int, **changes: Any) -> Item:
    """A calendar that is to be sent."""
    given: dict[str, Any] = {
        "offering_uuid": uuid_of(number),
        "offering_name": f"Lab {number}",
        "verdict": Verdict.WILL_DO,
        "reason": "",
        "chosen": True,
        "ended": False,
    }
    return Item(position, **given | changes)


def begin(record: RunRecord, *numbers: int, request: str = "", **changes: Any) -> Run:
    """Begins a share of these calendars as Olivia would."""
    given: dict[str, Any] = {
        "request": request or f"request {next(_REQUESTS)}",
        "server": SERVER,
        "action": Action.SHARE,
        "person_uuid": PERSON,
        "person_name": "olivia",
        "items": [item(number, position) for position, number in enumerate(numbers)],
    }
    return record.begin(**given | changes)[0]


def send(journal: Journal, number: int, run: Run | None = None, seen: int = 0) -> Entry:
    """Writes that a calendar is being sent, by the run or by a person alone."""
    return journal.begin(
        server=SERVER,
        offering_uuid=uuid_of(number),
        offering_name=f"Lab {number}",
        action=Action.SHARE,
        person_uuid=PERSON,
        person_name="olivia",
        seen=seen,
        before=None,
        run_id=None if run is None else run.id,
    )


def states(run: Run) -> list[str]:
    """The states of its calendars, in order."""
    return [each.state.value for each in run.items]


@pytest.fixture
def record(journal: Journal) -> RunRecord:
    """The runs of an empty journal."""
    return RunRecord(journal)


@pytest.fixture
def reread(record: RunRecord) -> Callable[[Run], Run]:
    """Reads a run as it is now."""

    def reread(run: Run) -> Run:
        found = record.run(run.id)
        assert found is not None
        return found

    return reread


@pytest.fixture
def dead(database_url: str, wall: Any) -> Iterator[RunRecord]:
    """The runs of a process of this place that has died."""
    journal = Journal(database_url, clock=wall, holder=f"{PLACE}:999999999:1")
    yield RunRecord(journal)
    journal.close()


@pytest.fixture(params=["elsewhere:1:1", f"{PLACE}1:999999999:1"], ids=["host", "container"])
def elsewhere(database_url: str, wall: Any, request: pytest.FixtureRequest) -> Iterator[RunRecord]:
    """The runs of a process of another host, or of another container of this one."""
    journal = Journal(database_url, clock=wall, holder=request.param)
    yield RunRecord(journal)
    journal.close()


# --- written --------------------------------------------------------------------------------


def test_a_run_is_read_as_it_was_written(
    record: RunRecord, journal: Journal, reread: Callable[[Run], Run], wall: Any
) -> None:
    """Every field survives the database, the order and the reasons of the plan included."""
    items = [
        item(2, 0),
        item(1, 1, verdict=Verdict.POINTLESS, reason="Public already.", chosen=False),
        item(3, 2, verdict=Verdict.REFUSED, reason="No account."),
    ]

    run, fresh = record.begin(
        request="r1",
        server=SERVER,
        action=Action.SHARE,
        person_uuid=PERSON,
        person_name="olivia",
        items=items,
    )

    assert fresh
    assert run == reread(run)
    assert (run.request, run.server, run.action) == ("r1", SERVER, Action.SHARE)
    assert (run.person_uuid, run.person_name, run.holder) == (PERSON, "olivia", journal.holder)
    assert (run.created, run.finished, run.alive) == (wall.now, None, True)
    assert run.lease_until == wall.now + timedelta(seconds=LEASE_SECONDS)
    assert [(i.offering_uuid, i.offering_name) for i in run.items] == [
        (uuid_of(2), "Lab 2"),
        (uuid_of(1), "Lab 1"),
        (uuid_of(3), "Lab 3"),
    ]
    assert [i.reason for i in run.items] == ["", "Public already.", "No account."]
    assert [i.verdict for i in run.items] == [each.verdict for each in items]
    assert states(run) == ["Waiting", "Left out", "Waiting"]
    assert (run.done, run.total) == (0, 2)


def test_a_run_of_nothing_is_a_run(record: RunRecord, reread: Callable[[Run], Run]) -> None:
    """There is nothing to write of its calendars, and nothing to wait for."""
    run = begin(record)
    record.end_items(run, [])

    assert (reread(run).items, run.total, run.counts) == ((), 0, {})


def test_what_is_not_there_is_none(record: RunRecord) -> None:
    """A number that no run has."""
    assert record.run(1) is None
    assert record.runs(SERVER) == []
    assert record.visible(SERVER, [uuid_of(7)]) == []


def test_runs_are_listed_newest_first_by_server(record: RunRecord) -> None:
    """Another server's are not among them, and there are no more than were asked for."""
    first, second = begin(record, 1), begin(record, 2, 3)
    other = begin(record, 1, server=OTHER_SERVER)

    assert [run.id for run in record.runs(SERVER)] == [second.id, first.id]
    assert [run.id for run in record.runs(SERVER, limit=1)] == [second.id]
    assert [run.id for run in record.runs(OTHER_SERVER)] == [other.id]
    assert [run.id for run in record.visible(SERVER, [uuid_of(1)])] == [first.id]
    assert [run.id for run in record.visible(SERVER, [uuid_of(2)])] == [second.id]
    assert [run.id for run in record.visible(SERVER, [uuid_of(3)])] == [second.id]


def test_no_token_and_no_half_character_is_kept(
    record: RunRecord, reread: Callable[[Run], Run]
) -> None:
    """What a server calls a lab, and who stopped it, goes through the same gate as its words."""
    token = "0123456789abcdef" * 2 + "01234567"
    hostile = f"Lab \0 \ud800 {token}"
    run = begin(
        record,
        items=[item(1, 0, offering_name=hostile, reason=hostile), item(2, 1)],
        person_name=hostile,
    )
    record.stop(run.id, f"Stopped by {hostile}.")
    record.end_items(run, run.items[1:], hostile)

    kept = reread(run)

    texts = [kept.person_name, kept.stop_reason, kept.items[0].offering_name]
    texts += [each.reason for each in kept.items]
    assert all(token not in text and "\0" not in text and "Lab" in text for text in texts)


# --- once -----------------------------------------------------------------------------------


def test_the_same_request_is_one_run(record: RunRecord) -> None:
    """What is asked a second time is not begun again, even after it has ended."""
    run = begin(record, 1, request="r1")
    again, fresh = record.begin(
        request="r1",
        server=SERVER,
        action=Action.UNSHARE,
        person_uuid=PERSON,
        person_name="olivia",
        items=[item(2, 0)],
    )
    record.finish(run.id)

    assert (again, fresh) == (run, False)
    assert begin(record, 1, request="r1").id == run.id
    assert len(record.runs(SERVER)) == 1


def test_the_same_request_at_the_same_moment_is_one_run(journal: Journal) -> None:
    """Two that both found nothing on record: the database lets one of them write."""
    together = threading.Barrier(2)

    class Simultaneous(RunRecord):
        def _of_request(self, request: str) -> int | None:
            found = super()._of_request(request)
            if found is None:
                together.wait(SECONDS)
            return found

    record = Simultaneous(journal)

    def start(_: int) -> tuple[Run, bool]:
        return record.begin(
            request="r1",
            server=SERVER,
            action=Action.SHARE,
            person_uuid=PERSON,
            person_name="olivia",
            items=[item(1, 0), item(2, 1)],
        )

    with ThreadPoolExecutor(2) as threads:
        (one, fresh), (two, also_fresh) = threads.map(start, range(2))

    assert one == two
    assert sorted([fresh, also_fresh]) == [False, True]
    assert states(one) == ["Waiting", "Waiting"]
    assert len(record.runs(SERVER)) == 1


def test_a_calendar_cannot_be_twice_in_a_run(record: RunRecord) -> None:
    """Not even in two spellings; nothing of it is written."""
    dashed = "00000000-0000-0000-0000-000000000001"

    with pytest.raises(DatabaseError):
        begin(record, items=[item(1, 0), item(1, 1, offering_uuid=dashed)])

    assert record.runs(SERVER) == []
    assert states(begin(record, 1)) == ["Waiting"]


def test_a_calendar_has_one_run_at_a_time(record: RunRecord) -> None:
    """The later run is told so at once, and goes on with what it got."""
    begin(record, 1, 2)
    later = begin(record, 2, 3)

    assert states(later) == ["Not sent", "Waiting"]
    assert later.items[0].reason == HAD_BY_ANOTHER
    assert (later.items[0].ended, later.done, later.total) == (True, 1, 2)
    assert later.counts == {"Not sent": 1, "Waiting": 1}


def test_what_is_left_out_is_not_taken(record: RunRecord) -> None:
    """A calendar that a run does not send is free for others."""
    begin(record, items=[item(1, 0, chosen=False, verdict=Verdict.NOT_YOURS)])

    assert states(begin(record, 1)) == ["Waiting"]


def test_the_same_uuid_on_another_server_is_another_calendar(record: RunRecord) -> None:
    """Runs on two servers do not hinder each other."""
    begin(record, 1)

    assert states(begin(record, 1, server=OTHER_SERVER)) == ["Waiting"]


def test_runs_that_begin_at_once_share_the_calendars(
    record: RunRecord, reread: Callable[[Run], Run]
) -> None:
    """In whatever order they name them, each calendar goes to exactly one, and neither fails."""
    together = threading.Barrier(2)
    numbers = list(range(1, 301))

    def start(backwards: bool) -> Run:
        together.wait(SECONDS)
        mine = reversed(numbers) if backwards else numbers
        return begin(record, *mine)

    with ThreadPoolExecutor(2) as threads:
        runs = [reread(run) for run in threads.map(start, [False, True])]

    got = [{i.offering_uuid for i in run.items if not i.ended} for run in runs]
    assert got[0] | got[1] == {uuid_of(number) for number in numbers}
    assert not got[0] & got[1]


def test_a_single_action_does_not_get_a_calendar_of_a_run(
    record: RunRecord, journal: Journal
) -> None:
    """Nor does a run get one that it has not taken; nothing is written."""
    run, other = begin(record, 1), begin(record, 2)

    for number, who in ((1, None), (1, other), (2, run), (3, run)):
        with pytest.raises(Claimed):
            send(journal, number, who)

    assert journal.entries(servers=None) == []
    assert send(journal, 1, run).run_id == run.id
    assert send(journal, 3).run_id is None


@pytest.mark.parametrize("end", ["end_items", "finish"])
def test_an_end_frees_the_calendar(record: RunRecord, journal: Journal, end: str) -> None:
    """From then on a person or another run may have it, and this run may not."""
    run = begin(record, 1, 2)
    if end == "finish":
        record.finish(run.id)
    else:
        record.end_items(run, run.items[:1])

    with pytest.raises(Claimed):
        send(journal, 1, run)
    assert send(journal, 1).sequence == 1
    assert states(begin(record, 1, request="again")) == ["Waiting"]


def test_a_claim_runs_out_with_its_lease(record: RunRecord, journal: Journal, wall: Any) -> None:
    """A run that nobody holds any more keeps nobody waiting, and sends nothing."""
    run = begin(record, 1, 2)
    wall.move(LEASE_SECONDS)

    with pytest.raises(Claimed):
        send(journal, 1, run)
    later = begin(record, 1, request="later")
    assert states(later) == ["Waiting"]
    assert send(journal, 2).run_id is None
    with pytest.raises(Claimed):
        send(journal, 1)
    record.finish(run.id)
    with pytest.raises(Claimed):
        send(journal, 1)
    assert send(journal, 1, later).run_id == later.id


# --- held and stopped -----------------------------------------------------------------------


def test_a_run_that_is_held_keeps_its_calendars(
    record: RunRecord, journal: Journal, reread: Callable[[Run], Run], wall: Any
) -> None:
    """The leases of both move together, however often it is held."""
    run = begin(record, 1)
    for _ in range(5):
        wall.move(RENEWAL_SECONDS - 1)
        assert record.hold(run.id) == ""
        wall.move(LEASE_SECONDS - RENEWAL_SECONDS - 1)
        assert record.hold(run.id) == ""

    assert reread(run).alive
    with pytest.raises(Claimed):
        send(journal, 1)
    assert send(journal, 1, run).run_id == run.id


def test_a_run_whose_lease_ran_out_is_lost(record: RunRecord, wall: Any) -> None:
    """Somebody may have its calendars already."""
    run = begin(record, 1)
    wall.move(LEASE_SECONDS)

    with pytest.raises(Lost):
        record.hold(run.id)


def test_a_run_of_another_process_cannot_be_held(record: RunRecord, elsewhere: RunRecord) -> None:
    """Nor one that has ended, nor one that never was."""
    run, ended = begin(record, 1), begin(record, 2)
    record.finish(ended.id)

    with pytest.raises(Lost):
        elsewhere.hold(run.id)
    for run_id in (ended.id, ended.id + 1):
        with pytest.raises(Lost):
            record.hold(run_id)
    assert record.hold(run.id) == ""


def test_the_first_to_stop_a_run_is_kept(
    record: RunRecord, elsewhere: RunRecord, reread: Callable[[Run], Run]
) -> None:
    """Any process can ask; its holder hears it with the next renewal."""
    run = begin(record, 1)

    elsewhere.stop(run.id, "Stopped by olivia.")
    record.stop(run.id, "Stopped by hugo.")

    assert record.hold(run.id) == "Stopped by olivia."
    assert reread(run).stop_reason == "Stopped by olivia."
    assert reread(run).alive


def test_a_run_that_has_ended_is_not_stopped(
    record: RunRecord, reread: Callable[[Run], Run]
) -> None:
    """A press that comes too late changes nothing."""
    run = begin(record, 1)
    record.finish(run.id)

    record.stop(run.id, "Stopped by olivia.")

    assert reread(run).stop_reason == ""


# --- states ---------------------------------------------------------------------------------


def test_a_calendar_goes_through_its_states(
    record: RunRecord, journal: Journal, reread: Callable[[Run], Run]
) -> None:
    """Waiting, under way in the journal's words, and in its last word when it has ended."""
    run = begin(record, 1)

    def now() -> tuple[str, bool, bool, int]:
        found = reread(run).items[0]
        return found.state.value, found.under_way, found.ended, found.attempts

    assert now() == ("Waiting", False, False, 0)
    entry = send(journal, 1, run)
    assert now() == ("Sending", True, False, 1)
    entry = journal.note(entry, Outcome.ACCEPTED, open=True, http_status=202, words="OK")
    assert now() == ("Accepted", True, False, 1)
    journal.note(entry, Outcome.CONFIRMED, open=False)
    record.end_items(run, reread(run).items)
    assert now() == ("Confirmed", False, True, 1)
    assert (reread(run).done, reread(run).counts) == (1, {"Confirmed": 1})
    assert not reread(run).items[0].failed


@pytest.mark.parametrize("code", [CalendarBusy.code, Busy.code])
def test_a_refusal_that_is_tried_again_says_so(
    record: RunRecord, journal: Journal, reread: Callable[[Run], Run], code: str
) -> None:
    """Until the last try each refusal as busy is only an attempt."""
    run = begin(record, 1)
    first = journal.note(
        send(journal, 1, run), Outcome.REFUSED, open=False, error_code=code, words="Busy."
    )
    assert (states(reread(run)), reread(run).done) == (["Busy, tried again soon"], 0)

    again = send(journal, 1, run, seen=first.sequence)
    assert states(reread(run)) == ["Sending"]
    journal.note(again, Outcome.REFUSED, open=False, error_code=code, words="Busy still.")
    record.end_items(run, reread(run).items)

    ended = reread(run).items[0]
    assert (ended.state, ended.attempts, ended.failed) == (Outcome.REFUSED, 2, True)
    assert ended.entry is not None
    assert ended.entry.words == "Busy still."


def test_what_was_as_wanted_is_no_failure(
    record: RunRecord, journal: Journal, reread: Callable[[Run], Run]
) -> None:
    """The server refused it because nothing was left to be done: there is nothing to retry."""
    run = begin(record, 1)
    sent = send(journal, 1, run)
    journal.note(sent, Outcome.REFUSED, open=False, http_status=400, error_code=ALREADY_SO)
    record.end_items(run, reread(run).items)

    (ended,) = reread(run).items
    assert (ended.state, ended.failed) == ("Already so", False)


def test_what_is_not_sent_says_why(record: RunRecord, reread: Callable[[Run], Run]) -> None:
    """The reason of the plan gives way to the reason that came to pass, where there is one."""
    run = begin(record, items=[item(1, 0, reason="A remark."), item(2, 1, reason="Another.")])
    record.end_items(run, run.items[:1], "Stopped by olivia.")
    record.end_items(run, run.items[1:])

    ended = reread(run)
    assert states(ended) == ["Not sent", "Not sent"]
    assert [each.reason for each in ended.items] == ["Stopped by olivia.", "Another."]
    assert all(each.failed for each in ended.items)


def test_entries_of_others_say_nothing_of_a_run(
    record: RunRecord, journal: Journal, reread: Callable[[Run], Run]
) -> None:
    """What a person did to a calendar before, or another run, is not this run's doing."""
    journal.note(send(journal, 1), Outcome.CONFIRMED, open=False)
    run = begin(record, 1)

    assert (states(reread(run)), reread(run).items[0].entry) == (["Waiting"], None)


def test_a_run_does_not_inherit_the_entries_of_a_forgotten_one(
    record: RunRecord, journal: Journal, reread: Callable[[Run], Run], wall: Any
) -> None:
    """The newest entry of a calendar outlives its run, whose number is not given again."""
    for number in (1, 2):
        old = begin(record, number)
        journal.note(send(journal, number, old), Outcome.CONFIRMED, open=False)
        record.end_items(old, old.items)
        record.finish(old.id)
    wall.move(1000)
    forget(journal, timedelta(seconds=500))

    run = begin(record, 1, 2)

    assert states(run) == ["Waiting", "Waiting"]
    record.finish(run.id)
    assert states(reread(run)) == ["Not sent", "Not sent"]


def test_what_ends_while_it_is_read_is_not_called_unsent(database_url: str, wall: Any) -> None:
    """A reader between two steps of a calendar sees it at one of them, never at neither."""

    class Overtaken(Journal):
        overtaken_by: Callable[[], object] | None = None

        def of_run(self, run_id: int) -> list[Entry]:
            found = super().of_run(run_id)
            overtake, self.overtaken_by = self.overtaken_by, None
            if overtake is not None:
                overtake()
            return found

    journal = Overtaken(database_url, clock=wall)
    record = RunRecord(journal)
    run = begin(record, 1)

    def end() -> None:
        journal.note(send(journal, 1, run), Outcome.CONFIRMED, open=False)
        record.end_items(run, run.items)
        record.finish(run.id)

    journal.overtaken_by = end
    seen, later = record.run(run.id), record.run(run.id)

    assert seen is not None
    assert later is not None
    assert (states(seen), states(later)) == (["Waiting"], ["Confirmed"])
    journal.close()


# --- interrupted ----------------------------------------------------------------------------


def test_a_run_that_nobody_holds_is_read_as_interrupted(
    record: RunRecord, journal: Journal, reread: Callable[[Run], Run], wall: Any
) -> None:
    """From the moment its lease ran out; what was sent keeps its word, the rest was not sent."""
    run = begin(
        record,
        items=[
            item(1, 0),
            item(2, 1, reason="A remark."),
            item(3, 2),
            item(4, 3, chosen=False, verdict=Verdict.POINTLESS, reason="Public already."),
            item(5, 4),
        ],
    )
    journal.note(send(journal, 1, run), Outcome.CONFIRMED, open=False)
    journal.note(send(journal, 2, run), Outcome.REFUSED, open=False)
    record.end_items(run, [run.items[4]], "Another run has this calendar.")
    wall.move(LEASE_SECONDS)

    left = reread(run)

    assert (left.alive, left.interrupted, left.finished) == (False, True, run.lease_until)
    assert states(left) == ["Confirmed", "Refused", "Not sent", "Left out", "Not sent"]
    assert [each.reason for each in left.items] == [
        "",
        "A remark.",
        INTERRUPTED,
        "Public already.",
        "Another run has this calendar.",
    ]
    assert (left.done, left.total) == (4, 4)
    assert [(each.id, each.interrupted) for each in record.runs(SERVER)] == [(run.id, True)]


@pytest.mark.parametrize(
    ("outcome", "open_as", "closed_as"),
    [
        (Outcome.SENDING, "Sending", "Outcome unknown"),
        (Outcome.ACCEPTED, "Accepted", "Not confirmed"),
    ],
)
def test_what_is_under_way_outlives_its_run(
    record: RunRecord,
    journal: Journal,
    reread: Callable[[Run], Run],
    wall: Any,
    outcome: Outcome,
    open_as: str,
    closed_as: str,
) -> None:
    """A calendar that may still be worked on has not ended; later it is what can be said of it."""
    run = begin(record, 1)
    entry = send(journal, 1, run)
    if outcome is Outcome.ACCEPTED:
        journal.note(entry, outcome, open=True)
    wall.move(LEASE_SECONDS)

    left = reread(run)
    assert (states(left), left.done, left.worth_a_look) == ([open_as], 0, False)

    wall.move(ENTRY_LEASE_SECONDS)
    left = reread(run)
    assert (states(left), left.done, left.worth_a_look) == ([closed_as], 1, True)
    assert left.items[0].failed


def test_a_stopped_run_whose_last_words_are_missing_says_why(
    record: RunRecord, reread: Callable[[Run], Run]
) -> None:
    """A run that ended in order did not lose its dashboard, even if a calendar was not written."""
    run = begin(record, 1)
    record.stop(run.id, "Stopped by olivia.")
    record.finish(run.id)

    left = reread(run).items[0]

    assert (left.state, left.reason) == (ItemState.NOT_SENT, "Stopped by olivia.")


def test_runs_of_dead_processes_are_closed_at_the_start(
    record: RunRecord,
    dead: RunRecord,
    elsewhere: RunRecord,
    reread: Callable[[Run], Run],
    wall: Any,
) -> None:
    """Their calendars are free at once; those of the living and of other places are left alone."""
    mine, left, other = begin(record, 1), begin(dead, 2), begin(elsewhere, 3)
    wall.move(1)

    assert record.recover() == 1
    assert record.recover() == 0

    closed = reread(left)
    assert (closed.alive, closed.interrupted, closed.finished) == (False, True, wall.now)
    assert (states(closed), closed.items[0].reason) == (["Not sent"], INTERRUPTED)
    assert reread(mine).alive
    assert reread(other).alive
    assert states(begin(record, 1, 2, 3, request="next")) == ["Not sent", "Waiting", "Not sent"]
    with pytest.raises(Lost):
        dead.hold(left.id)


def test_a_run_that_was_closed_stays_interrupted(
    record: RunRecord, dead: RunRecord, reread: Callable[[Run], Run], wall: Any
) -> None:
    """A holder that comes back late does not make an interruption an end in order."""
    run = begin(dead, 1)
    record.recover()
    closed = reread(run)
    wall.move(1)

    dead.finish(run.id)

    assert reread(run) == closed


def test_the_state_after_an_interruption_is_read_by_one(
    record: RunRecord, reread: Callable[[Run], Run]
) -> None:
    """The first gets to read; if that fails the next one does."""
    run = begin(record, 1)

    assert record.mark_looked(run.id)
    assert not record.mark_looked(run.id)
    assert reread(run).looked
    assert record.mark_looked(run.id, looked=False)
    assert not reread(run).looked
    assert record.mark_looked(run.id)


Step = tuple[str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["send", "accept", "confirm", "refuse", "end", "stop", "finish", "wait"]),
        st.integers(0, 3),
    ),
    max_size=20,
)


@given(steps, st.lists(st.booleans(), min_size=4, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_the_counts_add_up_whatever_happens(
    record: RunRecord,
    journal: Journal,
    reread: Callable[[Run], Run],
    wall: Any,
    happened: list[Step],
    chosen: list[bool],
) -> None:
    """At every moment each calendar is in one state, and none is both sent and not sent."""
    run = begin(
        record,
        items=[item(n, n, chosen=chosen[n]) for n in range(4)],
    )
    for what, number in happened:
        latest = journal.latest(SERVER, uuid_of(number))
        if what == "send" and not (latest and latest.open):
            try:
                send(journal, number, run, seen=latest.sequence if latest else 0)
            except Claimed:
                assert not reread(run).alive or reread(run).items[number].ended
        elif what in {"accept", "confirm", "refuse"} and latest and latest.open:
            outcome = {
                "accept": Outcome.ACCEPTED,
                "confirm": Outcome.CONFIRMED,
                "refuse": Outcome.REFUSED,
            }[what]
            journal.note(latest, outcome, open=what == "accept")
        elif what == "end":
            record.end_items(run, [run.items[number]])
        elif what == "stop":
            record.stop(run.id, "Stopped by olivia.")
        elif what == "finish":
            record.finish(run.id)
        elif what == "wait":
            wall.move(25)

        now = reread(run)
        assert sum(now.counts.values()) == len(now.items) == 4
        assert now.total == sum(chosen)
        assert 0 <= now.done <= now.total
        for each in now.items:
            sent = [e for e in journal.of_run(run.id) if e.offering_uuid == each.offering_uuid]
            assert each.attempts == len(sent)
            assert not (each.state is ItemState.NOT_SENT and sent)
            assert (each.state is ItemState.LEFT_OUT) is not each.chosen
            assert now.alive or each.state is not ItemState.WAITING
    wall.move(ENTRY_LEASE_SECONDS + LEASE_SECONDS)
    assert not any(each.under_way for each in reread(run).items)
    assert reread(run).done == reread(run).total


# --- seen by others -------------------------------------------------------------------------


def test_a_run_is_visible_by_one_of_its_offerings(record: RunRecord) -> None:
    """Newest first, without items; other servers and other offerings stay out of sight."""
    first, _, third = (begin(record, *numbers) for numbers in ([1, 2], [3], [2, 4]))
    begin(record, 1, server=OTHER_SERVER)

    found = record.visible(SERVER, [uuid_of(2), uuid_of(9), *map(uuid_of, range(100, 100_000))])

    assert [run.id for run in found] == [third.id, first.id]
    assert not any(run.items for run in found)
    assert record.visible(SERVER, []) == []


def test_runs_of_others_push_none_out_of_sight(record: RunRecord) -> None:
    """However many there are; one that is being worked on is shown behind any number."""
    alive = begin(record, 1)
    mine = [begin(record, 1) for _ in range(4)]
    for run in mine:
        record.finish(run.id)
    for _ in range(5):
        record.finish(begin(record, 2).id)

    found = record.visible(SERVER, [uuid_of(1)], limit=2)

    assert [run.id for run in found] == [mine[3].id, mine[2].id, alive.id]
    assert [run.alive for run in found] == [False, False, True]


def test_what_runs_have_is_told(record: RunRecord, wall: Any) -> None:
    """While they live, for one server, in the spelling that was asked in."""
    dashed = "00000000-0000-0000-0000-000000000001"
    run = begin(record, 1, 2)
    record.end_items(run, [item(2, 1)])

    assert record.claimed(SERVER, [dashed, uuid_of(2), uuid_of(3)]) == {dashed}
    assert record.claimed(OTHER_SERVER, [dashed]) == set()
    wall.move(LEASE_SECONDS)
    assert record.claimed(SERVER, [dashed]) == set()
