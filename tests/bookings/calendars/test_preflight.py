"""What a plan foresees of each calendar, and how it says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.calendars.actions import Action, CalendarStatus, Outcome, judge
from bookings.calendars.journal import Entry
from bookings.calendars.on_record import OnRecord, Told
from bookings.calendars.preflight import (
    HAD_BY_ANOTHER,
    Foreseen,
    Plan,
    Verdict,
    connected_by_customer,
    foresee,
    named,
    plan_of,
)
from bookings.waldur.models import GoogleCredentials, Offering

PROVIDER = "c" * 32
CALENDARS: dict[CalendarStatus, dict[str, Any]] = {
    CalendarStatus.NONE: {"googlecalendar": None},
    CalendarStatus.PRIVATE: {"googlecalendar": {"backend_id": "t02", "public": False}},
    CalendarStatus.PUBLIC: {"googlecalendar": {"backend_id": "t02", "public": True}},
    CalendarStatus.WITHOUT_ID: {"googlecalendar": {"backend_id": None, "public": False}},
    CalendarStatus.NOT_PUBLIC: {"google_calendar_is_public": False},
    CalendarStatus.UNKNOWN: {},
}
NO_ACCOUNT = "The provider has no Google account connected in Waldur."
NOT_YOURS = (
    "You can read this offering but not act on its calendar; "
    "an owner of its organisation or staff can."
)
SYNC_BUSY = "“Sync calendar” is not finished yet; the server takes one at a time."
UNSHARE_BUSY = "“Unshare calendar” is not finished yet; the server takes one at a time."

WILL_DO, POINTLESS, REFUSED = Verdict.WILL_DO, Verdict.POINTLESS, Verdict.REFUSED

actions = st.sampled_from(Action)
statuses = st.sampled_from(CalendarStatus)
connections = st.sampled_from([True, False, None])
flights = st.sampled_from([None, *Action])
outcomes = st.sampled_from(Outcome)
NOW = datetime(2026, 12, 1, 5, 40, tzinfo=UTC)
readings = st.sampled_from([None, NOW - timedelta(hours=1), NOW])


def offering(number: int, status: CalendarStatus = CalendarStatus.PRIVATE) -> Offering:
    """An offering of the one provider, with such a calendar."""
    return Offering.model_validate({
        "uuid": f"{number:032x}", "name": f"Lab {number}", "customer_uuid": PROVIDER,
        **CALENDARS[status],
    })  # fmt: skip


def entry(uuid: str, action: Action, **fields: Any) -> Entry:
    """An action of mari six minutes ago; one that is being sent or was accepted is open."""
    outcome = fields.get("outcome", Outcome.CONFIRMED)
    began = NOW - timedelta(minutes=6)
    usual: dict[str, Any] = {
        "id": 1, "server": "https://w.test/", "offering_uuid": uuid, "offering_name": "Any",
        "sequence": 3, "action": action, "person_uuid": "9" * 32, "person_name": "mari",
        "before": None, "before_known": False, "created": began, "finished": began,
        "outcome": outcome, "open": outcome in {Outcome.SENDING, Outcome.ACCEPTED},
        "http_status": 202, "error_code": None, "words": "OK", "remark": "", "holder": "",
        "lease_until": began,
    }  # fmt: skip
    return Entry(**usual | fields)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, list[Offering], set[str]]:
    """A plan, the offerings it was asked for, and those that are read-only."""
    numbers = draw(st.lists(st.integers(0, 30), max_size=40))
    found = {number: draw(statuses) for number in set(numbers)}
    offerings = [offering(number, found[number]) for number in numbers]
    uuids = sorted({each.uuid for each in offerings})
    some = st.sets(st.sampled_from(uuids)) if uuids else st.just(set[str]())
    read_only = draw(some)
    latest = {uuid: entry(uuid, draw(actions), outcome=draw(outcomes)) for uuid in draw(some)}
    plan = plan_of(
        draw(actions),
        offerings,
        read_only=read_only,
        connected=draw(st.sampled_from([None, {}, {PROVIDER: True}, {PROVIDER: False}])),
        record=OnRecord(latest, NOW, draw(readings), draw(st.sampled_from([None, {}]))),
    )
    return plan, offerings, read_only


@pytest.mark.parametrize(
    ("action", "status", "verdict", "reason"),
    [
        (Action.SYNC, CalendarStatus.NONE, WILL_DO, "This creates the calendar at Google."),
        (Action.SYNC, CalendarStatus.PRIVATE, WILL_DO, ""),
        (Action.SYNC, CalendarStatus.PUBLIC, WILL_DO, ""),
        (
            Action.SYNC,
            CalendarStatus.WITHOUT_ID,
            WILL_DO,
            "The calendar never got an id; this tries again to create it at Google.",
        ),
        (
            Action.SHARE,
            CalendarStatus.NONE,
            WILL_DO,
            "This creates the calendar at Google and makes it public.",
        ),
        (Action.SHARE, CalendarStatus.PRIVATE, WILL_DO, ""),
        (Action.SHARE, CalendarStatus.WITHOUT_ID, WILL_DO, ""),
        (Action.SHARE, CalendarStatus.PUBLIC, POINTLESS, "The calendar is public already."),
        (
            Action.UNSHARE,
            CalendarStatus.NONE,
            REFUSED,
            "There is no calendar that could be made private.",
        ),
        (Action.UNSHARE, CalendarStatus.PRIVATE, POINTLESS, "The calendar is private already."),
        (Action.UNSHARE, CalendarStatus.PUBLIC, WILL_DO, ""),
        (
            Action.UNSHARE,
            CalendarStatus.WITHOUT_ID,
            POINTLESS,
            "The calendar is private already; it has no id yet.",
        ),
        *(
            (
                action,
                status,
                WILL_DO,
                "The calendar's status is not known here; the server decides.",
            )
            for action in Action
            for status in (CalendarStatus.NOT_PUBLIC, CalendarStatus.UNKNOWN)
        ),
    ],
)
def test_the_status_decides_where_nothing_else_does(
    action: Action, status: CalendarStatus, verdict: Verdict, reason: str
) -> None:
    """The rules are the ones a server was seen to follow."""
    assert foresee(action, status) == Foreseen(verdict, reason)
    assert foresee(action, status, connected=True) == Foreseen(verdict, reason)


@pytest.mark.parametrize(
    ("action", "status", "read_only", "connected", "in_flight", "verdict", "reason"),
    [
        # The person's role comes before everything.
        (
            Action.SHARE,
            CalendarStatus.PUBLIC,
            True,
            False,
            Action.SYNC,
            Verdict.NOT_YOURS,
            NOT_YOURS,
        ),
        (Action.SYNC, CalendarStatus.NONE, True, None, None, Verdict.NOT_YOURS, NOT_YOURS),
        # What is as wanted needs nothing, whatever the server would say.
        (
            Action.SHARE,
            CalendarStatus.PUBLIC,
            False,
            False,
            None,
            POINTLESS,
            "The calendar is public already.",
        ),
        (
            Action.SHARE,
            CalendarStatus.PUBLIC,
            False,
            True,
            Action.SYNC,
            POINTLESS,
            "The calendar is public already.",
        ),
        # But not while it is being undone.
        (Action.SHARE, CalendarStatus.PUBLIC, False, True, Action.UNSHARE, REFUSED, UNSHARE_BUSY),
        # Then in the server's order: the account, then whether the calendar is busy.
        (Action.SHARE, CalendarStatus.PRIVATE, False, False, None, REFUSED, NO_ACCOUNT),
        (Action.SYNC, CalendarStatus.PRIVATE, False, False, Action.SYNC, REFUSED, NO_ACCOUNT),
        (Action.UNSHARE, CalendarStatus.NONE, False, False, None, REFUSED, NO_ACCOUNT),
        (Action.SHARE, CalendarStatus.PRIVATE, False, True, Action.SYNC, REFUSED, SYNC_BUSY),
        (Action.SYNC, CalendarStatus.UNKNOWN, False, None, Action.SYNC, REFUSED, SYNC_BUSY),
    ],
)
def test_what_else_is_known_decides_first(
    action: Action,
    status: CalendarStatus,
    read_only: bool,
    connected: bool | None,
    in_flight: Action | None,
    verdict: Verdict,
    reason: str,
) -> None:
    """Role, then whether anything is to be done, then what the server checks, in its order."""
    foreseen = foresee(
        action,
        status,
        read_only=read_only,
        connected=connected,
        told=Told(in_flight=in_flight),
    )

    assert foreseen == Foreseen(verdict, reason)


@given(actions, statuses, st.booleans(), connections, flights)
def test_nothing_is_promised_that_the_button_forbids(
    action: Action,
    status: CalendarStatus,
    read_only: bool,
    connected: bool | None,
    in_flight: Action | None,
) -> None:
    """Will-do and the single action's button agree, except where no account is connected."""
    foreseen = foresee(
        action,
        status,
        read_only=read_only,
        connected=connected,
        told=Told(in_flight=in_flight),
    )
    allowed = judge(action, status, read_only=read_only, in_flight=in_flight).allowed

    assert (foreseen.verdict is Verdict.WILL_DO) is (allowed and connected is not False)
    assert foreseen.reason or foreseen.verdict is Verdict.WILL_DO
    if read_only:
        assert foreseen.verdict is Verdict.NOT_YOURS


