"""The receipt of a run as a table and as JSON, for every state a calendar can be in."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bookings.calendar_receipt import RECEIPT_COLUMNS, receipt_frame, receipt_items
from bookings.calendars.actions import ALREADY_SO, Action, Outcome
from bookings.calendars.journal import Entry
from bookings.calendars.preflight import Verdict
from bookings.calendars.run_record import Item, Run
from bookings.exports import to_csv
from bookings.waldur.errors import CalendarBusy

NOW = datetime(2026, 11, 24, 10, 32, 5, tzinfo=UTC)
LATER = NOW + timedelta(seconds=4)
ENTRY = Entry(
    id=1,
    server="https://waldur.example/",
    offering_uuid="1" * 32,
    offering_name="=Laser",
    sequence=1,
    action=Action.SHARE,
    person_uuid="a" * 32,
    person_name="mari",
    before=None,
    before_known=False,
    created=NOW,
    finished=LATER,
    outcome=Outcome.CONFIRMED,
    open=False,
    http_status=202,
    error_code=None,
    words="OK",
    remark="The calendar is public.",
    holder="",
    lease_until=LATER,
)
REFUSED = replace(ENTRY, outcome=Outcome.REFUSED, http_status=400)


def item(**values: object) -> Item:
    """A calendar of the run; of itself one that was to be sent and was not."""
    base = Item(0, "1" * 32, "=Laser", Verdict.WILL_DO, "", chosen=True, ended=True)
    return replace(base, **values)


def run_of(*items: Item, finished: datetime | None = LATER) -> Run:
    """A run of these."""
    return Run(
        id=1, request="r", server="https://waldur.example/", action=Action.SHARE,
        person_uuid="a" * 32, person_name="mari", created=NOW, finished=finished, stop_reason="",
        interrupted=False, looked=False, holder="", lease_until=LATER, items=items,
    )  # fmt: skip


def test_an_empty_receipt_has_the_same_columns() -> None:
    """Declared once."""
    assert receipt_frame(run_of()).columns.tolist() == [column.key for column in RECEIPT_COLUMNS]
    assert receipt_items(run_of()) == []


def test_what_was_sent_has_the_words_of_the_server() -> None:
    """And what was seen, when, how often it was tried, and for whom."""
    run = run_of(item(entry=ENTRY, attempts=2))
    row = receipt_frame(run).iloc[0]

    assert row["state"] == "Confirmed"
    assert (row["http_status"], row["words"], row["attempts"]) == (202, "OK", 2)
    assert (row["asked_by"], row["time"]) == ("mari", LATER)
    assert json.loads(json.dumps(receipt_items(run))) == [
        {
            "offering_uuid": "1" * 32,
            "offering": "=Laser",
            "action": "share_google_calendar",
            "state": "Confirmed",
            "http_status": 202,
            "words": "OK",
            "remark": "The calendar is public.",
            "next_step": "Nothing more needs to be done.",
            "time": "2026-11-24T10:32:09+00:00",
            "attempts": 2,
            "asked_by": "mari",
            "run": 1,
        }
    ]


@pytest.mark.parametrize(
    ("values", "state", "next_step", "time"),
    [
        ({}, "Not sent", "ask for it again", LATER),
        ({"ended": False}, "Waiting", "its turn", None),
        ({"chosen": False, "verdict": Verdict.POINTLESS}, "Left out", "Nothing needs", NOW),
        ({"chosen": False, "verdict": Verdict.REFUSED}, "Left out", "Put right", NOW),
        ({"chosen": False, "verdict": Verdict.CHANGED}, "Left out", "done since", NOW),
        ({"chosen": False, "verdict": Verdict.NOT_YOURS}, "Left out", "owner", NOW),
        (
            {"ended": False, "entry": replace(REFUSED, error_code=CalendarBusy.code)},
            "Busy, tried again soon",
            "by itself",
            LATER,
        ),
        ({"entry": replace(REFUSED, error_code=ALREADY_SO)}, "Already so", "Nothing needs", LATER),
        ({"entry": replace(ENTRY, outcome=Outcome.UNKNOWN)}, "Outcome unknown", "before", LATER),
        (
            {"entry": replace(ENTRY, outcome=Outcome.SENDING, open=True, finished=None)},
            "Sending",
            "Wait",
            NOW,
        ),
    ],
)
def test_every_state_has_a_next_step(
    values: dict[str, object], state: str, next_step: str, time: datetime | None
) -> None:
    """The reason stands where nothing was answered."""
    (row,) = receipt_items(run_of(item(reason="Because.", **values)))

    assert row["state"] == state
    assert next_step in row["next_step"]
    assert row["time"] == (None if time is None else time.isoformat())
    assert row["remark"] == ("The calendar is public." if "entry" in values else "Because.")


def test_a_name_does_not_run_in_a_spreadsheet() -> None:
    """As in any other export."""
    assert b"'=Laser" in to_csv(receipt_frame(run_of(item())), RECEIPT_COLUMNS)
