"""What would become of an action on many calendars, judged before anything is sent.

Judged from what was last read and what is on record since: the server decides. The reasons are
those with which a Waldur 7.0.7 server was seen to refuse, in its order: credentials, busy, public
or private already.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bookings.calendars.actions import Action, CalendarStatus, judge, status_of
from bookings.calendars.on_record import NOTHING_TOLD, OnRecord, Told
from bookings.waldur.models import GoogleCredentials, Offering
from bookings.waldur.protocol import normal_uuid


class Verdict(StrEnum):
    """What is expected of one calendar, in the words of a plan."""

    WILL_DO = "will be done"
    POINTLESS = "nothing to do"
    """It is already as wanted."""
    REFUSED = "will be refused"
    CHANGED = "changed since"
    """Somebody acted on it after the plan was made, or after it was read: it is not sent."""
    NOT_YOURS = "not yours"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A verdict and one sentence: why, or a remark (may be "")."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One offering of a plan. `seen` is the sequence of the latest action that was on record.

    `since` is the calendar's status where the record knows a newer one than the offering has.
    """

    offering: Offering
    foreseen: Foreseen
    seen: int = 0
    since: CalendarStatus | None = None

    @property
    def status(self) -> CalendarStatus:
        """The calendar as far as it is known."""
        return self.since or status_of(self.offering)


_POINTLESS = frozenset({
    (Action.SHARE, CalendarStatus.PUBLIC),
    (Action.UNSHARE, CalendarStatus.PRIVATE),
    (Action.UNSHARE, CalendarStatus.WITHOUT_ID),
})  # fmt: skip
HAD_BY_ANOTHER = "Another run has this calendar."
_NO_ACCOUNT = "The provider has no Google account connected in Waldur."


def foresee(
    action: Action,
    status: CalendarStatus,
    *,
    read_only: bool = False,
    connected: bool | None = None,
    claimed: bool = False,
    told: Told = NOTHING_TOLD,
) -> Foreseen:
    """What is expected of an action on a calendar that had this status when it was read.

    `connected` tells whether the provider has Google credentials, None where that is not known.
    `told` is what is on record of the calendar, `claimed` whether another run has it.
    """
    status = told.status or status
    judgement = judge(action, status, read_only=read_only, in_flight=told.in_flight)
    if read_only:
        return Foreseen(Verdict.NOT_YOURS, judgement.reason)
    # Nothing is to be done whatever the server would say first, unless it is just being undone.
    if (action, status) in _POINTLESS and told.in_flight in {None, Action.SYNC, action}:
        reason = judge(action, status, read_only=False).reason
        known = f"{reason.removesuffix('.')}: {told.how}." if told.how else reason
        return Foreseen(Verdict.POINTLESS, known)
    # A sync does not depend on whether the calendar is public.
    changed = told.changed or ("" if action is Action.SYNC else told.unread)
    if changed:
        return Foreseen(Verdict.CHANGED, changed)
    if claimed:
        return Foreseen(Verdict.REFUSED, HAD_BY_ANOTHER)
    if connected is False:
        return Foreseen(Verdict.REFUSED, _NO_ACCOUNT)
    if told.in_flight is not None and told.accepted:
        works = f"“{told.in_flight.label}” was accepted {told.accepted}; the server works on it."
        return Foreseen(Verdict.REFUSED, works)
    verdict = Verdict.WILL_DO if judgement.allowed else Verdict.REFUSED
    return Foreseen(verdict, judgement.reason)


@dataclass(frozen=True, slots=True)
class Plan:
    """An action on many calendars, with what is expected of each."""

    action: Action
    steps: Sequence[Step]

    def of(self, *verdicts: Verdict) -> list[Step]:
        """The steps with one of these verdicts, in order."""
        return [step for step in self.steps if step.foreseen.verdict in verdicts]

    @property
    def sentence(self) -> str:
        """The plan in one line: "will do 7, skip 3 (already public), will be refused 2"."""
        parts = [f"will do {len(self.of(Verdict.WILL_DO)):,}"]
        skipped = self.of(Verdict.POINTLESS)
        if skipped:
            parts.append(f"skip {len(skipped):,} ({_already(self.action)})")
        refused = self.of(Verdict.REFUSED)
        if refused:
            parts.append(f"will be refused {len(refused):,}")
        changed = self.of(Verdict.CHANGED)
        if changed:
            parts.append(f"changed since {len(changed):,}")
        others = self.of(Verdict.NOT_YOURS)
        if others:
            parts.append(f"not yours {len(others):,}")
        return ", ".join(parts)

    @property
    def reasons(self) -> list[tuple[Verdict, str, int]]:
        """Each verdict with each of its reasons and how often it occurs, will-do first."""
        counted = Counter((step.foreseen.verdict, step.foreseen.reason) for step in self.steps)
        order = list(Verdict)
        ranked = sorted(counted.items(), key=lambda each: (order.index(each[0][0]), -each[1]))
        return [(verdict, reason, count) for (verdict, reason), count in ranked]


def _already(action: Action) -> str:
    return "already public" if action is Action.SHARE else "already private"


def plan_of(
    action: Action,
    offerings: Iterable[Offering],
    *,
    read_only: Iterable[str] = (),
    connected: dict[str, bool] | None = None,
    record: OnRecord | None = None,
    claimed: Iterable[str] = (),
) -> Plan:
    """A plan for these offerings, each once.

    `read_only` are uuids of offerings that the person may not act on; `connected` goes from the
    provider's (customer's) uuid to whether it has Google credentials; `record` is what the
    journal has of the calendars, and `claimed` are uuids of offerings that another run has.
    """
    not_theirs = frozenset(read_only)
    had = frozenset(claimed)
    steps = []
    for offering in {each.uuid: each for each in offerings}.values():
        status = status_of(offering)
        told = NOTHING_TOLD if record is None else record.of(offering.uuid, status)
        foreseen = foresee(
            action,
            status,
            read_only=offering.uuid in not_theirs,
            connected=(connected or {}).get(offering.customer_uuid or ""),
            claimed=offering.uuid in had,
            told=told,
        )
        steps.append(Step(offering, foreseen, told.seen, told.status))
    return Plan(action, steps)


def named(offerings: Sequence[Offering]) -> list[str]:
    """A line for each, no two alike: with the provider, and the uuid where these repeat.

    One that is not active says so: who made it a draft may not think of its calendar.
    """
    lines = []
    for each in offerings:
        name = each.name.strip() or "Unnamed offering"
        state = each.state if each.state and each.state != "Active" else ""
        lines.append(" · ".join(filter(None, (name, (each.customer_name or "").strip(), state))))
    often = Counter(lines)
    return [
        f"{line} · {each.uuid}" if often[line] > 1 else line
        for line, each in zip(lines, offerings, strict=True)
    ]


def connected_by_customer(accounts: Iterable[GoogleCredentials]) -> dict[str, bool]:
    """Organisation (32 hex digits) -> whether a Google account is connected; absent: not told."""
    return {
        customer: each.connected
        for each in accounts
        if each.connected is not None and (customer := normal_uuid(each.customer_uuid))
    }


__all__ = [
    "HAD_BY_ANOTHER",
    "Foreseen",
    "Plan",
    "Step",
    "Verdict",
    "connected_by_customer",
    "foresee",
    "named",
    "plan_of",
]
