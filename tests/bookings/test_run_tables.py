"""How far a run is in words that add up, and why calendars of it were not sent."""

from dataclasses import replace

import pytest

from bookings.calendars.actions import ALREADY_SO, Action, Outcome
from bookings.calendars.preflight import HAD_BY_ANOTHER, Verdict, plan_of
from bookings.calendars.run_record import INTERRUPTED, Item, Run
from bookings.run_tables import PLAN_COLUMNS, plan_frame, progress, seen_by, unsent_reasons
from bookings.waldur.errors import CalendarBusy
from bookings.waldur.models import Offering
from tests.bookings.test_calendar_receipt import ENTRY, REFUSED, item, run_of

LEFT_OUT = item(chosen=False, verdict=Verdict.POINTLESS)
WAITING = item(ended=False)
UNDER_WAY = item(ended=False, entry=replace(ENTRY, outcome=Outcome.SENDING, open=True))
CONFIRMED = item(entry=ENTRY)
BUSY = item(ended=False, entry=replace(REFUSED, error_code=CalendarBusy.code))
PUBLIC = item(entry=replace(REFUSED, error_code=ALREADY_SO))


def alive(*items: Item, stop_reason: str = "") -> Run:
    """A run that is being worked on."""
    return replace(run_of(*items, finished=None), stop_reason=stop_reason)


@pytest.mark.parametrize(
    ("run", "share", "words"),
    [
        (alive(WAITING, WAITING), 0.0, "0 of 2 begun · 2 waiting"),
        (
            alive(WAITING, CONFIRMED, UNDER_WAY, CONFIRMED),
            0.5,
            "3 of 4 begun · 1 sending · 2 confirmed · 1 waiting",
        ),
        (alive(LEFT_OUT, CONFIRMED, WAITING), 0.5, "1 of 2 begun · 1 confirmed · 1 waiting"),
        (
            alive(UNDER_WAY, item(), stop_reason="Stopped by mari."),
            0.5,
            "Stopping · 1 of 2 begun · 1 sending · 1 not sent",
        ),
        (
            alive(CONFIRMED, PUBLIC, BUSY, WAITING),
            0.5,
            "3 of 4 begun · 1 confirmed · 1 already so · 1 busy, tried again soon · 1 waiting",
        ),
        (run_of(CONFIRMED, item()), 1.0, "1 of 2 begun · 1 confirmed · 1 not sent"),
        (run_of(LEFT_OUT), 1.0, "0 of 0 begun"),
    ],
)
def test_counts_are_of_what_was_to_be_sent(run: Run, share: float, words: str) -> None:
    """In the order in which a calendar goes through them."""
    assert progress(run) == (share, words)


def test_others_of_a_run_are_those_that_were_to_be_sent() -> None:
    """What the plan left out counts neither for one's own part nor for that of others."""
    own, other = item(offering_uuid="1" * 32), item(offering_uuid="2" * 32)
    mine, hidden = seen_by(
        run_of(own, other, replace(LEFT_OUT, offering_uuid="3" * 32)), {"1" * 32}
    )

    assert (mine.items, hidden) == ((own,), 1)


def test_why_calendars_were_not_sent_is_said_once_with_their_number() -> None:
    """Without what the run's own end says already."""
    run = replace(
        run_of(
            *(item(reason=HAD_BY_ANOTHER),) * 2,
            item(reason="Stopped by mari."),
            item(reason=INTERRUPTED),
            item(reason="It came first."),
            CONFIRMED,
            replace(LEFT_OUT, reason="It is public already."),
        ),
        stop_reason="Stopped by mari.",
    )

    assert unsent_reasons(run) == [(HAD_BY_ANOTHER, 2), ("It came first.", 1)]


def test_a_plan_says_what_each_offering_is() -> None:
    """The judgement first, then the state: a draft can become public as well."""
    draft = Offering(uuid="1" * 32, name="Laser", state="Draft", customer_name="Lab")
    frame = plan_frame(plan_of(Action.SHARE, [draft]))

    assert frame.columns.tolist() == [column.key for column in PLAN_COLUMNS]
    assert frame[["name", "state", "provider"]].values.tolist() == [["Laser", "Draft", "Lab"]]