@given(plans())
def test_every_offering_has_one_place_in_the_plan(
    made: tuple[Plan, list[Offering], set[str]],
) -> None:
    """However often it was named, in the order of the first time."""
    plan, offerings, _ = made

    assert [step.offering.uuid for step in plan.steps] == list(
        dict.fromkeys(each.uuid for each in offerings)
    )


@given(plans())
def test_the_verdicts_share_the_plan_among_them(
    made: tuple[Plan, list[Offering], set[str]],
) -> None:
    """No step is counted twice and none is left out, by verdict and by reason."""
    plan, _, _ = made
    total = len(plan.steps)

    assert sum(len(plan.of(verdict)) for verdict in Verdict) == total
    assert len(plan.of(*Verdict)) == total
    assert sum(count for _, _, count in plan.reasons) == total
    for verdict in Verdict:
        counted = sum(count for which, _, count in plan.reasons if which is verdict)
        assert counted == len(plan.of(verdict))


@given(plans())
def test_what_is_not_the_persons_is_never_theirs(
    made: tuple[Plan, list[Offering], set[str]],
) -> None:
    """A read-only offering is not yours, and no other is."""
    plan, _, read_only = made

    assert {step.offering.uuid for step in plan.of(Verdict.NOT_YOURS)} == read_only


