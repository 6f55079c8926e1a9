"""What the record tells of calendars that were read before it: newer states, and newer actions."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bookings.calendars.actions import ALREADY_SO, NO_CREDENTIALS, Action, CalendarStatus, Outcome
from bookings.calendars.decisions import Decision
from bookings.calendars.journal import Entry
from bookings.calendars.on_record import NOTHING_TOLD, SETTLING, OnRecord, Told
from bookings.calendars.preflight import Foreseen, Verdict, foresee, plan_of
from bookings.waldur.errors import CalendarBusy
from tests.bookings.calendars.test_preflight import NOW, entry, offering

UUID = offering(1).uuid
READ = NOW - timedelta(hours=1)
SYNC, SHARE, UNSHARE = Action
NONE, PRIVATE, PUBLIC = CalendarStatus.NONE, CalendarStatus.PRIVATE, CalendarStatus.PUBLIC
UNKNOWN = CalendarStatus.UNKNOWN


def judged(
    action: Action, status: CalendarStatus, as_of: datetime | None = READ, **fields: Any
) -> Foreseen:
    """What a plan foresees where another's action is on record."""
    done = fields.pop("done", SHARE)
    told = OnRecord({UUID: entry(UUID, done, **fields)}, NOW, as_of).of(UUID, status)
    return foresee(action, status, told=told)


@pytest.mark.parametrize(
    ("action", "status", "done", "reason"),
    [
        (SHARE, PRIVATE, SHARE, "The calendar is public already: shared by mari"),
        (UNSHARE, PUBLIC, UNSHARE, "The calendar is private already: unshared by mari"),
        (UNSHARE, NONE, SYNC, "The calendar is private already: synced by mari"),
    ],
)
def test_what_was_confirmed_since_is_not_done_again(
    action: Action, status: CalendarStatus, done: Action, reason: str
) -> None:
    """The record is newer than the list; where it is older, the list counts."""
    assert judged(action, status, done=done) == Foreseen(
        Verdict.POINTLESS, f"{reason} at 05:34 UTC."
    )
    assert judged(action, status, NOW, done=done) == foresee(action, status)
    assert judged(action, status, None, done=done) == foresee(action, status)


def test_what_was_confirmed_since_can_be_undone() -> None:
    """The plan goes by the newer state, and shows it."""
    record = OnRecord({UUID: entry(UUID, SHARE)}, NOW, READ)
    (step,) = plan_of(UNSHARE, [offering(1)], record=record).steps

    assert (step.foreseen.verdict, step.status, step.seen) == (Verdict.WILL_DO, PUBLIC, 3)


def test_a_refusal_tells_how_the_calendar_is() -> None:
    """Where the server said that it is so already; any other changed nothing and tells nothing."""
    refused = {"outcome": Outcome.REFUSED, "error_code": ALREADY_SO}

    assert judged(SHARE, PRIVATE, **refused) == Foreseen(
        Verdict.POINTLESS, "The calendar is public already: the server told mari so at 05:34 UTC."
    )
    assert judged(SHARE, PRIVATE, **refused | {"error_code": NO_CREDENTIALS}) == foresee(
        SHARE, PRIVATE
    )


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.NOT_CONFIRMED, Outcome.UNKNOWN])
@pytest.mark.parametrize("done", [SHARE, UNSHARE])
def test_what_ended_otherwise_since_is_to_be_read_first(outcome: Outcome, done: Action) -> None:
    """The list cannot be believed and the record does not know; to a sync it is all the same."""
    found = judged(SHARE, PRIVATE, done=done, outcome=outcome, open=False)

    assert found == Foreseen(
        Verdict.CHANGED,
        f"“{done.label}” of mari ended at 05:34 UTC as “{outcome}”, after the list was read: "
        "read it again first.",
    )
    assert judged(SYNC, PRIVATE, done=done, outcome=outcome, open=False).verdict is Verdict.WILL_DO
    assert judged(SHARE, PRIVATE, NOW, done=done, outcome=outcome, open=False) == foresee(
        SHARE, PRIVATE
    )


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.NOT_CONFIRMED])
def test_a_sync_since_leaves_the_list_as_true_as_it_was(outcome: Outcome) -> None:
    """It makes no calendar public or private."""
    assert judged(SHARE, PRIVATE, done=SYNC, outcome=outcome, open=False) == foresee(SHARE, PRIVATE)
    assert judged(UNSHARE, PRIVATE, done=SYNC).verdict is Verdict.POINTLESS


def told_of(status: CalendarStatus, *done: Entry) -> Told:
    """What is told of actions that ended since the list was read, the oldest first."""
    numbered = [replace(each, id=at, sequence=at) for at, each in enumerate(done, 1)]
    return OnRecord({UUID: numbered[-1]}, NOW, READ, ended={UUID: numbered[::-1]}).of(UUID, status)


