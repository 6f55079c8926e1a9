"""What needs a person's attention among the offerings they look after.

Each finding says what it is, why it matters, and leads to the view where it is dealt with. A
rule speaks only of offerings whose fields are loaded.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from bookings.calendars.actions import CalendarStatus, status_of
from bookings.partition_review import PartitionReview
from bookings.places import DOUBTFUL, Placement, judge
from bookings.plans.audit import PlanFinding
from bookings.portfolio import Snapshot
from bookings.slurm.audit import Severity
from bookings.slurm.limits import inside_a_sentence
from bookings.waldur.models import Offering

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. `path` and `query` name the view, `uuids` the offerings."""

    key: str
    title: str
    why: str
    severity: str
    """error, warning or info."""
    uuids: tuple[str, ...]
    path: str
    query: Pairs = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of finding. `applies` judges one offering by the columns of the list."""

    key: str
    title: str
    why: str
    severity: str
    applies: Callable[[Offering], bool]
    path: str
    query: Pairs = ()


def findings(
    snapshot: Snapshot, partitions: PartitionReview, plans: Sequence[PlanFinding]
) -> list[Finding]:
    """All findings, errors first; a kind without an offering is left out.

    `partitions` and `plans` are what is known of those that are loaded.
    """
    found = [*_of_partitions(partitions), *_of_plans(plans)]
    for rule in RULES:
        uuids = tuple(each.uuid for each in snapshot.offerings if rule.applies(each))
        if uuids:
            found.append(
                Finding(rule.key, rule.title, rule.why, rule.severity, uuids, rule.path, rule.query)
            )
    return sorted(found, key=lambda each: ("error", "warning", "info").index(each.severity))


def _of_partitions(partitions: PartitionReview) -> Iterator[Finding]:
    for severity, title in (
        (Severity.ERROR, "Partition limits are wrong"),
        (Severity.WARNING, "Partition limits to look at"),
    ):
        found = partitions.open(severity)
        if found:
            names = Counter(each.finding.rule.title for each in found)
            most = ", ".join(inside_a_sentence(name) for name, _ in names.most_common(3))
            count = len({each.place for each in found})
            noun = "partition" if count == 1 else "partitions"
            end = ", …" if len(names) > 3 else "."
            yield Finding(
                f"partitions.{severity}",
                title,
                f"{count:,} {noun}: {most}{end}",
                str(severity),
                tuple(dict.fromkeys(each.record.offering_uuid for each in found)),
                "partitions",
                (("worst", str(severity)), ("tab", "Findings")),
            )


def _of_plans(plans: Sequence[PlanFinding]) -> Iterator[Finding]:
    by_rule: dict[str, list[PlanFinding]] = {}
    for each in plans:
        by_rule.setdefault(each.rule.id, []).append(each)
    for id_, found in sorted(by_rule.items()):
        rule = found[0].rule
        plan_count = sum(each.plan is not None for each in found)
        noun = "plan" if plan_count == 1 else "plans"
        count = f"{plan_count:,} {noun}. " if plan_count else ""
        yield Finding(
            f"plans.{id_}",
            rule.title,
            count + rule.why,
            rule.severity,
            tuple(dict.fromkeys(each.offering.uuid for each in found)),
            "plans",
            (("rule", id_), ("tab", "Findings")),
        )


def _calendar_is(status: CalendarStatus) -> Callable[[Offering], bool]:
    return lambda offering: status_of(offering) is status


def _paused(offering: Offering) -> bool:
    return offering.state == "Paused"


def _no_place(offering: Offering) -> bool:
    return not judge(offering.latitude, offering.longitude, offering.country).usable


def _doubtful_place(offering: Offering) -> bool:
    return judge(offering.latitude, offering.longitude, offering.country).doubtful


def _placed(kinds: Collection[Placement]) -> Pairs:
    return tuple(("placement", each.value) for each in Placement if each in kinds)


RULES: tuple[Rule, ...] = (
    Rule(
        "without-id",
        "Calendar was created, but has no Google id",
        "The creation is still queued, or has failed at Google. Sync it again.",
        "warning",
        _calendar_is(CalendarStatus.WITHOUT_ID),
        "calendars",
        (("calendar", CalendarStatus.WITHOUT_ID.value),),
    ),
    Rule(
        "public",
        "Calendar is publicly visible",
        "Anyone on the web can read its events.",
        "warning",
        _calendar_is(CalendarStatus.PUBLIC),
        "calendars",
        (("calendar", CalendarStatus.PUBLIC.value),),
    ),
    Rule(
        "doubtful-place",
        "Place is doubtful",
        "Its coordinates lie outside the declared country, or look exchanged.",
        "warning",
        _doubtful_place,
        "map",
        _placed(DOUBTFUL),
    ),
    Rule(
        "paused",
        "Paused",
        "New bookings are stopped; the reason stands on its page, if one was given.",
        "info",
        _paused,
        "offerings",
        (("state", "Paused"),),
    ),
    Rule(
        "no-calendar",
        "No calendar yet",
        "The first sync creates it.",
        "info",
        _calendar_is(CalendarStatus.NONE),
        "calendars",
        (("calendar", CalendarStatus.NONE.value),),
    ),
    Rule(
        "no-place",
        "Not on the map",
        "Coordinates are missing or unusable.",
        "info",
        _no_place,
        "map",
        _placed(frozenset(Placement) - DOUBTFUL - {Placement.ON_MAP}),
    ),
)
