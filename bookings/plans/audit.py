"""What is wrong with a price list, and what is about to change in it.

A plan that is archived and that no booking uses any more is left alone: nothing is charged by it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bookings.plans.prices import (
    PriceLine,
    change,
    drifted_sum,
    exact,
    headline_of,
    is_idle,
    is_offered,
    lines_of,
    named_in,
    spell_next_change,
    spell_percent,
)
from bookings.waldur.models import Offering, Plan

__all__ = ["RULES", "PlanFinding", "PlanRule", "audit_plans", "rule_of"]


@dataclass(frozen=True, slots=True)
class Case:
    """A plan with its offering and its lines, as a rule looks at it."""

    offering: Offering
    plan: Plan
    lines: list[PriceLine]
    most_percent: Decimal


@dataclass(frozen=True, slots=True)
class PlanRule:
    """A kind of finding. `judge` says what is found in a plan, or "" for nothing.

    A rule without it judges an offering as a whole.
    """

    id: str
    title: str
    why: str
    fix: str
    severity: str
    """error, warning or info."""
    judge: Callable[[Case], str] | None = None


@dataclass(frozen=True, slots=True)
class PlanFinding:
    """What a rule found. `plan` is None where it concerns the offering as a whole.

    `place` is the number of the plan among those of its offering.
    """

    rule: PlanRule
    offering: Offering
    plan: Plan | None
    message: str
    place: int | None = None


def audit_plans(offerings: Iterable[Offering], most_percent: Decimal) -> list[PlanFinding]:
    """All findings, in the order of the offerings; `most_percent` is how much a price may change.

    Offerings whose plans are not loaded are not judged.
    """
    return [
        finding
        for offering in offerings
        if "plans" in offering.model_fields_set
        for finding in _of_offering(offering, most_percent)
    ]


def rule_of(id_: str) -> PlanRule:
    """The rule of this id; raises KeyError for one that is none."""
    return _BY_ID[id_]


def _of_offering(offering: Offering, most_percent: Decimal) -> Iterator[PlanFinding]:
    closed = _closed(offering)
    if closed:
        yield PlanFinding(NO_OPEN_PLAN, offering, None, closed)
    for place, plan in enumerate(offering.plans):
        if is_idle(plan):
            continue
        case = Case(offering, plan, lines_of(plan, offering.components), most_percent)
        for rule in RULES:
            message = rule.judge(case) if rule.judge else ""
            if message:
                yield PlanFinding(rule, offering, plan, message, place)


def _closed(offering: Offering) -> str:
    """Why nobody can book an active offering for want of a plan."""
    if offering.state != "Active" or any(is_offered(plan) for plan in offering.plans):
        return ""
    if not offering.plans:
        return "it has no plan"
    if all(plan.archived for plan in offering.plans):
        return "it has only archived plans"
    return "every plan is archived, switched off or used up"


def _not_priced(case: Case) -> str:
    """No price at all, or none for a component that the plan itself names."""
    if not is_offered(case.plan) and not case.plan.resources_count:
        return ""
    whole = headline_of(case.plan, case.lines).kind == "not priced"
    named = named_in(case.plan)
    missing = [
        line.name for line in case.lines if line.price is None and (whole or line.type in named)
    ]
    if missing:
        return f"no price for {_names(missing)}"
    return "no price is recorded" if whole else ""


def _half_changed(case: Case) -> str:
    changing = [line.name for line in case.lines if line.changes]
    left = [line.name for line in case.lines if line.price and line.future_price is None]
    if not changing or not left:
        return ""
    return f"{_names(changing)} will change, but nothing is set for {_names(left)}"


def _large_change(case: Case) -> str:
    found = []
    for line in case.lines:
        if not line.changes or line.price is None or line.future_price is None:
            continue
        percent = change(line.price, line.future_price)[1]
        if percent is None:
            found.append(f"{line.name} from 0 to {exact(line.future_price)}")
        elif abs(percent) > case.most_percent:
            found.append(f"{line.name} by {spell_percent(percent)}")
    return ", ".join(found)


def _other_sum(case: Case) -> str:
    parts = drifted_sum(case.plan, case.lines)
    if parts is None:
        return ""
    return f"unit price {exact(case.plan.unit_price)}, fixed parts {exact(parts)}"


def _odd_discount(case: Case) -> str:
    found = []
    for line in case.lines:
        if line.has_odd_rate:
            found.append(f"{line.name}: {line.discount_rate} % is no discount")
        elif line.discount_rate and line.discount_threshold is None:
            found.append(f"{line.name}: {line.discount_rate} % from no quantity")
        elif line.discount_threshold is not None and not line.discount_rate:
            found.append(f"{line.name}: nothing off from {line.discount_threshold}")
        elif line.discount_rate and line.billing_type and not line.by_quantity:
            found.append(f"{line.name}: {line.discount_rate} % off what has no quantity")
    return ", ".join(found)


def _below_nothing(case: Case) -> str:
    return ", ".join(
        f"{line.name}: {exact(price)}{when}"
        for line in case.lines
        for price, when in ((line.price, ""), (line.future_price, " from next month"))
        if price is not None and price < 0
    )


def _used_up(case: Case) -> str:
    taken, most = case.plan.resources_count, case.plan.max_amount
    if case.plan.archived or most is None or taken is None or taken < most:
        return ""
    return f"{taken:,} of {most:,} places are taken"


def _changes(case: Case) -> str:
    return spell_next_change(case.lines)


def _names(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


NO_OPEN_PLAN = PlanRule(
    "P01",
    "Active, but without an open plan",
    "Nobody can book it.",
    "Open a plan, add one, or pause the offering.",
    "error",
)
RULES: tuple[PlanRule, ...] = (
    NO_OPEN_PLAN,
    PlanRule(
        "P02",
        "Plan without a price",
        "What it costs is not said, and its bookings are charged nothing for what has no price.",
        "Set a price for each component; set 0 where it is meant to be free.",
        "error",
        _not_priced,
    ),
    PlanRule(
        "P03",
        "Only some prices change next month",
        "Components without a future price keep today's. Where the whole list was to change, "
        "some were forgotten.",
        "Set the future price of the others, or leave them where they are meant to stay.",
        "warning",
        _half_changed,
    ),
    PlanRule(
        "P04",
        "Price changes by more than is usual",
        "A slip of the decimal point looks like this, and customers will ask.",
        "Check the future price; correct it before the first of the month.",
        "warning",
        _large_change,
    ),
    PlanRule(
        "P05",
        "Unit price differs from its parts",
        "The server shows and estimates with the unit price, but invoices the components.",
        "Save the plan's prices anew, which works the sum out again.",
        "warning",
        _other_sum,
    ),
    PlanRule(
        "P06",
        "Discount that never applies, or is none",
        "A rate without a threshold, or a threshold without a rate, takes nothing off; nor does "
        "one of a component that is not charged by use or by limit. A rate above 100 % pays the "
        "customer, one below 0 % charges more.",
        "Set both, or neither, and a rate from 0 to 100 %.",
        "warning",
        _odd_discount,
    ),
    PlanRule(
        "P07",
        "All places are taken",
        "New bookings cannot take the plan until one of its bookings ends.",
        "Raise its maximum, or offer another plan.",
        "info",
        _used_up,
    ),
    PlanRule(
        "P08",
        "Prices change next month",
        "The new price counts from the first day of the month.",
        "Nothing, if it is meant; customers may want to know.",
        "info",
        _changes,
    ),
    PlanRule(
        "P09",
        "Price below 0",
        "It pays the customer, and would make the plan the cheapest of all.",
        "Correct the price; give a discount or a credit instead.",
        "error",
        _below_nothing,
    ),
)
"""In the order in which they are shown."""
_BY_ID: Mapping[str, PlanRule] = {rule.id: rule for rule in RULES}