def test_a_plan_knows_whose_account_is_missing() -> None:
    """The account is the provider's; one of whom nothing is known is not judged by it."""
    strange = offering(2).model_copy(update={"customer_uuid": None})

    plan = plan_of(Action.SYNC, [offering(1), strange], connected={PROVIDER: False})

    assert [step.foreseen.verdict for step in plan.steps] == [REFUSED, WILL_DO]


def test_a_step_keeps_what_was_on_record() -> None:
    """The sequence goes with the plan, so that what comes between is noticed."""
    last = entry(offering(2).uuid, Action.SHARE, sequence=7)
    record = OnRecord({last.offering_uuid: last}, NOW)
    plan = plan_of(Action.SYNC, [offering(1), offering(2)], record=record)

    assert [step.seen for step in plan.steps] == [0, 7]
    assert [step.status for step in plan.steps] == [CalendarStatus.PRIVATE] * 2


def test_a_plan_says_itself_in_one_line() -> None:
    """Each part is there only where it counts something; what will be done always."""
    some = [offering(number) for number in range(7)]
    public = [offering(number, CalendarStatus.PUBLIC) for number in range(10, 13)]
    theirs = [offering(number) for number in range(20, 24)]
    synced = entry(some[2].uuid, Action.SYNC)
    latest = {
        each.uuid: entry(each.uuid, Action.SYNC, outcome=Outcome.SENDING) for each in some[:2]
    }
    latest[some[2].uuid] = replace(synced, sequence=4)
    plan = plan_of(
        Action.SHARE,
        [*some, *public, *theirs],
        read_only=[each.uuid for each in theirs],
        record=OnRecord(latest, NOW, shown={**latest, some[2].uuid: synced}),
    )

    assert plan.sentence == (
        "will do 4, skip 3 (already public), will be refused 2, changed since 1, not yours 4"
    )


