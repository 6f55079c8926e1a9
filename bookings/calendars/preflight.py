"""What would become of an action on many calendars, judged before anything is sent.

Judged from what was last read: the server decides. The reasons are those with which a Waldur
7.0.7 server was seen to refuse, in its order: credentials, busy, public or private already.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bookings.calendars.actions import Action, CalendarStatus, judge, status_of
from bookings.waldur.models import GoogleCredentials, Offering
from bookings.waldur.protocol import normal_uuid


class Verdict(StrEnum):
    """What is expected of one calendar, in the words of a plan."""

    WILL_DO = "will be done"
    POINTLESS = "nothing to do"
    """It is already as wanted."""
    REFUSED = "will be refused"
    NOT_YOURS = "not yours"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A verdict and one sentence: why, or a remark (may be "")."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One offering of a plan. `seen` is the sequence of the latest action that was on record."""

    offering: Offering
    foreseen: Foreseen
    seen: int = 0

    @property
    def status(self) -> CalendarStatus:
        """The calendar as it was last read."""
        return status_of(self.offering)


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
    in_flight: Action | None = None,
    claimed: bool = False,
) -> Foreseen:
    """What is expected of an action on a calendar in this status.

    `connected` tells whether the provider has Google credentials, None where that is not known.
    `in_flight` is the action that this calendar is being worked on by, `claimed` whether another
    run has it.
    """
    judgement = judge(action, status, read_only=read_only, in_flight=in_flight)
    if read_only:
        return Foreseen(Verdict.NOT_YOURS, judgement.reason)
    # Nothing is to be done whatever the server would say first, unless it is just being undone.
    if (action, status) in _POINTLESS and in_flight in {None, Action.SYNC, action}:
        return Foreseen(Verdict.POINTLESS, judge(action, status, read_only=False).reason)
    if claimed:
        return Foreseen(Verdict.REFUSED, HAD_BY_ANOTHER)
    if connected is False:
        return Foreseen(Verdict.REFUSED, _NO_ACCOUNT)
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
    in_flight: dict[str, Action] | None = None,
    seen: dict[str, int] | None = None,
    claimed: Iterable[str] = (),
) -> Plan:
    """A plan for these offerings, each once.

    `read_only` are uuids of offerings that the person may not act on; `connected` goes from the
    provider's (customer's) uuid to whether it has Google credentials; `in_flight` and `seen` go
    from an offering's uuid to the action that is under way and to the latest sequence on record;
    `claimed` are uuids of offerings that another run has.
    """
    not_theirs = frozenset(read_only)
    had = frozenset(claimed)
    steps = [
        Step(
            offering,
            foresee(
                action,
                status_of(offering),
                read_only=offering.uuid in not_theirs,
                connected=(connected or {}).get(offering.customer_uuid or ""),
                in_flight=(in_flight or {}).get(offering.uuid),
                claimed=offering.uuid in had,
            ),
            (seen or {}).get(offering.uuid, 0),
        )
        for offering in {each.uuid: each for each in offerings}.values()
    ]
    return Plan(action, steps)


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
    "plan_of",
]
