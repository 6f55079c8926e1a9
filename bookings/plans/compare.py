"""Plans side by side: a row for each fact and each component, aligned by component type."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from bookings.plans.billing import QUANTITY
from bookings.plans.prices import (
    ARITHMETIC,
    Headline,
    PriceLine,
    billing_words,
    exact,
    headline_of,
    is_offered,
    lines_of,
    money,
    most_used,
    period_words,
    places_left,
    spell_change,
    spell_discount,
    time_words,
    unit_words,
)
from bookings.waldur.models import Offering, Plan

__all__ = ["Row", "price_words", "side_by_side"]

NONE = "–"
"""What stands where a plan does not have a component, or no value for a fact."""
NOTHING = Decimal(0)


class Row(NamedTuple):
    """One fact of every plan; `cheapest` are the places of the lowest prices, if any can be told.

    Prices can be compared where all plans charge for the same thing in the same way. The lowest
    is one that no discount of another and no change of next month makes the dearer one.
    """

    label: str
    cells: tuple[str, ...]
    cheapest: frozenset[int] = frozenset()

    @property
    def differs(self) -> bool:
        """Whether the plans are not all the same in it."""
        return len(set(self.cells)) > 1


def side_by_side(
    plans: Sequence[tuple[Offering, Plan]], currency: str = "", locale: str = "en"
) -> list[Row]:
    """The rows of a comparison, facts of the plans first."""
    lines = [lines_of(plan, offering.components) for offering, plan in plans]
    heads = [
        headline_of(plan, of_plan, currency, locale)
        for (_, plan), of_plan in zip(plans, lines, strict=True)
    ]
    rows = [Row("Price", tuple(each.text for each in heads), _cheapest_head(heads, lines, plans))]
    for label, say in _facts(currency, locale).items():
        rows.append(Row(label, tuple(say(plan) or NONE for _, plan in plans)))
    by_type = [{line.type: line for line in of_plan} for of_plan in lines]
    for type_ in dict.fromkeys(line.type for of_plan in lines for line in of_plan):
        rows += _component([each.get(type_) for each in by_type], plans, currency, locale)
    return rows


def _facts(currency: str, locale: str) -> dict[str, Callable[[Plan], str]]:
    def amount(value: Decimal | None) -> str:
        return "" if value is None else money(value, currency, locale)

    return {
        "Unit": lambda plan: unit_words(plan.unit),
        "Unit price": lambda plan: amount(plan.unit_price),
        "Price at the start": lambda plan: amount(plan.init_price),
        "Price of a change": lambda plan: amount(plan.switch_price),
        "Least price with the start": lambda plan: amount(plan.minimal_price),
        "Open to bookings": lambda plan: "yes" if is_offered(plan) else "no",
        "Places left": lambda plan: "" if (left := places_left(plan)) is None else str(left),
        "Limited to": lambda plan: ", ".join(group.name for group in plan.organization_groups),
        "Article code": lambda plan: plan.article_code,
    }


def _component(
    lines: Sequence[PriceLine | None],
    plans: Sequence[tuple[Offering, Plan]],
    currency: str,
    locale: str,
) -> Iterator[Row]:
    """What a component costs, and a row for each of what else is set for it in some plan."""
    first = next(line for line in lines if line is not None)
    cells = tuple(
        NONE if line is None else _price(line, plan, currency, locale)
        for line, (_, plan) in zip(lines, plans, strict=True)
    )
    yield Row(first.name, cells, _cheapest_line(lines, plans))
    more: dict[str, Callable[[PriceLine], str]] = {
        "discount": spell_discount,
        "bounds": lambda line: ", ".join(_bounds(line)),
        "next month": lambda line: spell_change(line, currency, locale),
    }
    for word, say in more.items():
        said = ["" if line is None else say(line) for line in lines]
        if any(said):
            yield Row(f"{first.name}: {word}", tuple(each or NONE for each in said))


def _price(line: PriceLine, plan: Plan, currency: str, locale: str) -> str:
    if line.price is None:
        return "not priced"
    parts = [price_words(line, plan.unit, currency, locale), billing_words(line.billing_type)]
    if line.billing_type == "fixed" and line.covered != 1:
        parts.append(f"× {exact(line.covered)}")
    return ", ".join(part for part in parts if part)


def _bounds(line: PriceLine) -> Iterator[str]:
    """What may be ordered of a component, as its offering sets it."""
    component = line.component
    if component is None:
        return
    named = {
        "from": component.min_value,
        "up to": component.max_value,
        "default": component.default_limit,
    }
    said = " ".join(f"{word} {value}" for word, value in named.items() if value is not None)
    if said:
        yield said
    most = most_used(line)
    if most is not None:
        yield f"at most {most} {period_words(line.limit_period)}".strip()
    elif line.limit_period:
        yield period_words(line.limit_period)


def price_words(line: PriceLine, unit: str, currency: str = "", locale: str = "en") -> str:
    """A price and what it is per: "€0.012 / core-hours", "€3.50 / TB per month"; "" without one.

    `unit` is that of the plan.
    """
    if line.price is None:
        return ""
    text = money(line.price, currency, locale)
    if line.billing_type in ("one", "few"):
        return text
    if line.measured_unit:
        text = f"{text} / {line.measured_unit}"
    return f"{text} {time_words(line, unit)}".strip()


def _cheapest_head(
    heads: Sequence[Headline],
    lines: Sequence[Sequence[PriceLine]],
    plans: Sequence[tuple[Offering, Plan]],
) -> frozenset[int]:
    """Where all plans are fixed prices for the same time and the same things."""
    same = {(head.kind, head.unit) for head in heads}
    held = {
        frozenset((line.type, line.measured_unit, line.covered) for line in each if line.price)
        for each in lines
    }
    if len(same) != 1 or len(held) != 1 or heads[0].kind != "fixed":
        return frozenset()
    if plans[0][1].unit == QUANTITY or any(line.below_nothing for each in lines for line in each):
        return frozenset()
    today = [head.amount or NOTHING for head in heads]
    changes = [_change(head, each) for head, each in zip(heads, lines, strict=True)]
    return _lowest([today, [ARITHMETIC.add(*both) for both in zip(today, changes, strict=True)]])


def _change(head: Headline, lines: Sequence[PriceLine]) -> Decimal:
    """By how much the amount of a fixed price changes next month."""
    once = head.unit == "once"
    total = NOTHING
    for line in lines:
        if line.billing_type in (("one", "few") if once else ("fixed",)):
            difference = ARITHMETIC.subtract(_next(line), line.price or NOTHING)
            covered = Decimal(1) if once else line.covered
            total = ARITHMETIC.add(total, ARITHMETIC.multiply(difference, covered))
    return total


def _next(line: PriceLine) -> Decimal:
    """The price of the next month."""
    return line.future_price if line.future_price is not None else line.price or NOTHING


def _cheapest_line(
    lines: Sequence[PriceLine | None], plans: Sequence[tuple[Offering, Plan]]
) -> frozenset[int]:
    """Where the same is charged in the same way; fixed ones for the same amount."""
    ways = set()
    priced: list[PriceLine] = []
    for line, (_, plan) in zip(lines, plans, strict=True):
        if line is None or line.price is None or line.below_nothing or line.has_odd_rate:
            return frozenset()
        timed = line.billing_type in ("fixed", "limit")
        if timed and plan.unit == QUANTITY:
            return frozenset()
        ways.add(
            (
                line.billing_type,
                line.measured_unit,
                plan.unit if timed else "",
                line.limit_period if line.billing_type == "limit" else "",
                line.covered if line.billing_type == "fixed" else "",
            )
        )
        priced.append(line)
    # An amount of nothing costs the same at any price.
    if len(ways) != 1 or (priced[0].billing_type == "fixed" and not priced[0].covered):
        return frozenset()
    steps = {Decimal(line.discount_threshold or 0) for line in priced}
    return _lowest(
        [
            [ARITHMETIC.multiply(price(line), Decimal(100 - line.rate_at(at))) for line in priced]
            for at in {NOTHING, *steps}
            for price in (lambda line: line.price or NOTHING, _next)
        ]
    )


def _lowest(sides: Sequence[Sequence[Decimal]]) -> frozenset[int]:
    """The places of what is the lowest in each of several rows of prices; none where all are."""
    places = frozenset(range(len(sides[0])))
    lowest = places
    for prices in sides:
        least = min(prices)
        lowest &= {place for place, price in enumerate(prices) if price == least}
    return frozenset() if lowest == places else lowest