@pytest.mark.parametrize(
    ("action", "offerings", "sentence"),
    [
        (Action.SYNC, [], "will do 0"),
        (Action.SYNC, [offering(number) for number in range(1200)], "will do 1,200"),
        (Action.UNSHARE, [offering(1)], "will do 0, skip 1 (already private)"),
        (Action.UNSHARE, [offering(1, CalendarStatus.NONE)], "will do 0, will be refused 1"),
    ],
)
def test_a_small_or_large_plan_reads_well(
    action: Action, offerings: list[Offering], sentence: str
) -> None:
    """Nothing is said of what there is none of, and thousands have their comma."""
    assert plan_of(action, offerings).sentence == sentence


def test_reasons_are_counted_most_frequent_first() -> None:
    """Within a verdict the commonest reason leads; will-do leads them all."""
    offerings = [
        offering(1, CalendarStatus.PUBLIC),
        offering(2),
        offering(3, CalendarStatus.NONE),
        offering(4, CalendarStatus.NONE),
        offering(5, CalendarStatus.PUBLIC),
    ]
    plan = plan_of(Action.SHARE, offerings, read_only=[offering(5).uuid])

    assert plan.reasons == [
        (WILL_DO, "This creates the calendar at Google and makes it public.", 2),
        (WILL_DO, "", 1),
        (POINTLESS, "The calendar is public already.", 1),
        (Verdict.NOT_YOURS, NOT_YOURS, 1),
    ]


def test_what_another_run_has_is_no_promise() -> None:
    """It would be left to that run; what is as wanted or not theirs is told as ever."""
    private, public, foreign = (
        Offering.model_validate(
            {"uuid": key * 32, "googlecalendar": {"backend_id": "t02", "public": key == "b"}}
        )
        for key in "abc"
    )

    plan = plan_of(
        Action.SHARE, [private, public, foreign], read_only=["c" * 32], claimed={"a" * 32, "b" * 32}
    )

    assert plan.steps[0].foreseen == Foreseen(Verdict.REFUSED, HAD_BY_ANOTHER)
    assert [step.foreseen.verdict for step in plan.steps[1:]] == [
        Verdict.POINTLESS,
        Verdict.NOT_YOURS,
    ]


def test_accounts_are_known_by_their_organisation() -> None:
    """Whichever way its uuid is written; what is not told is absent."""
    rows = [
        GoogleCredentials(uuid="1" * 32, customer_uuid="A" * 32, connected=True),
        GoogleCredentials(uuid="2" * 32, customer_uuid="b" * 32, connected=False),
        GoogleCredentials(uuid="3" * 32, customer_uuid="c" * 32, connected=None),
        GoogleCredentials(uuid="4" * 32, customer_uuid=None, connected=True),
    ]

    assert connected_by_customer(rows) == {"a" * 32: True, "b" * 32: False}


def test_no_two_names_that_become_public_are_alike() -> None:
    """With provider, with the state unless it is active, and with the uuid where these repeat."""
    hall = {"name": "Hall", "customer_name": "Lab", "state": "Active"}
    offerings = [
        Offering.model_validate({"uuid": letter * 32, **fields})
        for letter, fields in (
            ("a", hall),
            ("b", hall),
            ("c", hall | {"customer_name": "Centre"}),
            ("d", hall | {"state": "Draft"}),
            ("e", {"name": " "}),
        )
    ]

    assert named(offerings) == [
        f"Hall · Lab · {'a' * 32}",
        f"Hall · Lab · {'b' * 32}",
        "Hall · Centre",
        "Hall · Lab · Draft",
        "Unnamed offering",
    ]