@pytest.mark.parametrize(
    "later",
    [
        entry(UUID, SYNC, outcome=Outcome.ACCEPTED, open=False),
        entry(UUID, SYNC, outcome=Outcome.SENDING),
        entry(UUID, SHARE, outcome=Outcome.REFUSED, error_code=CalendarBusy.code),
    ],
    ids=["sync", "sync under way", "refusal"],
)
def test_what_tells_nothing_hides_nothing(later: Entry) -> None:
    """Neither a sync nor a refusal makes a calendar public: what was done before still counts."""
    shared = told_of(PRIVATE, entry(UUID, UNSHARE), entry(UUID, SHARE), later)
    unread = told_of(PRIVATE, entry(UUID, SHARE, outcome=Outcome.UNKNOWN), later)

    assert (shared.status, shared.how, shared.seen) == (PUBLIC, "shared by mari at 05:34 UTC", 3)
    assert foresee(SHARE, PRIVATE, told=shared).verdict is Verdict.POINTLESS
    assert foresee(UNSHARE, PRIVATE, told=shared).reason != "The calendar is private already."
    assert unread.status is UNKNOWN
    if not later.open:
        assert foresee(SHARE, PRIVATE, told=unread).verdict is Verdict.CHANGED


def test_a_sync_that_created_a_calendar_does_not_hide_that_it_is_public() -> None:
    """It is private only if nothing made it public."""
    assert told_of(NONE, entry(UUID, SYNC)).status is PRIVATE
    assert told_of(NONE, entry(UUID, SHARE), entry(UUID, SYNC)).status is PUBLIC
    refused = entry(UUID, SHARE, outcome=Outcome.REFUSED)
    assert told_of(NONE, entry(UUID, SYNC), refused).status is PRIVATE


def test_what_ended_before_the_list_was_read_is_in_it() -> None:
    """The record is not followed further back than the reading."""
    old = entry(UUID, SHARE, finished=READ - timedelta(seconds=1))
    sync = entry(UUID, SYNC, outcome=Outcome.ACCEPTED, open=False)

    assert told_of(PRIVATE, old, sync).status is None


def test_what_was_accepted_a_moment_ago_is_worked_on() -> None:
    """For as long as the server takes, as a run has it; then it is as any other."""
    ended = entry(UUID, SYNC, outcome=Outcome.ACCEPTED, open=False)
    record = OnRecord({UUID: ended}, ended.created + timedelta(seconds=2.4), READ)

    assert foresee(SYNC, PRIVATE, told=record.of(UUID, PRIVATE)) == Foreseen(
        Verdict.REFUSED, "“Sync calendar” was accepted 2 s ago; the server works on it."
    )
    assert record.settled == ended.created + SETTLING
    later = replace(record, now=ended.created + SETTLING)
    assert foresee(SYNC, PRIVATE, told=later.of(UUID, PRIVATE)) == Foreseen(Verdict.WILL_DO, "")
    assert later.settled is None


def test_what_came_after_the_plan_comes_first() -> None:
    """Whatever became of it, and though the plan is judged anew."""
    shown = entry(UUID, SHARE)
    newer = entry(UUID, SYNC, sequence=4, outcome=Outcome.ACCEPTED, open=False)
    told = OnRecord({UUID: newer}, NOW, READ, {UUID: shown}).of(UUID, PRIVATE)

    assert (told.seen, told.changed) == (
        3, "“Sync calendar” of mari came after this plan was made."
    )  # fmt: skip
    assert foresee(UNSHARE, PUBLIC, told=told) == Foreseen(Verdict.CHANGED, told.changed)
    first = OnRecord({UUID: newer}, NOW, READ, {}).of(UUID, PRIVATE)
    assert (first.seen, first.changed) == (0, told.changed)


def test_what_ended_after_the_plan_comes_first() -> None:
    """What it was being worked on by when the plan was shown may have made it another."""
    shown = entry(UUID, UNSHARE, outcome=Outcome.SENDING)
    works = OnRecord({UUID: shown}, NOW, READ, {UUID: shown}).of(UUID, PUBLIC)
    ended = OnRecord({UUID: entry(UUID, UNSHARE)}, NOW, READ, {UUID: shown}).of(UUID, PUBLIC)

    assert (works.in_flight, works.changed) == (UNSHARE, "")
    assert foresee(SHARE, PUBLIC, told=ended) == Foreseen(
        Verdict.CHANGED, "“Unshare calendar” of mari ended after this plan was made."
    )


def test_a_look_at_an_old_action_is_no_new_one() -> None:
    """What is confirmed later was on the screen all the same."""
    shown = entry(UUID, SHARE, outcome=Outcome.NOT_CONFIRMED)
    told = OnRecord({UUID: entry(UUID, SHARE)}, NOW, READ, {UUID: shown}).of(UUID, PRIVATE)

    assert (told.status, told.changed) == (PUBLIC, "")


def test_times_are_those_of_a_clock_on_the_wall() -> None:
    """In the person's zone, with the day where it is not today."""
    old = entry(UUID, SHARE, finished=NOW - timedelta(days=1))
    tallinn = ZoneInfo("Europe/Tallinn")
    for finished, words in ((old, "2026-11-30 07:40"), (entry(UUID, SHARE), "07:34")):
        told = OnRecord({UUID: finished}, NOW, NOW - timedelta(days=2), zone=tallinn).of(
            UUID, PRIVATE
        )

        assert told.how == f"shared by mari at {words}"


def test_of_what_is_not_on_record_nothing_is_told() -> None:
    """Nor of decisions on bookings."""
    decision = replace(entry(UUID, SHARE), action=Decision.ACCEPT)

    assert OnRecord({}, NOW, READ).of(UUID, PRIVATE) == NOTHING_TOLD
    assert OnRecord({UUID: decision}, NOW, READ).of(UUID, PRIVATE) == Told(3)
